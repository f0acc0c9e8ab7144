from __future__ import annotations

import pytest

from lambdas.shared.adapters.ledger import Reservation, WriteQuota
from lambdas.shared.adapters.ledger.write_quota import HOUR_MS, counted, free_again

KEY = "aws#AWS"


@pytest.fixture
def quota(client, table, clock) -> WriteQuota:
    return WriteQuota(client, table, clock)


def test_writes_queue_one_behind_the_other(quota, clock):
    now = clock.now_ms()
    slots = [quota.reserve(KEY, writes, 1, 10_000).slot_at for writes in (1, 3, 1)]
    assert slots == [now, now + 1000, now + 4000]


def test_a_quiet_account_starts_at_once_and_saves_nothing_up(quota, clock):
    quota.reserve(KEY, 2, 1, 10_000)
    now = clock.advance(hours=2)
    assert quota.reserve(KEY, 1, 1, 10_000) == Reservation(slot_at=now)
    assert quota.reserve(KEY, 1, 1, 10_000) == Reservation(slot_at=now + 1000)


def test_the_rate_may_be_a_fraction(quota, clock):
    quota.reserve(KEY, 1, 0.5, 10_000)
    assert quota.reserve(KEY, 1, 0.5, 10_000).slot_at == clock.now_ms() + 2000


def test_catalogs_do_not_wait_for_each_other(quota, clock):
    quota.reserve(KEY, 9, 1, 10_000)
    assert quota.reserve("aws#Sandbox", 1, 1, 10_000).slot_at == clock.now_ms()


@pytest.mark.parametrize("already", [0, 5])
def test_nobody_gets_the_same_slot_in_a_race(quota, watched, table, clock, already):
    for _ in range(already):
        quota.reserve(KEY, 1, 1, 10_000)
    theirs: list[Reservation] = []
    watched.before("update_item", lambda: theirs.append(quota.reserve(KEY, 2, 1, 10_000)))
    mine = WriteQuota(watched, table, clock).reserve(KEY, 1, 1, 10_000)
    assert mine.slot_at == theirs[0].slot_at + 2000


def test_the_day_is_never_exceeded_and_frees_itself(quota, clock):
    start = clock.now_ms()
    assert [quota.reserve(KEY, 5, 1, 12).slot_at is not None for _ in range(2)] == [True, True]
    refused = quota.reserve(KEY, 5, 1, 12)
    assert refused.slot_at is None
    assert refused.not_before - start >= 24 * HOUR_MS
    assert refused.not_before - start <= 26 * HOUR_MS
    assert quota.reserve(KEY, 2, 1, 12).slot_at == start + 10_000, "what is refused takes neither slot nor count"
    clock.set(refused.not_before - 60_000)
    assert quota.reserve(KEY, 5, 1, 12).slot_at is None
    clock.set(refused.not_before)
    assert quota.reserve(KEY, 5, 1, 12).slot_at == refused.not_before


@pytest.mark.parametrize("client", ["fake"], indirect=True)
def test_no_24_hours_ever_hold_more_than_the_day_quota(quota, clock):
    granted: list[int] = []
    for _ in range(200):
        reservation = quota.reserve(KEY, 3, 1, 20)
        if reservation.slot_at is not None:
            granted += [reservation.slot_at + second * 1000 for second in range(3)]
        clock.advance(ms=HOUR_MS // 2 + 7)
    for start in granted:
        assert sum(start <= each < start + 24 * HOUR_MS for each in granted) <= 20
    assert len(granted) > 60, "it must go on day after day"


def test_hours_long_past_are_forgotten(quota, client, table, clock):
    for _ in range(30):
        quota.reserve(KEY, 1, 1, 10_000)
        clock.advance(hours=6)
    item = client.get_item(TableName=table, Key={"pk": {"S": f"quota#{KEY}"}, "sk": {"S": "writes"}})["Item"]
    assert len(item["used"]["M"]) < 12


@pytest.mark.parametrize(("writes", "per_second", "per_day"), [(0, 1, 10), (1, 0, 10), (11, 1, 10)])
def test_a_limit_that_no_reservation_could_meet_is_an_error(quota, writes, per_second, per_day):
    with pytest.raises(ValueError, match="cannot reserve"):
        quota.reserve(KEY, writes, per_second, per_day)


def test_the_window_covers_any_24_hours():
    assert counted({"100": 1, "124": 2, "125": 4}, 124) == 7
    assert counted({"99": 1, "100": 2}, 124) == 2


def test_waiting_ends_when_enough_hours_have_left_the_window():
    used = {"100": 5, "101": 5, "110": 4}
    assert free_again(used, 110, 4, 10) == (100 + 25) * HOUR_MS
    assert free_again(used, 110, 4, 4) == (101 + 25) * HOUR_MS
