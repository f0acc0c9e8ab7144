"""Shapes of an opportunity: what we keep of AWS's answer, and what we send back.

An update replaces the whole record: what is left out becomes null at AWS. So a body is always built from the record as
it is, with the changes merged in. https://docs.aws.amazon.com/partner-central/latest/APIReference/API_UpdateOpportunity.html
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from lambdas.aws.domain.paths import set_path

_NOT_IN_AN_UPDATE = ("Id", "Arn", "CreatedDate", "OpportunityTeam", "RelatedEntityIdentifiers", "Origin", "Tags")
_KEPT_BY_AWS = ("ReviewStatus", "ReviewComments", "ReviewStatusReason", "NextStepsHistory")
_OWN_REVIEW = ("ReviewStatus", "ReviewComments", "ReviewStatusReason")
_MARKETING_COMPANIONS = ("CampaignName", "UseCases", "Channels", "AwsFundingUsed")
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def to_document(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The opportunity document of ``docs/architecture.md``, from an answer of the SDK.

    Entities are decoded, times become ISO 8601 text of the same precision, and what says nothing is left out: null and
    empty members, and spend rows with neither amount nor estimate.
    """
    return without_stubs(readable(answer))


def readable(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the SDK as plain data: entities decoded, times as ISO 8601 text; empty members stay."""
    return _readable({name: value for name, value in answer.items() if name != "ResponseMetadata"})


def to_create_body(values: Mapping[str, Any]) -> dict[str, Any]:
    """Body for CreateOpportunity from ``{path: value}`` (all fields of the plan), without catalog and token."""
    body: dict[str, Any] = {"Origin": "Partner Referral"}
    _merge(body, values)
    return _with_marketing(without_stubs(body))


def to_update_body(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Body for UpdateOpportunity: the whole ``document`` with ``changes`` (``{path: value}``) merged in.

    A value of None takes the member away. Members that UpdateOpportunity does not know, and those that AWS keeps, are
    left out; in the Sandbox catalog a review can be played by changing ``LifeCycle.ReviewStatus`` and its companions.
    ``LastModifiedDate`` is the document's: AWS answers Conflict when the record has moved on since.
    """
    body = copy.deepcopy({name: value for name, value in document.items() if name not in _NOT_IN_AN_UPDATE})
    body["Identifier"] = document["Id"]
    _drop(body, _KEPT_BY_AWS)
    _merge(body, changes)
    if document.get("Catalog") != "Sandbox":
        _drop(body, _OWN_REVIEW)
    body["LastModifiedDate"] = document["LastModifiedDate"]
    return _with_marketing(without_stubs(body))


def without_stubs(value: Any) -> Any:
    """The same, deeply, without empty members, and without spend rows that hold neither amount nor estimate."""
    if isinstance(value, Mapping):
        kept = {name: without_stubs(member) for name, member in value.items()}
        if "ExpectedCustomerSpend" in kept:
            kept["ExpectedCustomerSpend"] = [row for row in kept["ExpectedCustomerSpend"] or [] if _says_spend(row)]
        return {name: member for name, member in kept.items() if member not in _EMPTY}
    if isinstance(value, list):
        return [member for member in map(without_stubs, value) if member not in _EMPTY]
    return value


def iso_text(moment: datetime) -> str:
    """UTC text with as many decimals as the time has: none, milliseconds or microseconds."""
    utc = moment.astimezone(UTC)
    decimals = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return utc.isoformat(timespec=decimals if utc.microsecond else "seconds").replace("+00:00", "Z")


def decoded(text: str) -> str:
    """Text as a person typed it: AWS's answers may spell ``:`` as ``&amp;colon;`` and ``&`` as ``&amp;``."""
    return text.replace("&amp;colon;", ":").replace("&amp;", "&")


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return decoded(value)
    if isinstance(value, Mapping):
        return {name: _readable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_readable(member) for member in value]
    if isinstance(value, datetime):
        return iso_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _merge(body: dict[str, Any], values: Mapping[str, Any]) -> None:
    # Shallow paths first, so that a whole list or structure is there before a part of it is set.
    for path in sorted(values, key=lambda path: path.count(".")):
        set_path(body, path, copy.deepcopy(values[path]))


def _drop(body: dict[str, Any], names: tuple[str, ...]) -> None:
    life_cycle = body.get("LifeCycle")
    if life_cycle:
        body["LifeCycle"] = {name: value for name, value in life_cycle.items() if name not in names}


def _with_marketing(body: dict[str, Any]) -> dict[str, Any]:
    """AWS wants a marketing source, and refuses its companions where the source is None."""
    marketing = {"Source": "None", **body.get("Marketing", {})}
    if marketing["Source"] == "None":
        marketing = {name: value for name, value in marketing.items() if name not in _MARKETING_COMPANIONS}
    return {**body, "Marketing": marketing}


def _says_spend(row: Any) -> bool:
    return isinstance(row, Mapping) and bool(row.get("Amount") or row.get("EstimationUrl"))
