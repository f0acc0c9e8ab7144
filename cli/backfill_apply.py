"""Brings about what the dry run says: opens or wakes links a few at a time, and keeps in the ledger how far it is.

The sync's machines do all the writing, each in its partner's write quota. A record that was raised is noted before its
wake-up goes out, and opening a link twice opens one: so a second start goes on, and doubles nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.sync_access import Access
from cli.waking import Window, Woken
from lambdas.shared.adapters.ledger.backfills import RAISED, Progress
from lambdas.shared.domain.backfill import Finding
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.woken import FAILED, WAITING, Result
from lambdas.shared.errors import NotFound

WHY = "backfill"
_ASK_QUOTA_EVERY = 20
_UNDONE = frozenset({RAISED, FAILED, WAITING})


class QuotaSpent(Exception):
    """The part of the day's writes that a backfill may use is used; the text says of whom, and what to do."""


@dataclass
class Applying:
    """One backfill under way. ``share`` is the part of a partner's daily writes that it leaves off at, so that the
    day's own work has the rest. ``heard`` is called with each record's progress."""

    access: Access
    backfill_id: str
    share: float = 0.8
    heard: Callable[[Progress], None] = lambda _progress: None
    window: Window = field(init=False)
    known: dict[str, Progress] = field(init=False)
    _asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.known = self.access.backfills.progress(self.backfill_id)
        self.window = Window(
            self.access.links,
            self.access.inbox,
            self._settled,
            WHY,
            f"backfill-{self.backfill_id}",
            clock=self.access.clock,
            sleep=self.access.sleep,
        )

    def has_dealt_with(self, record: str) -> bool:
        """Whether an earlier start raised the record and knows what became of it."""
        known = self.known.get(record)
        return known is not None and known.state not in _UNDONE

    def go_on(self) -> None:
        """Wait again for what an earlier start raised, and look what became of what had failed or was slow."""
        for one in list(self.known.values()):
            if one.state in _UNDONE:
                self.window.room()
                self.window.watch(Woken(one, one.link, one.wanted, one.at))

    def raise_all(self, findings: Iterable[Finding]) -> None:
        """Raise each that has something to be done. ``QuotaSpent`` when the day's part is used up."""
        for finding in findings:
            standing = self.known.get(finding.record)
            if finding.by is None or (standing is not None and standing.state == RAISED):
                continue
            self._check_quota(finding.partner)
            self.window.room()
            self._raise(finding)

    def finish(self) -> None:
        """Wait for all that is outstanding."""
        self.window.drain()

    def _raise(self, finding: Finding) -> None:
        link = self._opened(finding)
        missing = tuple(f"{each['object']}.{each['property'] or each['field']}" for each in finding.missing)
        now = self.access.clock.now_ms()
        progress = Progress(finding.record, RAISED, link.key, link.wanted, "", missing, now)
        self._note(progress)
        self.window.send(progress, link)

    def _opened(self, finding: Finding) -> Link:
        links = self.access.links
        if finding.by == "deal":
            key = links.open_for_deal(finding.partner, finding.deal_id, WHY)
        else:
            key = links.open_for_opportunity(finding.partner, finding.opportunity_id)
        link = links.get(key)
        if link is None:
            raise NotFound(f"the link {key} was removed while it was opened")
        return link

    def _settled(self, woken: Woken, result: Result) -> None:
        before: Progress = woken.subject
        why = result.why
        self._note(Progress(before.record, result.state, woken.link, woken.wanted, why, before.missing, woken.at))

    def _note(self, progress: Progress) -> None:
        self.access.backfills.note(self.backfill_id, progress)
        self.known[progress.record] = progress
        self.heard(progress)

    def _check_quota(self, partner: str) -> None:
        self._asked[partner] += 1
        if self._asked[partner] % _ASK_QUOTA_EVERY != 1:
            return
        access = self.access.partners[partner]
        most = int(access.settings["quota"]["writes_per_day"] * self.share)
        used = self.access.quota.used(access.quota_key)
        if used >= most:
            raise QuotaSpent(
                f"{used} writes to {partner} of the last 24 hours are counted, and the backfill leaves off at {most} "
                "(--day-share); start it again later, it goes on where it was"
            )


def unsynced(known: Iterable[Progress]) -> list[Progress]:
    """What did not sync, in the order of its state and record."""
    return sorted((one for one in known if one.state != "synced"), key=lambda one: (one.state, one.record))


def as_dict(progress: Progress) -> dict[str, Any]:
    """JSON form."""
    return {
        "record": progress.record,
        "state": progress.state,
        "link": progress.link,
        "why": progress.why,
        "missing": list(progress.missing),
    }
