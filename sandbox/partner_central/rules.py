"""Business rules that hold at every create and update (fact sheet 2.1 to 2.4, 2.6, 2.8).

All functions are pure: a document (nested request form) in, ``Problem`` entries out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.partner_central import spend
from sandbox.partner_central.errors import (
    BAD_ENUM,
    BAD_FORMAT,
    BAD_VALUE,
    NOT_PERMITTED,
    OUT_OF_RANGE,
    REQUIRED,
    Problem,
)
from sandbox.partner_central.fields import ACCOUNT, ADDRESS, FIELDS, get
from sandbox.partner_central.switches import Switches
from sandbox.partner_central.values import MARKETING_USE_CASES, STATES, use_cases

_DOMAIN = re.compile(r"(https?://)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}([/:?#]\S*)?", re.IGNORECASE)
_YEARS_AHEAD = 60
MARKETING_COMPANIONS = ("CampaignName", "UseCases", "Channels")


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules must know besides the document."""

    today: date
    switches: Switches
    catalog: str
    updating: bool
    duration_given: bool = False
    has_solution: bool = False
    submitted: bool = False


def problems(document: dict[str, Any], situation: Situation) -> list[Problem]:
    """Everything that is wrong with a document that is to be stored."""
    return [
        *_required(document),
        *_account(document),
        *_project(document, situation),
        *spend.problems(document, situation.switches, duration_given=situation.duration_given),
        *_marketing(document, situation),
        *_dates(document, situation.today),
        *_stage(document, situation),
    ]


def is_national_security(document: dict[str, Any]) -> bool:
    """Whether NationalSecurity is Yes."""
    return get(document, "NationalSecurity") == "Yes"


def missing(path: str, why: str, sheet: str = "2.1") -> Problem:
    """A REQUIRED_FIELD_MISSING entry."""
    return Problem(path, REQUIRED, f"{path} is required {why}", sheet)


def _required(document: dict[str, Any]) -> Iterator[Problem]:
    for field in FIELDS:
        if not field.create or get(document, field.path) is not None:
            continue
        if field.path.endswith("WebsiteUrl") and is_national_security(document):
            continue
        yield missing(field.path, "(column C)")


def _account(document: dict[str, Any]) -> Iterator[Problem]:
    industry = get(document, f"{ACCOUNT}.Industry")
    if industry == "Other" and get(document, f"{ACCOUNT}.OtherIndustry") is None:
        yield missing(f"{ACCOUNT}.OtherIndustry", "when Industry is Other")
    if is_national_security(document) and industry != "Government":
        yield Problem(f"{ACCOUNT}.Industry", BAD_VALUE, "NationalSecurity Yes needs Industry Government", "2.1")
    website = get(document, f"{ACCOUNT}.WebsiteUrl")
    if website is not None and _DOMAIN.fullmatch(website) is None:
        yield Problem(f"{ACCOUNT}.WebsiteUrl", BAD_FORMAT, "WebsiteUrl must be a domain, scheme optional", "2.1")
    if get(document, f"{ADDRESS}.CountryCode") == "US" and not is_national_security(document):
        yield from _us_state(get(document, f"{ADDRESS}.StateOrRegion"))


def _us_state(state: str | None) -> Iterator[Problem]:
    if state is None:
        yield missing(f"{ADDRESS}.StateOrRegion", "when CountryCode is US", "2.4")
    elif state not in STATES:
        text = "StateOrRegion must be the full English name of a US state or one of the listed territories"
        yield Problem(f"{ADDRESS}.StateOrRegion", BAD_ENUM, text, "2.4")


def _project(document: dict[str, Any], situation: Situation) -> Iterator[Problem]:
    competitor = get(document, "Project.CompetitorName")
    if competitor == "*Other" and get(document, "Project.OtherCompetitorNames") is None:
        yield missing("Project.OtherCompetitorNames", "when CompetitorName is *Other")
    use_case = get(document, "Project.CustomerUseCase")
    allowed = use_cases(situation.switches.use_case_slash_spaced)
    if use_case is not None and use_case not in allowed:
        text = f"CustomerUseCase must be one of: {'; '.join(sorted(allowed))}"
        yield Problem("Project.CustomerUseCase", BAD_ENUM, text, "2.3")


