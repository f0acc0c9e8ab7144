"""Settings, documents and a scripted Partner Center for the Microsoft room's tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from lambdas.microsoft.adapters.referrals import Referrals
from lambdas.microsoft.domain.partner import plan_run
from lambdas.microsoft.domain.referral import to_create_body
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context
from sandbox.fakes.clock import FakeClock

NOW = 1_790_000_000_000  # 2026-09-21
REFERRAL = "11111111-1111-4111-8111-111111111111"
SHARE = "consent.consentToShareReferralWithMicrosoftSellers"
SALES_STAGES = ["Qualify", "Develop", "Propose", "Close"]


def _field(name: str, path: str, codec: str, *properties: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "path": path, "codec": codec, "properties": list(properties), **more}


def _company(name: str, path: str, codec: str, *properties: str, **more: Any) -> dict[str, Any]:
    return _field(name, path, codec, *properties, object="company", direction="to_partner", **more)


FIELDS = [
    _field("title", "name", "title", "dealname", required="create"),
    _field("notes", "details.notes", "plain_text", "description", required="create"),
    _field("stage", "status", "standing", "dealstage", "pipeline", required="create"),
    _field("sales_stage", "salesStage", "sales_stage", direction="to_partner", options={"allowed": SALES_STAGES}),
    _field("closing_time", "details.closingDateTime", "closing_time", "closedate", required="create"),
    _field("deal_value", "details.dealValue", "money", "amount", required="create", together_with="currency"),
    _field("currency", "details.currency", "currency", "deal_currency_code", required="create"),
    _field("deal_kind", "type", "deal_kind", "microsoft_deal_kind", direction="to_partner", required="create"),
    _field(
        "assistance",
        "inviteContext.assistanceRequestCode",
        "choice",
        "microsoft_assistance",
        direction="to_partner",
        options={"allowed": ["GeneralOrOther", "ProofOfConceptOrDemo"]},
    ),
    _field("share_sellers", SHARE, "consent", "microsoft_share_sellers", direction="to_partner", required="create"),
    _field(
        "share_others",
        "consent.consentToToShareInfoWithOthers",
        "consent",
        "microsoft_share_others",
        direction="to_partner",
        required="create",
    ),
    _field(
        "may_contact",
        "consent.consentToContact",
        "consent",
        "microsoft_may_contact",
        direction="to_partner",
        required="create",
    ),
    _field(
        "solutions",
        "details.requirements.solutions",
        "solutions",
        "microsoft_solution_ids",
        direction="to_partner",
        required="create",
    ),
    _company("company_name", "customerProfile.name", "plain_text", "name", required="create"),
    _company("size", "customerProfile.size", "size", "numberofemployees", required="create"),
    _company("country", "customerProfile.address.country", "country", "country", required="create"),
    _company("city", "customerProfile.address.city", "plain_text", "city"),
    _company(
        "industries",
        "details.requirements.industries",
        "industries",
        "industry",
        options={"table": "industries", "allowed": ["Education", "Financial Services"]},
    ),
    _field(
        "contacts",
        "customerProfile.team",
        "contacts",
        "email",
        object="contact",
        direction="to_partner",
        required="create",
    ),
    _field("seller", "team", "seller", "hubspot_owner_id", direction="to_partner", required="create"),
]
SETTINGS: dict[str, Any] = {
    "label": "Microsoft",
    "tag": "#Microsoft",
    "all_tags": ["#AWS", "#Microsoft", "#GCP"],
    "solutions": ["SOL-00000-AAA"],
    "inbound": {"opportunities": "invited", "pipeline": "default", "stage": "review"},
    "stage_map": {
        "default": {
            "review": "New/Pending",
            "qualified": "Active/Accepted",
            "proposal": "Active/Accepted",
            "closedwon": "Closed/Won",
            "closedlost": "Closed/Lost",
        }
    },
    "stage_accepts": {"default": {"closedlost": ["Closed/Declined", "Closed/Expired"]}},
    "inbound_stage_map": {"default": {"Active/Accepted": "qualified", "Closed/Lost": "closedlost"}},
    "closed_stages": {"default": ["closedwon", "closedlost"]},
    "sales_stage_map": {"default": {"qualified": "Qualify", "proposal": "Propose"}},
    "status_properties": {
        "opportunity_id": "microsoft_referral_id",
        "opportunity_title": "microsoft_referral_name",
        "sync_status": "microsoft_sync_status",
        "sync_message": "microsoft_sync_message",
        "review_status": "microsoft_status",
        "review_substatus": "microsoft_substatus",
        "solution_ids": "microsoft_solution_ids",
        "acceptance": "microsoft_acceptance",
        "last_sync": "microsoft_last_sync",
        "company_key": "cosell_company_key",
    },
    "tables": {
        "countries": {"United States": "US", "Germany": "DE"},
        "industries": {"BANKING": "Financial Services"},
    },
    "fields": FIELDS,
}


def settings(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SETTINGS), **changes}


def context(now_ms: int = NOW, **changes: Any) -> Context:
    return Context(now_ms, settings(**changes), {"company_currency": "EUR"})


def deal(company: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "id": "500",
        "properties": {
            "dealname": "BigCorp Migration #AWS #Microsoft",
            "description": "They move their data center.",
            "dealstage": "qualified",
            "pipeline": "default",
            "amount": "50000",
            "deal_currency_code": "EUR",
            "closedate": "2027-06-30T10:00:00Z",
            "microsoft_deal_kind": "private",
            "microsoft_share_sellers": "false",
            "microsoft_share_others": "true",
            "microsoft_may_contact": "true",
            **properties,
        },
        "history": {},
        "company": {
            "id": "1",
            "properties": {
                "name": "BigCorp",
                "numberofemployees": "120",
                "country": "Germany",
                "city": "Berlin",
                "industry": "BANKING",
                **(company or {}),
            },
        },
        "contacts": [{"id": "2", "properties": {"email": "Ann@bigcorp.example", "firstname": "Ann"}}],
        "owner": {"email": "pat@partner.example", "firstName": "Pat", "lastName": "Seller"},
        "archived": False,
        "updated_at": NOW,
    }


def run(
    of_deal: dict[str, Any] | None,
    referral: dict[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
    now_ms: int = NOW,
    time_zone: str | None = None,
    **changes: Any,
) -> Plan:
    link = Link(
        partner="microsoft",
        link_id="d500",
        origin="deal" if of_deal else "opportunity",
        deal_id="500" if of_deal else None,
        opportunity_id=REFERRAL if referral else None,
    )
    now = Situation(
        link,
        {"deal": "current" if of_deal else "none"},
        of_deal,
        {"opportunity": "current" if referral else "none"},
        referral,
        {"fields": base, "opportunity_seen_at": NOW - 1000} if base is not None else None,
    )
    hubspot = {"company_currency": "EUR", "time_zone": time_zone}
    return plan_run(now, {"partners": {"microsoft": settings(**changes)}, "hubspot": hubspot}, now_ms)


def tied(**properties: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A deal, the referral that Microsoft made of it, and their base."""
    document = deal(**properties)
    plan = run(document)
    assert not plan.problems, plan.problems
    referral = {
        **to_create_body(plan.opportunity, "500"),
        "id": REFERRAL,
        "eTag": '"1"',
        "direction": "Outgoing",
        "status": "Active",
        "substatus": "Accepted",
        "updatedDateTime": "2026-09-21T10:00:00.1234567Z",
    }
    return document, referral, dict(plan.base)


