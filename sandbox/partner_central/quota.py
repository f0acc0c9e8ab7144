"""Rates and day quotas of the account, shared by both catalogs (fact sheet 1.5)."""

from __future__ import annotations

from collections import deque

from sandbox.partner_central.errors import ThrottlingException
from sandbox.partner_central.instants import DAY_MS
from sandbox.partner_central.switches import Quota, Switches

READS = frozenset(
    {
        "GetOpportunity",
        "GetAwsOpportunitySummary",
        "ListOpportunities",
        "ListSolutions",
        "GetEngagementInvitation",
        "ListEngagementInvitations",
    }
)
WRITES = frozenset(
    {
        "CreateOpportunity",
        "UpdateOpportunity",
        "AssociateOpportunity",
        "DisassociateOpportunity",
        "AssignOpportunity",
        "RejectEngagementInvitation",
        "StartEngagementFromOpportunityTask",
        "StartEngagementByAcceptingInvitationTask",
    }
)


class _Bucket:
    """A token bucket that holds one second's worth, and the calls of the last 24 hours."""

    def __init__(self) -> None:
        self.tokens: float | None = None
        self.filled_ms = 0
        self.day: deque[int] = deque()

    def take(self, now_ms: int, rate: float | None, per_day: int | None, jitter_ms: int) -> str | None:
        """Count a call; or say which limit it is over, uncounted."""
        while self.day and self.day[0] <= now_ms - DAY_MS:
            self.day.popleft()
        if per_day is not None and len(self.day) >= per_day:
            return f"{per_day} calls in 24 hours"
        if rate is not None:
            size = max(rate, 1.0)
            tokens = size if self.tokens is None else min(size, self.tokens + (now_ms - self.filled_ms) * rate / 1000)
            if tokens < 1 - jitter_ms * rate / 1000 - 1e-9:
                return f"{rate:g} calls a second"
            self.tokens, self.filled_ms = tokens - 1, now_ms
        self.day.append(now_ms)
        return None


class QuotaMeter:
    """Counts calls against the account's quota. Operations of unpublished quota are not limited."""

    def __init__(self, quota: Quota, switches: Switches) -> None:
        self.quota = quota
        self._switches = switches
        self._buckets: dict[str, _Bucket] = {}

    def take(self, operation: str, now_ms: int) -> None:
        """Count a call or raise ``ThrottlingException``; a throttled call does not count."""
        if operation in READS:
            group, rate, per_day = "reads", self.quota.reads_per_second, self.quota.reads_per_day
        elif operation in WRITES:
            group, rate, per_day = "writes", self.quota.writes_per_second, self.quota.writes_per_day
        else:
            return
        key = operation if self._switches.rate_counts == "operation" else group
        bucket = self._buckets.setdefault(key, _Bucket())
        over = bucket.take(now_ms, rate, per_day, self.quota.jitter_ms)
        if over is not None:
            raise ThrottlingException(f"Rate exceeded: {over} for {key}", "1.5")
