"""Which fields a partner may change, by review status and stage (fact sheet 2.7)."""

from __future__ import annotations

from typing import Any

from sandbox.partner_central.errors import BAD_STATE, NOT_PERMITTED, Problem
from sandbox.partner_central.fields import FIELDS, NEEDS, SPEND, SPEND_KIND, Field, differing
from sandbox.partner_central.submission import co_sell_needs
from sandbox.partner_central.switches import Switches

_SHEET = "2.7"
_EVERYTHING = frozenset(field.path for field in FIELDS)
_NOTHING: frozenset[str] = frozenset()
_LAUNCHED = frozenset({"Project.AdditionalComments"})
_LAUNCHED_ISV = frozenset({"Project.DeliveryModels", "OpportunityType", "Project.RelatedOpportunityIdentifier"})


def editable(review_status: str, stage: str | None, switches: Switches) -> frozenset[str]:
    """Paths of the field table that may change; ``PrimaryNeedsFromAws`` has a rule of its own once Approved."""
    if review_status in ("Submitted", "In review", "Rejected"):
        return _NOTHING
    if stage == "Launched" and switches.launched_locks:
        extra = _LAUNCHED_ISV if switches.partner_kind == "ISV" else _NOTHING
        return _LAUNCHED | extra | ({"SoftwareRevenue"} if switches.special_programme else _NOTHING)
    if review_status == "Action Required":
        return frozenset(field.path for field in FIELDS if field.action_required)
    if review_status == "Approved":
        return frozenset(field.path for field in FIELDS if _open_when_approved(field, switches))
    return _EVERYTHING


def problems(
    stored: dict[str, Any], wanted: dict[str, Any], review_status: str, switches: Switches
) -> tuple[list[Problem], frozenset[str]]:
    """Refusals for locked fields that would change, and the set of locked paths.

    No other rule speaks of a locked path: the partner could not put it right.
    """
    stage = stored.get("LifeCycle", {}).get("Stage")
    locked = _EVERYTHING - editable(review_status, stage, switches)
    if review_status == "Approved" and not co_sell_needs(stored) and co_sell_needs(wanted):
        locked -= {NEEDS}  # For Visibility Only -> Co-Sell is the one way that is open
    changed = sorted(locked & differing(stored, wanted))
    at_stage = f", Stage {stage}" if stage == "Launched" else ""
    code = BAD_STATE if review_status in ("Submitted", "In review", "Rejected") else NOT_PERMITTED
    found = [
        Problem(path, code, f"{what} is locked while ReviewStatus is {review_status}{at_stage}", _SHEET)
        for path, what in map(_on_the_wire, changed)
    ]
    return found, locked


def _on_the_wire(path: str) -> tuple[str, str]:
    """FieldName's path and the words for it."""
    if path == SPEND_KIND:
        return SPEND, f"CurrencyCode, Frequency or TargetCompany of {SPEND}"
    return path, path


def _open_when_approved(field: Field, switches: Switches) -> bool:
    if field.approved == "unverified":
        return not switches.unverified_fields_locked
    return field.approved == "yes" or field.approved in {"D", "X"} - {switches.approved_locks}
