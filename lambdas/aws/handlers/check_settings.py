"""Poll: what the account needs beside the sync: the role of snapshot jobs, and a new catalogue of documents told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.wiring import PARTNER
from lambdas.shared.adapters.ledger import Watermark
from lambdas.shared.domain.messages import digest
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_CATALOGUE, _LOOK = "resource-catalogue", "resources"
_ALL = "2000-01-01T00:00:00Z"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``rules`` is ``partners.aws.resources`` of the settings document, ``solutions`` the
    ledger's copy of ours."""

    engagements: Any
    watermarks: Any
    solutions: Any
    rules: Mapping[str, Any]
    audit: Any


def check_settings(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"more": False, "count"}`` with the number of things that were put right. Safe to repeat."""
    _warn_of_unknown_solutions(c)
    return {"more": False, "count": int(_catalogue(c)) + int(_role(event, c))}


def _role(event: Event, c: Collaborators) -> bool:
    """Registers our role where none is. Another one is somebody's decision: it is never replaced, only reported."""
    wanted, registered = c.rules["snapshot_role"], c.engagements.job_role()
    if registered is None:
        with recorded(
            c.audit, None, _on_record(event), "RegisterSnapshotJobRole", [{"field": "role", "after": wanted}]
        ):
            c.engagements.register_job_role(wanted)
        count("SnapshotRoleRegistered")
        logger.info("the role of snapshot jobs was registered", extra={"role": wanted})
        return True
    if registered != wanted:
        count("SnapshotRoleForeign")
        logger.warning(
            "another role is registered for snapshot jobs, and it was left. If it lacks the managed policy "
            "AWSPartnerCentralSellingResourceSnapshotJobExecutionRolePolicy, members do not get later changes.",
            extra={"role": registered, "ours": wanted},
        )
    return False


def _on_record(event: Event) -> dict[str, Any]:
    """A setting of the account belongs to no link: it has a chain of its own."""
    correlation_id = event.get("correlation_id", "none")
    return {
        "link": f"settings#{PARTNER}",
        "run_id": correlation_id,
        "partner": PARTNER,
        "trigger": "poll",
        "correlation_id": correlation_id,
    }


def _catalogue(c: Collaborators) -> bool:
    """After a change of the catalogue every open opportunity is looked at once more: the poll begins from the start."""
    before = c.watermarks.get(PARTNER, _CATALOGUE)
    now = digest(c.rules["documents"])
    if before.since == now or (before.since is None and not c.rules["documents"]):
        return False
    c.watermarks.move(PARTNER, _LOOK, Watermark(since=_ALL), c.watermarks.get(PARTNER, _LOOK))
    c.watermarks.move(PARTNER, _CATALOGUE, Watermark(since=now), before)
    return True


def _warn_of_unknown_solutions(c: Collaborators) -> None:
    """A document that names a solution which AWS does not have is never told for it, and nobody would know why."""
    known = c.solutions.get()
    if known.read_at is None:
        return
    named = {each for document in c.rules["documents"] for each in document["solutions"]}
    unknown = sorted(named - {each.solution_id for each in known.solutions})
    if unknown:
        count("CatalogueSolutionUnknown", len(unknown))
        logger.warning(
            "resources.yaml names solutions that this catalog does not have; correct or remove them there",
            extra={"solutions": unknown},
        )


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import engagements, settings, solution_cache
    from lambdas.shared import wiring

    return Collaborators(engagements(), wiring.watermarks(), solution_cache(), settings()["resources"], wiring.audit())


handler = entry_point(check_settings, _collaborators)