def incoming(**members: Any) -> dict[str, Any]:
    return {
        "id": REFERRAL,
        "eTag": '"1"',
        "name": "From Microsoft",
        "direction": "Incoming",
        "status": "New",
        "substatus": "Pending",
        "externalReferenceId": "77",
        "createdDateTime": "2026-09-20T00:00:00Z",
        "updatedDateTime": "2026-09-20T00:00:00Z",
        "customerProfile": {
            "name": "BigCorp",
            "address": {"country": "DE"},
            "team": [{"email": "Ann@bigcorp.example", "firstName": "Ann"}, {"firstName": "Nobody"}],
        },
        **members,
    }


class Request:
    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> None:
        parts = urlsplit(url)
        self.method, self.url, self.path, self.query = method, url, parts.path, unquote(parts.query)
        self.headers = dict(headers)
        self.body: Any = None if body is None else json.loads(body)


class PartnerCenterScript:
    """Answers requests in the order of ``say``; an exception among the answers is raised."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.clock = FakeClock(NOW)
        self._answers: list[Any] = []
        self._ids = count(1)

    def say(self, body: Any = None, status: int = 200, **headers: str) -> PartnerCenterScript:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self._answers.append(
            (status, {name.replace("_", "-").title(): each for name, each in headers.items()}, content)
        )
        return self

    def fail(self, error: Exception) -> PartnerCenterScript:
        self._answers.append(error)
        return self

    def refuse(self, status: int, code: str, **headers: str) -> PartnerCenterScript:
        error = {"code": code, "message": "Jane Roe <jane@example.com> is wrong", "target": "details.dealValue"}
        return self.say({"error": error}, status, **headers)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        self.requests.append(Request(method, url, headers, body))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def token(self, fresh: bool) -> str:
        return "fresh" if fresh else "cached"

    def referrals(self, base_url: str = "https://api.partner.microsoft.com", **options: Any) -> Referrals:
        new_id = options.pop("new_id", lambda: f"call-{next(self._ids)}")
        return Referrals(self.token, base_url, self.send, self.clock, new_id=new_id, **options)


def row(number: int, moment: str, **members: Any) -> dict[str, Any]:
    return {
        "id": f"{number:08d}-0000-4000-8000-000000000000",
        "updatedDateTime": moment,
        "createdDateTime": moment,
        "direction": "Outgoing",
        **members,
    }
