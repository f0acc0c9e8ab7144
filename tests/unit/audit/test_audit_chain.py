"""Whatever is done to a chain is found, and what time does is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.domain.audit_chain import (
    SHARDS,
    Finding,
    Head,
    Point,
    canonical,
    check_chain,
    day_key,
    day_keys,
    hash_of,
    head_of,
    linked,
)
from tests.unit.audit.chains import DAY_MS, KEPT_DAYS, START, Records, chain_of, points_of, rechained, rehashed

KEY = "link#aws#d500"
GAPS = st.lists(st.integers(0, DAY_MS), min_size=1, max_size=12)
FEW = settings(max_examples=60, deadline=None)


def check(
    records: Records, head: Head | None, points: list[Point] | None = None, now: int = START, through: str = ""
) -> list[Finding]:
    return list(check_chain(KEY, records, head, points or [], now_ms=now, sealed_through=through))


@FEW
@given(GAPS)
def test_a_chain_that_nobody_touched_is_whole(gaps: list[int]) -> None:
    records = chain_of(KEY, gaps)
    through = records[-1]["day"][:10]
    assert check(records, head_of(records[-1]), points_of(records, through), through=through) == []


@FEW
@given(GAPS, st.data())
def test_any_alteration_is_found(gaps: list[int], data: st.DataObject) -> None:
    records = chain_of(KEY, gaps)
    head, place = head_of(records[-1]), data.draw(st.integers(0, len(records) - 1))
    name = data.draw(st.sampled_from(sorted(records[place])))
    value = records[place][name]
    other = value + 1 if isinstance(value, int) else f"{value}x"
    altered = [*records[:place], {**records[place], name: other}, *records[place + 1 :]]
    assert check(altered, head)
    if name != "hash":  # with a hash that fits the new contents
        assert check([*records[:place], rehashed(records[place], **{name: other}), *records[place + 1 :]], head)
    without = {each: one for each, one in records[place].items() if each != name}
    assert check([*records[:place], without, *records[place + 1 :]], head)


@FEW
@given(GAPS, st.data())
def test_any_removal_is_found_wherever_it_is(gaps: list[int], data: st.DataObject) -> None:
    records = chain_of(KEY, gaps)
    first = data.draw(st.integers(0, len(records) - 1))
    last = data.draw(st.integers(first, len(records) - 1))
    left = records[:first] + records[last + 1 :]
    found = check(left, head_of(records[-1]))
    assert found
    assert found[0].seq == first + 1


@FEW
@given(GAPS, st.data())
def test_any_insertion_is_found(gaps: list[int], data: st.DataObject) -> None:
    records = chain_of(KEY, gaps)
    place = data.draw(st.integers(0, len(records)))
    before = head_of(records[place - 1]) if place else Head()
    forged = linked(KEY, before, before.at or START, KEPT_DAYS * 86_400, {"kind": "intent", "run_id": "forged"})
    assert check([*records[:place], forged, *records[place:]], head_of(records[-1]))


@FEW
@given(GAPS, st.data())
def test_rechaining_is_found_by_the_head_and_with_a_new_head_by_the_seal(gaps: list[int], data: st.DataObject) -> None:
    records = chain_of(KEY, gaps)
    through = records[-1]["day"][:10]
    points = points_of(records, through)
    place = data.draw(st.integers(0, len(records) - 1))
    what = data.draw(st.sampled_from(["alter", "remove", "insert"]))
    changed = {
        "alter": [*records[:place], {**records[place], "text": "other"}, *records[place + 1 :]],
        "remove": records[:place] + records[place + 1 :],
        "insert": [*records[: place + 1], *records[place:]],
    }[what]
    forged = rechained(changed, place)
    assert check(forged, head_of(records[-1])), "the head names another end"
    head = head_of(forged[-1]) if forged else None
    assert check(forged, head, points, through=through), "whoever moves the head too meets the seal"


@FEW
@given(GAPS, st.data())
def test_a_cut_tail_and_a_removed_chain_are_found_by_head_and_seals(gaps: list[int], data: st.DataObject) -> None:
    records = chain_of(KEY, gaps)
    through = records[-1]["day"][:10]
    points = points_of(records, through)
    left = records[: data.draw(st.integers(0, len(records) - 1))]
    assert check(left, head_of(records[-1]))
    assert check(left, head_of(left[-1]) if left else None, points, through=through)


@FEW
@given(GAPS, st.integers(0, 40 * DAY_MS), st.data())
def test_what_time_took_is_no_finding(gaps: list[int], later: int, data: st.DataObject) -> None:
    """DynamoDB takes what has ended some time after its end, in no order."""
    records = chain_of(KEY, gaps)
    now = records[-1]["at"] + later
    left = [one for one in records if one["expires_at"] * 1000 > now or data.draw(st.booleans())]
    through = records[-1]["day"][:10]
    assert check(left, head_of(records[-1]), points_of(records, through), now=now, through=through) == []


@FEW
@given(st.lists(st.integers(0, 2 * DAY_MS), min_size=2, max_size=12), st.data())
def test_what_time_did_not_take_is_missed_though_older_records_have_ended(gaps: list[int], data: st.DataObject) -> None:
    records = chain_of(KEY, gaps)
    now = records[0]["expires_at"] * 1000 + 1
    kept = [one for one in records if one["expires_at"] * 1000 > now]
    if not kept:
        return
    gone = data.draw(st.integers(0, len(kept) - 1))
    assert check(kept[:gone] + kept[gone + 1 :], head_of(records[-1]), now=now)


def test_what_is_written_back_into_a_sealed_day_is_found() -> None:
    records = chain_of(KEY, [0, DAY_MS])
    through = records[-1]["day"][:10]
    points = points_of(records, through)
    forged = linked(KEY, head_of(records[-1]), records[-1]["at"], KEPT_DAYS * 86_400, {"kind": "intent", "run_id": "f"})
    (found,) = check([*records, forged], head_of(forged), points, through=through)
    assert (found.seq, found.what) == (3, f"written into {through} after that day was sealed")
    today = linked(KEY, head_of(records[-1]), records[-1]["at"] + DAY_MS, KEPT_DAYS * 86_400, {"kind": "i"})
    assert check([*records, today], head_of(today), points, through=through) == []


@pytest.mark.parametrize(
    "other",
    [{"pk": KEY, "sk": "x"}, {"pk": KEY, "sk": "x", "seq": True, "hash": "", "prev": ""}, {"at": 10**20}, {"seq": "1"}],
)
def test_what_is_no_record_at_all_is_found(other: dict[str, Any]) -> None:
    records = chain_of(KEY, [0])
    stranger = other if "pk" in other else {**records[0], **other}
    found = check([*records, stranger], head_of(records[0]))
    assert "no record of a chain" in found[0].what


def test_a_record_that_holds_what_json_cannot_say_is_altered() -> None:
    (record,) = chain_of(KEY, [0])
    assert "altered" in check([{**record, "text": b"x"}], head_of(record))[0].what


def test_records_of_another_chain_do_not_pass() -> None:
    records = chain_of("link#aws#d501", [0, 1])
    assert [one.what for one in check(records, head_of(records[-1]))][:1] == [
        "stands at another place than its own number says"
    ]


def test_time_does_not_run_backwards_and_no_record_ends_before_an_earlier_one() -> None:
    first = linked(KEY, Head(), START, 100 * 86_400, {})
    second = linked(KEY, head_of(first), START - 5_000, 86_400, {})
    assert (second["at"], second["expires_at"]) == (START, first["expires_at"])


def test_the_hash_is_over_one_text_whatever_the_order() -> None:
    assert canonical({"b": 1, "a": "ä"}) == b'{"a":"\\u00e4","b":1}'
    assert hash_of({"b": 1, "a": "ä", "hash": "x"}) == hash_of({"a": "ä", "b": 1})
    assert hash_of({"a": 1}) != hash_of({"a": "1"}) != hash_of({"a": True})
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))
    assert json.loads(canonical({"a": [1, None]})) == {"a": [1, None]}


def test_a_chains_records_of_a_day_lie_in_one_of_its_partitions() -> None:
    keys = {day_key(f"link#aws#d{number}", START) for number in range(200)}
    assert keys == set(day_keys("2026-09-21"))
    assert len(keys) == SHARDS
