"""Facts of the sync that are told on the bus too, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lambdas.shared.domain.link import TOLD_PENDING, Link
from lambdas.shared.domain.settlement import NOTIFICATION, announced_key
from lambdas.shared.runtime import count


def announce_facts(
    facts: Sequence[Mapping[str, Any]],
    run: Mapping[str, Any],
    link: Link,
    *,
    links: Any,
    announce: Callable[[str, dict[str, Any]], None],
) -> None:
    """Announce what each of the plan's ``facts`` has to say there, unless the link remembers it as announced.

    Only what ``link`` remembers as told on the deal: a fact whose note could not be written comes again as a whole.
    """
    for fact in facts:
        if not fact.get("announce") or link.told.get(fact["key"]) in (None, TOLD_PENDING):
            continue
        key = announced_key(fact["key"])
        if links.tell_begin(run["link"], key):
            about = {name: run.get(name) for name in ("partner", "deal_id", "opportunity_id", "correlation_id")}
            announce(NOTIFICATION, {**fact["announce"], "fact": fact["key"], **about})
            count(NOTIFICATION)
            links.tell_done(run["link"], key, run["run_id"])
