"""DRAFT -> SUBMITTED -> ACCEPTED or REJECTED: who may set what, when (fact sheet 3, Lifecycle)."""

from __future__ import annotations

from sandbox.google.call import Call
from sandbox.google.enums import CLOSED
from sandbox.google.schema import Document, covers, get
from sandbox.google.state import Opportunity

CLIENT_STATES = ("DRAFT", "SUBMITTED")


def check_new(call: Call, document: Document, initial_stage: str) -> None:
    """A new opportunity's state and stage, and what has to be filled in."""
    _check_state(call, document.get("state", "DRAFT"))
    stage = document.get("stage")
    if stage == CLOSED:
        raise call.refuse(("stage", "CLOSED is never set by a partner"))
    if stage not in (None, initial_stage):
        raise call.refuse(("stage", "a new opportunity starts at the first stage"))
    require(call, document, call.switches.required_on_create)
    if document.get("state") == "SUBMITTED":
        require(call, document, call.switches.required_on_submit)


def check_edit(call: Call, record: Opportunity, after: Document, paths: tuple[str, ...]) -> None:
    """Whether the partner may make these edits; ``after`` is the document as it would be."""
    if record.state == "SUBMITTED":
        raise call.refuse(
            *((path, "nothing is editable while the opportunity is in review") for path in paths or ("updateMask",))
        )
    if "state" in paths and record.state != "ACCEPTED":
        _check_state(call, after.get("state", "DRAFT"))
    if "stage" in paths:
        _check_stage(call, record, after)
    if record.state == "ACCEPTED":
        locked = [path for path in paths if not covers(call.switches.accepted_editable, path)]
        if locked:
            raise call.refuse(*((path, "is not editable once the opportunity is accepted") for path in locked))
    require(call, after, call.switches.required_on_create)
    if after.get("state") == "SUBMITTED":
        require(call, after, call.switches.required_on_submit)


def require(call: Call, document: Document, paths: tuple[str, ...]) -> None:
    """INVALID_ARGUMENT naming each path that is empty."""
    empty = [path for path in paths if get(document, path) in (None, "", [])]
    if empty:
        raise call.refuse(*((path, "is required") for path in empty))


def _check_state(call: Call, state: str) -> None:
    if state not in CLIENT_STATES:
        raise call.refuse(("state", f"a partner sets one of {', '.join(CLIENT_STATES)}"))


def _check_stage(call: Call, record: Opportunity, after: Document) -> None:
    if after.get("stage") == CLOSED:
        raise call.refuse(("stage", "CLOSED is never set by a partner"))
    if record.state != "ACCEPTED":
        raise call.refuse(("stage", "is editable only once the opportunity is accepted"))
    if after.get("stage") is None:
        raise call.refuse(("stage", "cannot be cleared"))
