"""What must hold before an opportunity goes into AWS's review: everything that is wrong, at once. Pure.

AWS itself says it one refused task at a time, and names fields in its own words. Rules: the API reference and AWS's
spreadsheet of fields ("Required for Submission"); where they are not published, the settings' ``submission`` chooses.
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_StartEngagementFromOpportunityTask.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lambdas.aws.domain.company_codecs import postal_fault
from lambdas.aws.domain.involvement import CO_SELL, FULL, LIMITED, NEEDS_PATH, VISIBILITY_ONLY, co_sell_needs, wanted
from lambdas.aws.domain.paths import fold_path
from lambdas.shared.domain import paths, refusals
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.origins import is_withheld
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Problem

_ACCOUNT, _ADDRESS = "Customer.Account", "Customer.Account.Address"
_WEBSITE, _POSTAL, _STATE = f"{_ACCOUNT}.WebsiteUrl", f"{_ADDRESS}.PostalCode", f"{_ADDRESS}.StateOrRegion"
_CLOSE_DATE, _PARENT = "LifeCycle.TargetCloseDate", "Project.RelatedOpportunityIdentifier"
REQUIRED = (
    f"{_ACCOUNT}.CompanyName",
    f"{_ACCOUNT}.Industry",
    _WEBSITE,
    f"{_ADDRESS}.CountryCode",
    "Project.Title",
    "Project.CustomerBusinessProblem",
    "Project.CustomerUseCase",
    "Project.DeliveryModels",
    "Project.SalesActivities",
    "Project.ExpectedCustomerSpend",
    "LifeCycle.Stage",
    _CLOSE_DATE,
)
"""Paths that AWS wants at submission of every opportunity; the rest of the rules are conditional."""

_SOLUTION_KINDS = ("Solutions", "AwsMarketplaceSolutions", "AwsMarketplaceProducts")
_OF_ANOTHER = (
    "came from another partner, which is not passed on, and AWS wants it for its review: write it anew, or say on the "
    "deal that it may go to all."
)
_NO_RULE = " The field map of the settings has no field for it: have one added."


def preflight(
    deal: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    rules: Sequence[FieldRule],
    codecs: Mapping[str, Codec],
    entities: Iterable[str],
    context: Context,
) -> list[Problem]:
    """Why AWS would not take this opportunity into its review; each problem names a HubSpot object and property.

    Args:
        deal: the deal document; it says the involvement and visibility wanted.
        after: the opportunity document as it will be once what is planned has been written.
        rules, codecs: the field map.
        entities: those that are about to be associated, beside the ones that ``after`` has.
        context: time and settings.
    """
    check = _Check(deal, after, rules, codecs, context)
    found = [*check.empty(), *check.wrong(), *_solution(after, entities, context), *check.involved()]
    return list({(one.object, one.property or one.field): one for one in reversed(found)}.values())[::-1]


def counts_as_solution(entity: str) -> bool:
    """Whether an entity (``S-1234567``, else its kind before a colon) makes an opportunity fit for submission."""
    return ":" not in entity or entity.split(":", 1)[0] in _SOLUTION_KINDS


@dataclass(frozen=True, slots=True)
class _Check:
    deal: Mapping[str, Any]
    after: Mapping[str, Any]
    rules: Sequence[FieldRule]
    codecs: Mapping[str, Codec]
    context: Context

    def empty(self) -> Iterator[Problem]:
        """What AWS or the field map requires and the opportunity will not have."""
        for path in dict.fromkeys((*REQUIRED, *self._by_rule(), *self._by_kind())):
            if path != _POSTAL and paths.get(self.after, path) in (None, "", [], {}):
                if path in (_WEBSITE, _STATE) and self._national_security:
                    continue
                yield self._of(
                    path, _OF_ANOTHER if self._withheld(path) else "is empty, and AWS wants it for its review."
                )

    def wrong(self) -> Iterator[Problem]:
        """What has a value that stops the review."""
        fault = postal_fault(self._text(f"{_ADDRESS}.CountryCode"), self._text(_POSTAL), self.context)
        if fault:
            yield self._of(_POSTAL, f"{fault}.")
        day, today = self._text(_CLOSE_DATE), self.context.today
        if day and not today <= date.fromisoformat(day) <= date(today.year + 60, 12, 31):
            where = "lies in the past" if date.fromisoformat(day) < today else "lies more than 60 years ahead"
            yield self._of(_CLOSE_DATE, f"{where}; AWS takes a date from today on.")
        if self._national_security and self._text(f"{_ACCOUNT}.Industry") != "Government":
            message = "must stand for Government, because NationalSecurity is Yes."
            yield replace(self._of(f"{_ACCOUNT}.Industry", message), allowed=("Government",))

    def involved(self) -> Iterator[Problem]:
        """Involvement and visibility, among themselves and with the needs."""
        choice, unknown = wanted(self.deal, self.context)
        yield from unknown
        if any(one.field == "involvement_wanted" for one in unknown):
            return
        names, needs = self.context.partner["status_properties"], co_sell_needs(self.after)
        said, named = names["involvement_wanted"], self._of(NEEDS_PATH, "").property or NEEDS_PATH
        if choice.involvement == CO_SELL and not needs:
            text = (
                f"is empty, and the deal is to be submitted as Co-Sell ({said!r}). Name at least one Co-Sell need, or "
                f"choose {VISIBILITY_ONLY} in {said!r}."
            )
            yield self._of(NEEDS_PATH, text)
        if choice.involvement == VISIBILITY_ONLY and needs:
            message = (
                f"The deal is to be submitted {VISIBILITY_ONLY} ({said!r}), but {named!r} names what is needed from "
                f"AWS. Empty {named!r}, or choose {CO_SELL} in {said!r}."
            )
            yield Problem("involvement_wanted", message, "deal", said, (CO_SELL,))
        yield from self._visible(choice.involvement, choice.visibility)

    def _visible(self, involvement: str, visibility: str) -> Iterator[Problem]:
        names = self.context.partner["status_properties"]
        said, seen = names["involvement_wanted"], names["visibility_wanted"]
        if visibility == LIMITED and not self.context.partner["submission"]["limited_visibility"]:
            message = (
                f"The deal property {seen!r} (if it is empty: the settings) says {LIMITED}, which AWS takes from "
                f"accounts only that it has let. Choose {FULL}; if yours is one, have limited_visibility set."
            )
            yield Problem("visibility_wanted", message, "deal", seen, (FULL,))
        elif visibility != FULL and self._national_security:
            message = f"NationalSecurity is Yes, so {seen!r} must be {FULL}."
            yield Problem("visibility_wanted", message, "deal", seen, (FULL,))
        if involvement != CO_SELL and self._national_security:
            message = f"NationalSecurity is Yes, so {said!r} must be {CO_SELL}, with the needs that go with it."
            yield Problem("involvement_wanted", message, "deal", said, (CO_SELL,))

    def _by_rule(self) -> Iterator[str]:
        values = {
            rule.name: self.codecs[rule.codec].read_partner(self.after, rule, self.context) for rule in self.rules
        }
        for rule in self.rules:
            muted = rule.only_when is not None and not rule.only_when.holds(values.get(rule.only_when.field))
            forced = rule.required_when is not None and rule.required_when.holds(values.get(rule.required_when.field))
            in_a_row = "[" in rule.path  # another row of the spend does as well: that there is one is asked of the list
            if (forced or (rule.required != "never" and not muted)) and not in_a_row:
                yield rule.path

    def _by_kind(self) -> Iterator[str]:
        """What AWS wants of some opportunities, whether or not a rule of the field map says so."""
        if self._text(f"{_ADDRESS}.CountryCode") == "US":
            yield _STATE
        if self._text("OpportunityType") == "Flat Renewal":
            yield _PARENT
        co_sell = wanted(self.deal, self.context)[0].involvement == CO_SELL
        if co_sell and self.context.partner["submission"]["co_sell_contacts"]:
            yield from ("Customer.Contacts", "LifeCycle.NextSteps")

    def _withheld(self, path: str) -> bool:
        """The deal has it, but from another partner, and so it does not go to AWS."""
        return any(is_withheld(self.deal, rule, self.context) for rule in self.rules if rule.path == path)

    @property
    def _national_security(self) -> bool:
        return self._text("NationalSecurity") == "Yes"

    def _text(self, path: str) -> str | None:
        value = paths.get(self.after, path)
        return None if value is None else str(value)

    def _of(self, path: str, says: str) -> Problem:
        """A problem of the HubSpot property behind a path, or of the path itself when no rule writes it."""
        (found,) = refusals.explained([Problem(path, f"{path} {says}")], self.rules, fold_path, lambda _: True)
        return found if found.property is not None else replace(found, message=found.message + _NO_RULE)


def _solution(after: Mapping[str, Any], entities: Iterable[str], context: Context) -> Iterator[Problem]:
    related = after.get("RelatedEntityIdentifiers") or {}
    if any(related.get(kind) for kind in _SOLUTION_KINDS) or any(map(counts_as_solution, entities)):
        return
    described = paths.get(after, "Project.OtherSolutionDescription") is not None
    if described and context.partner["submission"]["other_solution"]:
        return
    name = context.partner["status_properties"]["solution_ids"]
    message = (
        f"AWS reviews no opportunity without a solution or Marketplace product. Name one in the deal property {name!r}."
    )
    yield Problem("solution_ids", message, "deal", name)
