"""Shapes of a referral: what we keep of Microsoft's answer, and the body that makes one.

https://learn.microsoft.com/partner-center/developer/create-a-referral
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.wire import to_wire
from lambdas.shared.errors import Problem, Rejected

DEAL_KINDS: Mapping[str, tuple[str, bool]] = {
    "private": ("Independent", False),
    "partner-led": ("Independent", True),
    "co-sell": ("Shared", True),
}
"""Kind of deal -> type of the referral, and whether Microsoft's sellers may see it."""

KIND = "type"
SHARE = "consent.consentToShareReferralWithMicrosoftSellers"
CONSENTS = ("consent.consentToToShareInfoWithOthers", "consent.consentToContact", SHARE)
"""The flags that a create states. The doubled "To" is the API's own spelling."""

ASSISTANCE = "inviteContext.assistanceRequestCode"
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_NOT_KEPT = frozenset({"@odata.context", "links"})


def to_document(answer: Mapping[str, Any], etag: str | None = None) -> dict[str, Any]:
    """The referral document: the answer without empty members and links, its id in lower case.

    ``etag`` (the header's) stands in where the answer names none.
    """
    document = without_stubs({name: value for name, value in answer.items() if name not in _NOT_KEPT})
    if etag and "eTag" not in document:
        document["eTag"] = etag
    if "id" in document:
        document["id"] = str(document["id"]).lower()
    return document


def to_create_body(
    values: Mapping[str, Any],
    deal_id: str,
    *,
    names: Mapping[str, str] | None = None,
    send_status: bool = False,
) -> dict[str, Any]:
    """Body for POST from ``{dotted path: canonical value}`` (all fields of the plan) and the deal's id.

    The value at ``type`` is the deal kind. ``send_status`` also states status and substatus: whether Microsoft takes
    them from a partner is not verified, so what its answer says counts in either case.

    Raises:
        Rejected: the deal kind or a consent flag was not set by a person, or they contradict each other.
    """
    problems = sharing_problems(values)
    if problems:
        raise Rejected("The deal does not say what may be shared with Microsoft.", problems)
    body: dict[str, Any] = {}
    for path, value in values.items():
        if path not in (KIND, "status", "substatus") and value is not None:
            _put(body, path, to_wire(path, value, names=names))
    body = without_stubs(body)
    body.update(
        externalReferenceId=deal_id, type=DEAL_KINDS[values[KIND]][0], qualification="SalesQualified", target=[]
    )
    if send_status and values.get("status"):
        body["status"], body["substatus"] = status.split(values["status"])
    return body


def sharing_problems(values: Mapping[str, Any]) -> list[Problem]:
    """What a person has still to say about sharing, from ``{dotted path: canonical value}``."""
    problems = [
        Problem(path, f"Somebody has to say yes or no to {path.split('.')[1]!r}.", allowed=("true", "false"))
        for path in CONSENTS
        if not isinstance(values.get(path), bool)
    ]
    kind = str(values.get(KIND))
    if kind not in DEAL_KINDS:
        problems.append(Problem(KIND, "Somebody has to choose the kind of the deal.", allowed=tuple(DEAL_KINDS)))
    elif not problems:
        problems += contradictions(kind, values[SHARE], values.get(ASSISTANCE))
    return problems


def contradictions(kind: str, share: Any, assistance: Any) -> list[Problem]:
    """What does not go together: the deal's kind, the consent for Microsoft's sellers, the help asked."""
    found = []
    if share is not DEAL_KINDS[kind][1]:
        wanted = "true" if DEAL_KINDS[kind][1] else "false"
        message = (
            f"A {kind} deal needs the answer {wanted!r} to sharing it with Microsoft's sellers, and has the other."
        )
        found.append(Problem(SHARE, message, allowed=(wanted,)))
    if kind == "co-sell" and not assistance:
        found.append(Problem(ASSISTANCE, "A co-sell deal has to say which help it asks of Microsoft."))
    if kind != "co-sell" and assistance:
        found.append(Problem(ASSISTANCE, f"A {kind} deal asks no help of Microsoft; please empty it."))
    return found


def is_incoming(document: Mapping[str, Any]) -> bool:
    """Whether somebody else sent it to us: by its direction, else by who invited."""
    if document.get("direction"):
        return document["direction"] == "Incoming"
    inviter = ((document.get("inviteContext") or {}).get("invitedBy") or {}).get("organizationId")
    return inviter is not None and inviter != document.get("organizationId")


def without_stubs(value: Any) -> Any:
    """The same, deeply, without empty members."""
    if isinstance(value, Mapping):
        kept = {name: without_stubs(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if not _is_empty(member)}
    if isinstance(value, list):
        return [member for member in map(without_stubs, value) if not _is_empty(member)]
    return value


def stamp(text: Any) -> str:
    """A UTC time as text that sorts: always seven decimals, as Microsoft's finest. ``ValueError`` for no time."""
    moment = _moment(text)
    found = re.search(r"\.(\d+)", str(text))
    fraction = found[1][:7] if found else ""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{fraction:0<7}Z"


def epoch_ms(text: Any) -> int | None:
    """Epoch milliseconds of one of Microsoft's times, None for nothing. ``ValueError`` for no time."""
    return None if not text else int(_moment(text).timestamp() * 1000)


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_empty(member: Any) -> bool:
    return any(member is each or (type(member) is type(each) and member == each) for each in _EMPTY)


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *between, name = path.split(".")
    holder = body
    for step in between:
        holder = holder.setdefault(step, {})
    holder[name] = copy.deepcopy(value)
