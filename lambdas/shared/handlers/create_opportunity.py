"""Creates exactly one opportunity: the attempt is stored, then the call, then the tie."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.settlement import CLOCKS_DIFFER_MS
from lambdas.shared.errors import Conflict, CosellError, Rejected, Throttled, Unauthorized, was_not_sent
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``new_token`` makes a token of 1 to 64 printable characters."""

    opportunities: Opportunities
    links: Any
    runs: Any
    audit: Any
    new_token: Callable[[], str] = lambda: secrets.token_hex(16)
    turn: Turn = field(default_factory=Turn)
    clock: Clock = field(default_factory=SystemClock)


class LinkMemory:
    """The port's ``Memory``, on the link."""

    def __init__(self, links: Any, link_key: str) -> None:
        self._links, self._key = links, link_key

    @property
    def known(self) -> Sequence[str]:
        """What the link remembers."""
        link = self._links.get(self._key)
        return () if link is None else link.associated

    def remember(self, text: str) -> None:
        """Keep it on the link."""
        self._links.add_associated(self._key, [text])

    def forget(self, text: str) -> None:
        """Drop it from the link."""
        self._links.drop_associated(self._key, text)


def create_opportunity(event: Event, c: Collaborators) -> Answer:
    """Written at ``at`` (epoch ms). Answer ``{"opportunity_id", "version"}``; errors as the adapter names them.

    ``Rejected`` leaves the problems in the run item and ends the attempt, since nothing was created; that holds for
    codes that mean a lock elsewhere too, since a record that is not there cannot be locked. After an error that leaves
    it open whether there is a record now the attempt stays, and the next run looks for it before it creates anything.
    What was sent is kept under the attempt's token: whoever finds the record knows by it what has moved since.
    """
    run = event["run"]
    link_key = run["link"]
    plan = c.runs.get(run["run_id"], "plan")["plan"]
    attempt, begun = _attempt(run, plan, c)
    if begun:
        c.runs.put(attempt["token"], "sent", plan["base"])
    c.turn.wait(event["at"])
    with recorded(c.audit, c.runs, run, "CreateOpportunity", plan["opportunity_changes"]) as done:
        try:
            created = c.opportunities.create(attempt, plan, LinkMemory(c.links, link_key))
        except CosellError as error:
            if _nothing_made(c.opportunities, error):
                c.links.clear_attempt(link_key, attempt["token"])
            raise
        done(opportunity_id=created.opportunity_id, version=created.version)
    c.links.tie_opportunity(link_key, created.opportunity_id, created.version, run["run_id"])
    answer = {"opportunity_id": created.opportunity_id, "version": created.version}
    c.runs.put(run["run_id"], "result", answer)
    return answer


def _attempt(run: Mapping[str, Any], plan: Mapping[str, Any], c: Collaborators) -> tuple[Mapping[str, Any], bool]:
    """The attempt to go on with, and whether it begins now. ``Conflict`` while an earlier one's record may have been
    made and not have shown yet when this run looked for it: the wait for the write quota lies between."""
    link_key, token = run["link"], c.new_token()
    # What is sent once at most is made at once or never; what may be sent again is made whenever it is.
    within = None if c.opportunities.repeatable_create else CLOCKS_DIFFER_MS
    mark = c.opportunities.mark(plan)
    attempt = c.links.begin_attempt(link_key, token, run["deal_id"], mark, made_within_ms=within)
    if attempt["token"] == token or c.opportunities.repeatable_create:
        return attempt, attempt["token"] == token
    looked_at = c.runs.get(run["run_id"], "looked_at").get("looked_at")
    if looked_at is None or looked_at - int(attempt["at"]) < c.opportunities.create_shows_after_ms:
        raise Conflict("an earlier create may have gone through; its record is looked for first")
    # This run has looked for its record, when it had to show, and found none: it never came to be.
    c.links.clear_attempt(link_key, attempt["token"])
    return c.links.begin_attempt(link_key, token, run["deal_id"], mark, made_within_ms=within), True


def _nothing_made(opportunities: Opportunities, error: CosellError) -> bool:
    """Whether it is certain that there is no record. A repeatable create keeps its token for all but a refusal: the
    next run may as well go on with it."""
    if opportunities.repeatable_create:
        return isinstance(error, Rejected)
    return isinstance(error, Rejected | Throttled | Unauthorized) or was_not_sent(error)


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.room().opportunities(), wiring.links(), wiring.runs(), wiring.audit())


handler = entry_point(create_opportunity, _collaborators)