def _marketing(document: dict[str, Any], situation: Situation) -> Iterator[Problem]:
    source = get(document, "Marketing.Source")
    if source == "Marketing Activity" and get(document, "Marketing.AwsFundingUsed") is None:
        yield missing("Marketing.AwsFundingUsed", "when Source is Marketing Activity")
    companions = MARKETING_COMPANIONS
    if situation.switches.funding_refused_without_marketing:
        companions = (*companions, "AwsFundingUsed")
    for name in companions:
        if source == "None" and get(document, f"Marketing.{name}") is not None:
            yield Problem(f"Marketing.{name}", BAD_VALUE, f"{name} must be absent when Source is None", "2.1")
    for value in get(document, "Marketing.UseCases") or []:
        if value not in MARKETING_USE_CASES:
            text = f"UseCases takes: {'; '.join(sorted(MARKETING_USE_CASES))}"
            yield Problem("Marketing.UseCases", BAD_ENUM, text, "2.2")
    needed = situation.switches.sandbox_needs_marketing_source and situation.catalog == "Sandbox"
    if situation.updating and needed and source is None:
        yield missing("Marketing.Source", "by updates in Sandbox", "6 no. 3")


def _dates(document: dict[str, Any], today: date) -> Iterator[Problem]:
    for path in ("SoftwareRevenue.EffectiveDate", "SoftwareRevenue.ExpirationDate", "LifeCycle.TargetCloseDate"):
        text = get(document, path)
        if text is None:
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            yield Problem(path, BAD_FORMAT, f"{path} is no day of the calendar", "2.1")
            continue
        if path == "LifeCycle.TargetCloseDate":
            yield from _close_date(path, day, today)


def _close_date(path: str, day: date, today: date) -> Iterator[Problem]:
    if day < today:
        yield Problem(path, OUT_OF_RANGE, "TargetCloseDate must not lie in the past", "2.1")
    elif day.year > today.year + _YEARS_AHEAD:
        yield Problem(path, OUT_OF_RANGE, f"TargetCloseDate may lie at most {_YEARS_AHEAD} years ahead", "2.1")


def _stage(document: dict[str, Any], situation: Situation) -> Iterator[Problem]:
    stage = get(document, "LifeCycle.Stage")
    if stage is None and situation.updating:
        yield missing("LifeCycle.Stage", "by every update")
    if stage == "Closed Lost":
        yield from _closed_lost(document, situation)
    if stage in ("Committed", "Launched") and not situation.has_solution:
        text = f"{stage} needs an associated solution or Marketplace product"
        yield Problem("LifeCycle.Stage", BAD_VALUE, text, "2.8")
    if stage == "Launched":
        yield from _launched(document, situation.switches)


def _closed_lost(document: dict[str, Any], situation: Situation) -> Iterator[Problem]:
    if get(document, "LifeCycle.ClosedLostReason") is None:
        yield missing("LifeCycle.ClosedLostReason", "with Stage Closed Lost, in the same request", "2.8")
    if situation.switches.closing_before_submission_refused and not situation.submitted:
        text = "an opportunity cannot be closed before it is submitted"
        yield Problem("LifeCycle.Stage", NOT_PERMITTED, text, "2.8")


def _launched(document: dict[str, Any], switches: Switches) -> Iterator[Problem]:
    if switches.partner_kind == "Services" and get(document, f"{ACCOUNT}.AwsAccountId") is None:
        yield missing(f"{ACCOUNT}.AwsAccountId", "at Launched for services partners")
    if switches.special_programme and get(document, "SoftwareRevenue") is None:
        yield missing("SoftwareRevenue", "at Launched for special programmes")
