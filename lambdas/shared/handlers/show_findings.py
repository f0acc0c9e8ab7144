"""Shows a look's findings on the deal: properties that differ, and notes and tasks that were not told before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.field_map import OWNER_ID
from lambdas.shared.domain.notification import Notification
from lambdas.shared.errors import Conflict, Unexpected
from lambdas.shared.handlers.deal_facts import tell
from lambdas.shared.handlers.trail import Trail
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` maps a partner to its settings."""

    hubspot: Any
    links: Any
    runs: Any
    seen: Any
    audit: Any
    origins: Any
    partners: Mapping[str, Mapping[str, Any]]
    clock: Clock = field(default_factory=SystemClock)


def show_findings(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"shown", "written": [property names]}``; the findings lie in the run item.

    The deal is read first, only the properties in question, and written where it differs: people may have changed it,
    and a look that comes twice writes once. ``shown`` is false when the deal is gone, archived or merged away.
    ``Conflict`` when something was shown since this look compared: it looks anew.
    """
    run = event["run"]
    findings = findings_of(run, c.runs)
    if c.seen.get(run["link"], run["kind"])[1] != findings["seen_version"]:
        raise Conflict(f"another look {run['kind']} at {run['link']} was there first")
    wanted: Mapping[str, str] = findings["properties"]
    deal = c.hubspot.batch_read_deals([run["deal_id"]], [*wanted, OWNER_ID]).get(run["deal_id"])
    if deal is None:
        return {"shown": False, "written": []}
    changed = {name: text for name, text in wanted.items() if (deal.get(name) or "") != text}
    if changed:
        _write(run, deal, changed, c)
    facts = [Notification(**one) for one in findings["facts"]]
    document = {"id": run["deal_id"], "archived": False, "properties": deal}
    tell(facts, run, document, links=c.links, hubspot=c.hubspot, audit=c.audit, now_ms=c.clock.now_ms())
    count("LookShown")
    return {"shown": True, "written": sorted(changed)}


def findings_of(run: Mapping[str, Any], runs: Any) -> Mapping[str, Any]:
    """What the look's gather function left in the run item; ``Unexpected`` when it left nothing."""
    findings = runs.get(run["run_id"], "findings").get("findings")
    if findings is None:
        raise Unexpected(f"the look {run['kind']} has news but put no findings into run {run['run_id']}")
    return findings


def _write(run: Mapping[str, Any], deal: Mapping[str, str | None], changed: dict[str, str], c: Collaborators) -> None:
    trail = Trail(c.origins, run["partner"], c.partners[run["partner"]])
    trail.before_update(run["deal_id"], changed)
    changes = [{"field": name, "before": deal.get(name), "after": text} for name, text in sorted(changed.items())]
    with recorded(c.audit, None, run, "UpdateDeal", changes) as done:
        written = c.hubspot.update_deal(run["deal_id"], changed)["properties"]
        trail.after_update(run["deal_id"], changed, written)
        done(properties=sorted(written))


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        wiring.hubspot(),
        wiring.links(),
        wiring.runs(),
        wiring.seen(),
        wiring.audit(),
        wiring.origins(),
        wiring.settings()["partners"],
    )


handler = entry_point(show_findings, _collaborators)
