"""A plan's changes as a JSON Patch (RFC 6902), on the paths that Microsoft publishes and on no other.

https://learn.microsoft.com/partner-center/developer/patch-a-referral
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.wire import to_wire
from lambdas.shared.errors import Problem, Rejected

PUBLISHED = frozenset(
    {
        "campaignId",
        "consent.consentToShareReferralWithMicrosoftSellers",
        "customerProfile.team",
        "details.closingDateTime",
        "details.currency",
        "details.dealValue",
        "details.notes",
        "details.requirements.solutions",
        "externalReferenceId",
        "referralProgram",
        "salesStage",
        "status",
        "statusReason",
        "team",
    }
)
"""``substatus`` is published too, but never moves alone: it is part of the value at ``status``."""


def to_operations(
    changes: Mapping[str, Any], document: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The operations for ``changes`` (``{dotted path: canonical value}``, None clears) on ``document``.

    The value at ``status`` is a standing, ``Closed/Won``, and becomes two operations. ``names`` are solution names by
    id, for solutions that the referral does not have yet.

    Raises:
        Rejected: a path is not published, or the referral cannot become what is asked; one problem for each.
    """
    problems = [_unpublished(path) for path in sorted(changes) if path not in PUBLISHED]
    if "status" in changes and not status.may_become(document, str(changes["status"])):
        problems.append(_impossible(str(changes["status"]), document))
    if problems:
        raise Rejected("The change cannot be sent to Microsoft as a patch.", problems)
    operations = []
    for path in sorted(changes):
        if path == "status":
            operations += standing_operations(changes[path])
        else:
            operations.append(_replace(path, to_wire(path, changes[path], document, names)))
    return operations


def standing_operations(standing: str) -> list[dict[str, Any]]:
    """Status and substatus, together. ``ValueError`` for a standing that may not be written."""
    new, substatus = status.split(standing)
    return [_replace("status", new), _replace("substatus", substatus)]


def _replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": f"/{path.replace('.', '/')}", "value": value}


def _unpublished(path: str) -> Problem:
    if path == "substatus":
        return Problem(path, "The substatus is changed together with the status only.")
    message = f"Microsoft publishes no way to change {path!r} of a referral after it was created."
    return Problem(path, message, allowed=tuple(sorted(PUBLISHED)))


def _impossible(standing: str, document: Mapping[str, Any]) -> Problem:
    possible = tuple(each for each in status.WRITABLE if status.may_become(document, each))
    message = f"A referral that is {status.standing_of(document)} cannot become {standing[:40]!r}."
    return Problem("status", message, "deal", "dealstage", possible)
