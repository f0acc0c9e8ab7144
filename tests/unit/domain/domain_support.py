"""Documents and settings for the domain tests; nothing here is patched, only built."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import config
from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.opportunity import to_create_body, to_update_body
from lambdas.aws.domain.partner import plan_run
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.planner import FieldPlan, Window, plan_fields
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context

NOW = 1_790_000_000_000  # 2026-09-21
SEEN = NOW - 100_000
MODIFIED = NOW - 50_000
WINDOW = Window(SEEN, MODIFIED)


@cache
def _settings(stage: str) -> dict[str, Any]:
    return config.render_settings(config.load(), stage)


@cache
def _written(stage: str) -> str:
    return json.dumps(_settings(stage))


def settings(stage: str = "sandbox", **aws: Any) -> dict[str, Any]:
    """A document of its own, read from its text: much cheaper than a deep copy, which the laws' examples would feel."""
    document = json.loads(_written(stage))
    document["partners"]["aws"].update(aws)
    return document


def context(**aws: Any) -> Context:
    document = _settings("sandbox")
    return Context(NOW, {**document["partners"]["aws"], **aws}, document["hubspot"])


@cache
def rules(strategy: str | None = None) -> tuple[FieldRule, ...]:
    aws = _settings("sandbox")["partners"]["aws"]
    return parse_rules({**aws, **({"conflict_strategy": strategy} if strategy else {})})


def rule(name: str) -> FieldRule:
    return next(each for each in rules() if each.name == name)


def deal(
    company: dict[str, Any] | None = None, contacts: list[dict[str, Any]] | None = None, **properties: Any
) -> dict[str, Any]:
    return {
        "id": "500",
        "properties": {
            "dealname": "BigCorp Cloud Migration #AWS",
            "description": "They move forty workloads off their own data center.",
            "dealstage": "qualifiedtobuy",
            "pipeline": "default",
            "amount": "120000",
            "deal_currency_code": "USD",
            "aws_contract_months": "12",
            "closedate": "2027-03-31T10:00:00Z",
            **properties,
        },
        "history": {},
        "company": {
            "id": "1",
            "properties": {
                "name": "BigCorp",
                "domain": "bigcorp.example.com",
                "industry": "COMPUTER_SOFTWARE",
                "country": "United States",
                "state": "WA",
                "zip": "98101",
                **(company or {}),
            },
        },
        "contacts": contacts
        if contacts is not None
        else [{"id": "2", "properties": {"email": "ann@bigcorp.example.com"}}],
        "archived": False,
        "updated_at": NOW,
    }


def opportunity(values: dict[str, Any], **members: Any) -> dict[str, Any]:
    """GetOpportunity's answer after a create with ``values``."""
    body = to_create_body(values)
    body.update({"Id": "O1", "Catalog": "Sandbox", "LastModifiedDate": "2026-09-21T15:05:50.000Z"})
    body.setdefault("LifeCycle", {})["ReviewStatus"] = "Pending Submission"
    body.update(members)
    return body


def moved(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The opportunity after AWS changed ``{path with __ for .: value}``."""
    return applied(document, {path.replace("__", "."): value for path, value in changes.items()})


def applied(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The opportunity after UpdateOpportunity with ``changes``; what AWS keeps stays."""
    body = to_update_body(document, changes)
    kept = {name: document[name] for name in ("Id", "RelatedEntityIdentifiers", "Origin") if name in document}
    review = {name: value for name, value in document["LifeCycle"].items() if name.startswith("Review")}
    body.pop("Identifier")
    body["LifeCycle"] = {**body.get("LifeCycle", {}), **review}
    return {**body, **kept}


def compare(
    deal_document: dict[str, Any],
    opportunity_document: dict[str, Any] | None,
    base: dict[str, Any],
    *,
    strategy: str | None = None,
    locked: frozenset[str] = frozenset(),
    window: Window = WINDOW,
    **aws: Any,
) -> FieldPlan:
    return plan_fields(
        deal_document,
        opportunity_document,
        base,
        rules(strategy),
        codecs=CODECS,
        locked=locked,
        window=window,
        context=context(**aws),
    )


def tied(**properties: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A deal, its opportunity and their base, in sync."""
    document = deal(**properties)
    plan = compare(document, None, {})
    assert not plan.problems, plan.problems
    return document, opportunity(plan.opportunity), plan.base


def history(document: dict[str, Any], name: str, at: int, source: str = "CRM_UI", source_id: str = "userId:1") -> None:
    entry = {"value": document["properties"].get(name), "timestamp": at, "source_type": source, "source_id": source_id}
    document["history"].setdefault(name, []).insert(0, entry)


def link(**attributes: Any) -> Link:
    return Link(**{"partner": "aws", "link_id": "d500", "origin": "deal", "deal_id": "500", **attributes})


def run(
    deal_document: dict[str, Any] | None,
    opportunity_document: dict[str, Any] | None = None,
    base: dict[str, Any] | None = None,
    *,
    of: Link | None = None,
    deal_answer: dict[str, Any] | None = None,
    opportunity_answer: dict[str, Any] | None = None,
    open_creates: Sequence[dict[str, Any]] = (),
    document: dict[str, Any] | None = None,
    holder: Link | None = None,
    leader: Link | None = None,
) -> Plan:
    of = of or link(opportunity_id="O1" if opportunity_document else None)
    situation = Situation(
        of,
        deal_answer or {"deal": "current" if deal_document else "none", "deal_id": of.deal_id},
        deal_document,
        opportunity_answer or {"opportunity": "current" if opportunity_document else "none"},
        opportunity_document,
        {"fields": base, "deal_seen_at": SEEN, "opportunity_seen_at": SEEN} if base is not None else None,
        open_creates,
        holder,
        leader,
    )
    return plan_run(situation, document or settings(), NOW)
