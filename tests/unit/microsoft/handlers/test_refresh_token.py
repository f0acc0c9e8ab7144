"""The one owner of Microsoft's tokens: when it renews, in which order it stores, and what a dead consent leads to."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.microsoft.adapters.sign_in import Tokens
from lambdas.microsoft.adapters.token_store import Access, Consent
from lambdas.microsoft.handlers import refresh_token as handler
from lambdas.microsoft.handlers.refresh_token import Collaborators, refresh_token
from lambdas.shared.errors import Conflict, CosellError, Retryable, Throttled, Unauthorized
from sandbox.fakes.clock import FakeClock

MINUTE, HOUR = 60_000, 3_600_000
RENEWED, NOTHING = {"more": False, "count": 1}, {"more": False, "count": 0}


class Room:
    """The store and the sign-in in memory; ``done`` is what happened, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = FakeClock()
        self.now = self.clock.now_ms
        self.done: list[tuple[Any, ...]] = []
        self.counted: list[str] = []
        self.failures: dict[str, list[CosellError]] = {}
        self.held = Consent("rt-1", self.now(), "v1")
        self.token = Access(self.now() // 1000 + 3600, self.now(), "v")
        monkeypatch.setattr(handler, "count", lambda name, _value=1: self.counted.append(name))

    def run(self) -> dict[str, Any]:
        return refresh_token({"poll": "microsoft.token"}, Collaborators(self, lambda: self, self.clock))

    def _maybe_fail(self, name: str) -> None:
        if self.failures.get(name):
            raise self.failures[name].pop(0)

    def consent(self) -> Consent:
        return self.held

    def access(self) -> Access:
        return self.token

    def refresh(self, token: str) -> Tokens:
        self._maybe_fail("refresh")
        self.done.append(("refreshed", token))
        return Tokens(f"at-of-{token}", f"{token}+", self.now() // 1000 + 3600)

    def rotate_consent(self, before: Consent, token: str, at: int) -> None:
        self._maybe_fail("rotate")
        self.done.append(("consent", before.version, token, at))
        self.held = Consent(token, at, before.version + "+")

    def put_access(self, token: str, expires_at: int, consent_at: int) -> None:
        self._maybe_fail("access")
        self.done.append(("access", token, expires_at, consent_at))
        self.token = Access(expires_at, consent_at, "v")


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(monkeypatch)


def test_an_access_token_that_is_good_for_long_is_let_alone(room: Room) -> None:
    room.clock.advance(ms=20 * MINUTE - 1)
    assert room.run() == NOTHING
    assert (room.done, room.counted) == ([], [])


def test_the_rotated_refresh_token_is_stored_before_the_access_token(room: Room) -> None:
    now = room.clock.advance(ms=20 * MINUTE)
    assert room.run() == RENEWED
    assert room.done == [
        ("refreshed", "rt-1"),
        ("consent", "v1", "rt-1+", now),
        ("access", "at-of-rt-1", now // 1000 + 3600, now),
    ]
    assert room.counted == ["TokenRenewed"]
    assert room.run() == NOTHING


def test_a_call_every_20_minutes_never_lets_the_access_token_run_out_even_if_one_fails(room: Room) -> None:
    for turn in range(50):
        room.clock.advance(ms=20 * MINUTE)
        assert room.token.expires_at * 1000 > room.now()
        if turn % 2:
            room.failures["refresh"] = [Retryable("HTTP 503")]
        try:
            room.run()
        except Retryable:
            continue


def test_the_refresh_token_is_renewed_daily_even_if_access_tokens_live_longer(room: Room) -> None:
    room.token = Access(room.now() // 1000 + 28 * 3600, room.now(), "v")
    room.clock.advance(ms=20 * HOUR - 1)
    assert room.run() == NOTHING
    room.clock.advance(ms=1)
    assert room.run() == RENEWED


def test_a_new_consent_is_used_at_once_although_the_old_access_token_lives(room: Room) -> None:
    room.held = Consent("rt-of-a-login", room.now() + 1, "v2")
    assert room.run() == RENEWED
    assert room.done[0] == ("refreshed", "rt-of-a-login")


def test_an_access_token_that_could_not_be_stored_is_made_again(room: Room) -> None:
    room.clock.advance(hours=1)
    room.failures["access"] = [Throttled("slow down")]
    with pytest.raises(Throttled):
        room.run()
    assert room.held.refresh_token == "rt-1+"
    assert room.run() == RENEWED
    assert room.done[-1][:2] == ("access", "at-of-rt-1+")


def test_a_login_in_between_wins_and_its_consent_is_used(room: Room) -> None:
    room.clock.advance(hours=1)
    room.failures["rotate"] = [Conflict("another version is current")]
    assert room.run() == RENEWED
    assert [step[0] for step in room.done] == ["refreshed", "refreshed", "consent", "access"]
    assert room.counted == ["ConsentReplaced", "TokenRenewed"]


def test_a_second_conflict_is_left_to_the_next_call(room: Room) -> None:
    room.clock.advance(hours=1)
    room.failures["rotate"] = [Conflict("one"), Conflict("two")]
    with pytest.raises(Conflict):
        room.run()
    assert not any(step[0] == "access" for step in room.done)


def test_a_dead_consent_is_counted_and_named_and_a_new_one_ends_it(room: Room) -> None:
    room.clock.advance(hours=1)
    room.failures["refresh"] = [Unauthorized("invalid_grant"), Unauthorized("invalid_grant")]
    for _ in range(2):
        with pytest.raises(Unauthorized):
            room.run()
    assert room.counted == ["ConsentDead", "ConsentDead"]
    room.held = Consent("rt-of-a-login", room.now(), "v2")
    assert room.run() == RENEWED


def test_a_consent_that_was_never_given_is_counted_and_is_no_failure(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.held = Consent("", 0, "v1")
    assert [room.run(), room.run()] == [NOTHING, NOTHING]
    assert (room.done, room.counted) == ([], ["ConsentMissing", "ConsentMissing"])
    assert "cosell microsoft login" in caplog.text


@pytest.mark.parametrize("error", [Retryable("HTTP 503"), Throttled("HTTP 429")])
def test_a_passing_fault_is_no_dead_consent(room: Room, error: CosellError) -> None:
    room.clock.advance(hours=1)
    room.failures["refresh"] = [error]
    with pytest.raises(type(error)):
        room.run()
    assert room.counted == []
    assert room.run() == RENEWED
