"""What a referral's fields take when a partner writes them (fact sheet 2 and 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.microsoft.errors import invalid
from sandbox.microsoft.facts import ENUMS, FACTS
from sandbox.microsoft.switches import Switches
from sandbox.microsoft.times import is_utc

Json = dict[str, Any]
Check = Callable[[Any, str, Switches], Any]


def _text(value: Any, path: str, switches: Switches) -> Any:
    if value is not None and not isinstance(value, str):
        raise invalid(path, "must be a string", "2")
    if path == "details/notes" and switches.notes_limit is not None and len(value or "") > switches.notes_limit:
        raise invalid(path, f"takes {switches.notes_limit} characters", "11")
    return value


def _flag(value: Any, path: str, _switches: Switches) -> Any:
    if not isinstance(value, bool):
        raise invalid(path, "must be true or false", "2")
    return value


def _anything(value: Any, _path: str, _switches: Switches) -> Any:
    return value


def _number(value: Any, path: str, switches: Switches) -> Any:
    if isinstance(value, str) and switches.text_deal_value_accepted and re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise invalid(path, "must be a number, not below zero", "5")
    return value


def _datetime(value: Any, path: str, _switches: Switches) -> Any:
    if not is_utc(value):
        raise invalid(path, "must be a UTC datetime such as 2030-06-30T00:00:00Z", "2")
    return value


def _currency(value: Any, path: str, _switches: Switches) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise invalid(path, "must be an ISO 4217 code", "2")
    return value


def _country(value: Any, path: str, switches: Switches) -> Any:
    wanted = r"[A-Z]{2,3}" if switches.three_letter_countries else r"[A-Z]{2}"
    if not isinstance(value, str) or not re.fullmatch(wanted, value):
        raise invalid(path, "must be an ISO country code", "2")
    return value


def _one_of(name: str, sheet: str = "2", *, nullable: bool = False) -> Check:
    allowed = ENUMS[name]

    def check(value: Any, path: str, _switches: Switches) -> Any:
        if value not in allowed and not (nullable and value is None):
            raise invalid(path, f"must be one of: {', '.join(allowed)}", sheet)
        return value

    return check


def _record(members: Mapping[str, Check]) -> Check:
    def check(value: Any, path: str, switches: Switches) -> Any:
        if not isinstance(value, dict):
            raise invalid(path, "must be an object", "2")
        kept: Json = {}
        for name, member in value.items():
            inner = f"{path}/{name}" if path else name
            if name in members:
                kept[name] = members[name](member, inner, switches)
            elif switches.unknown_fields == "refused":
                raise invalid(inner, "is no field that a partner writes", "2")
        return kept

    return check


def _rows(row: Check) -> Check:
    def check(value: Any, path: str, switches: Switches) -> Any:
        if not isinstance(value, list):
            raise invalid(path, "must be an array", "2")
        return [row(one, f"{path}/{number}", switches) for number, one in enumerate(value)]

    return check


_PREFERENCE = _record({"locale": _text, "disableNotifications": _anything})
MEMBER = _record(
    {
        **dict.fromkeys(("firstName", "lastName", "phoneNumber", "email", "title"), _text),
        "contactPreference": _PREFERENCE,
    }
)
TEAM = _rows(MEMBER)
_SOLUTION = _record(
    {
        **dict.fromkeys(("id", "name", "currency", "publisherName", "solutionType", "closingDateTime"), _text),
        "type": _one_of("solution_type"),
        "price": _anything,
        "quantity": _anything,
    }
)
SOLUTIONS = _rows(_SOLUTION)
_ADDRESS = _record(
    {
        **dict.fromkeys(("addressLine1", "addressLine2", "city", "state", "postalCode", "region"), _text),
        "country": _country,
    }
)
_PROFILE = _record(
    {
        "name": _text,
        "address": _ADDRESS,
        "size": _one_of("size"),
        "team": TEAM,
        "ids": _rows(_record({"profileType": _one_of("profile_type"), "id": _text})),
    }
)
_ID = {"id": _text}
_REQUIREMENTS = _record(
    {
        "industries": _rows(_record({"id": _one_of("industry")})),
        "services": _rows(_record({"id": _one_of("service")})),
        "products": _rows(_record(_ID)),
        "solutions": SOLUTIONS,
        "offers": _rows(_anything),
        "salesPlays": _rows(_anything),
        "additionalRequirements": _record(
            {"iot": _anything, "attributes": _rows(_record({"type": _text, "id": _text}))}
        ),
    }
)
_DETAILS = _record(
    {
        "notes": _text,
        "dealValue": _number,
        "currency": _currency,
        "closingDateTime": _datetime,
        "customerRequestedContact": _anything,
        "customerAction": _text,
        "incentiveLevel": _text,
        "requirements": _REQUIREMENTS,
    }
)
_CONSENTS = (
    "consentToToShareInfoWithOthers",
    "consentToContact",
    "consentToShareReferralWithMicrosoftSellers",
    "consentToMicrosoftToContactSpecificPartners",
)
_INVITED_BY = _record({"organizationId": _text, "organizationName": _text})
_REFERRAL = _record(
    {
        **dict.fromkeys(
            ("name", "externalReferenceId", "engagementId", "campaignId", "mpnId", "referralProgram", "statusReason"),
            _text,
        ),
        "type": _one_of("type"),
        "qualification": _one_of("qualification"),
        "status": _one_of("status", "3"),
        "substatus": _text,
        "salesStage": _one_of("sales_stage", nullable=True),
        "customerProfile": _PROFILE,
        "consent": _record(dict.fromkeys(_CONSENTS, _flag)),
        "details": _DETAILS,
        "team": TEAM,
        "target": _rows(_record({"type": _one_of("target_type"), "id": _text})),
        "inviteContext": _record(
            {
                "notes": _text,
                "invitedMpnId": _text,
                "assistanceRequestCode": _one_of("assistance"),
                "invitedBy": _INVITED_BY,
            }
        ),
    }
)

# what each published path of a PATCH takes (fact sheet 5)
PATCH_VALUES: dict[str, Check] = {
    **dict.fromkeys(
        ("/campaignId", "/externalReferenceId", "/referralProgram", "/statusReason", "/substatus", "/name"), _text
    ),
    "/consent/consentToShareReferralWithMicrosoftSellers": _flag,
    "/customerProfile/team": TEAM,
    "/customerProfile/team/-": MEMBER,
    "/details/closingDateTime": _datetime,
    "/details/currency": _currency,
    "/details/dealValue": _number,
    "/details/notes": _text,
    "/details/requirements/solutions": SOLUTIONS,
    "/details/requirements/solutions/-": _SOLUTION,
    "/salesStage": _one_of("sales_stage", nullable=True),
    "/status": _one_of("status", "3"),
    "/team": TEAM,
    "/team/-": MEMBER,
}


def look_up(document: Any, path: str) -> Any:
    """The value at ``a/b/c``, or None."""
    for name in path.split("/"):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def check_written(body: Any, switches: Switches) -> Json:
    """A body of POST or PUT, checked, without what is dropped. Raises ``VendorError`` (400)."""
    if not isinstance(body, dict):
        raise invalid("body", "must be a referral object", "4")
    given = dict(body)
    if "links" in given:
        raise invalid("links", "must not be sent back", "2")
    if switches.unknown_fields == "dropped":
        given = {name: value for name, value in given.items() if name not in FACTS["read_only"]}
    required = FACTS["create_required"] + (["name"] if switches.name_required else [])
    if switches.sample_minimum_required:
        required = required + FACTS["create_minimum"]
    for path in required:
        value = look_up(given, path)
        if value is None or (value in ("", [], {}) and path != "target"):
            raise invalid(path, "is required", "4")
    return _REFERRAL(given, "", switches)
