"""Rate limits with the vendor's headers and 429 bodies (hubspot.md 4.1)."""

from __future__ import annotations

import uuid
from collections import defaultdict, deque
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lambdas.shared.clock import Clock
from sandbox.hubspot.actors import Actor
from sandbox.hubspot.refusals import Refusal
from sandbox.hubspot.switches import Settings, Switches

TEN_SECONDS_MS = 10_000
_POLICIES = {
    "TEN_SECONDLY_ROLLING": ("You have reached your ten_secondly_rolling limit.", "4.1", 10),
    "SECONDLY": ("You have reached your secondly limit.", "3.7", 1),
    "DAILY": ("You have reached your daily limit.", "4.1", 3600),
    "ASSOCIATIONS": ("You have reached your ten_secondly_rolling limit.", "3.8", 10),
}


class RateLimits:
    """Counts the calls of apps. People in HubSpot's pages are not limited."""

    def __init__(self, clock: Clock, settings: Settings, switches: Switches) -> None:
        self._clock = clock
        self.settings = settings
        self._switches = switches
        self._windows: dict[str, deque[int]] = defaultdict(deque)
        self._day = ""
        self.used_today = 0

    def count(self, actor: Actor, operation: str) -> None:
        """Count one call, or refuse it with 429. Calls that are refused do not count."""
        if actor.is_person:
            return
        now = self._clock.now_ms()
        self._turn_day(now)
        windows = self._windows_of(actor, operation, now)
        if self.settings.per_day is not None and self.used_today >= self.settings.per_day:
            raise self._refusal("DAILY")
        for policy, window, limit in windows:
            if len(window) >= limit:
                raise self._refusal(policy)
        for _, window, _ in windows:
            window.append(now)
        self.used_today += 1

    def headers(self, actor: Actor, operation: str) -> dict[str, str]:
        """The rate limit headers of an answer; there are none on search and none for people."""
        if actor.is_person or operation.endswith(".search"):
            return {}
        headers = {}
        if self.settings.per_day is not None:
            headers["X-HubSpot-RateLimit-Daily"] = str(self.settings.per_day)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, self.settings.per_day - self.used_today))
        if self.settings.per_ten_seconds is not None:
            window = self._window(f"app {actor.app_id}", TEN_SECONDS_MS, self._clock.now_ms())
            headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = str(TEN_SECONDS_MS)
            headers["X-HubSpot-RateLimit-Max"] = str(self.settings.per_ten_seconds)
            headers["X-HubSpot-RateLimit-Remaining"] = str(max(0, self.settings.per_ten_seconds - len(window)))
        return headers

    def _windows_of(self, actor: Actor, operation: str, now: int) -> list[tuple[str, deque[int], int]]:
        settings, found = self.settings, []
        if operation.endswith(".search"):
            wanted = [("SECONDLY", "search", 1_000, settings.search_per_second)]
        else:
            wanted = [("TEN_SECONDLY_ROLLING", f"app {actor.app_id}", TEN_SECONDS_MS, settings.per_ten_seconds)]
        if operation.startswith("associations."):
            wanted.append(("ASSOCIATIONS", "associations", TEN_SECONDS_MS, settings.associations_per_ten_seconds))
        for policy, name, length, limit in wanted:
            if limit is not None:
                found.append((policy, self._window(name, length, now), limit))
        return found

    def _window(self, name: str, length: int, now: int) -> deque[int]:
        window = self._windows[name]
        while window and window[0] <= now - length:
            window.popleft()
        return window

    def _turn_day(self, now: int) -> None:
        zone = ZoneInfo(self.settings.time_zone)
        day = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date().isoformat()
        if day != self._day:
            self._day, self.used_today = day, 0

    def _refusal(self, policy: str) -> Refusal:
        message, row, wait = _POLICIES[policy]
        shown = "TEN_SECONDLY_ROLLING" if policy == "ASSOCIATIONS" else policy
        extra = {"policyName": shown, "requestId": str(uuid.uuid4())}
        category = "RATE_LIMITS" if self._switches.rate_limit_prints_category else ""
        if not category:
            extra["errorType"] = "RATE_LIMIT"
        headers = {"Retry-After": str(wait)} if self._switches.retry_after_on_429 else {}
        return Refusal(429, category, message, row, extra=extra, headers=headers)
