"""Seals: made for every day, in a chain of their own, and what somebody does to them or behind their back is found."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cli.audit_heads import move_on
from lambdas.shared.adapters.ledger import Audit
from lambdas.shared.adapters.ledger.values import to_attributes
from lambdas.shared.domain.audit_chain import HEAD_SORT, canonical, head_of, linked
from lambdas.shared.errors import Retryable, Unauthorized, Unexpected
from tests.unit.audit.chains import rechained
from tests.unit.audit.vault_room import KEPT_DAYS, KEY, A, B, VaultRoom, failure

FIRST = "2026-09-21"


@pytest.fixture
def room() -> VaultRoom:
    return VaultRoom()


def seal_of(room: VaultRoom, day: str) -> dict[str, Any]:
    return json.loads(room.s3.objects[f"seals/{day}.json"])


def test_a_day_is_sealed_once_and_a_day_without_records_too(room: VaultRoom) -> None:
    room.live(1)
    assert room.seal() == {"sealed": [], "left": 0}
    room.clock.advance(seconds=86_400)
    assert room.seal() == {"sealed": ["2026-09-22"], "left": 0}
    first, second = (seal_of(room, day)["seal"] for day in (FIRST, "2026-09-22"))
    assert (first["chains"], first["records"], first["before"]) == (2, 2, None)
    assert (second["chains"], second["parts"], second["before"]["day"]) == (0, [], FIRST)
    assert room.verify() == []


def test_nothing_is_sealed_before_the_day_has_settled(room: VaultRoom) -> None:
    room.audit.intent(A, "r0", operation="UpdateDeal")
    room.clock.advance(ms=1_790_035_200_000 - room.clock.now_ms())  # midnight
    assert room.seal()["sealed"] == ["2026-09-20"]
    room.clock.advance(seconds=3_600)
    assert room.seal()["sealed"] == [FIRST]


def test_days_that_were_missed_are_made_up_for_in_order(room: VaultRoom) -> None:
    room.live(1)
    room.live(4, sealed=False)
    assert room.seal() == {"sealed": ["2026-09-22", "2026-09-23", "2026-09-24", "2026-09-25"], "left": 0}
    assert room.verify() == []


def test_two_that_seal_at_once_make_one_seal_and_one_chain(room: VaultRoom) -> None:
    room.live(1)
    room.live(2, sealed=False)
    quicker, put = VaultRoom(), room.s3.put_object
    quicker.__dict__.update(room.__dict__)

    def put_after_the_other(**request: Any) -> None:
        room.s3.put_object = put  # type: ignore[method-assign]
        quicker.seal()
        put(**request)

    room.s3.put_object = put_after_the_other  # type: ignore[method-assign]
    assert room.seal() == {"sealed": [], "left": 0}
    assert room.verify() == []


def test_a_day_of_many_chains_is_kept_in_parts_of_bounded_size(room: VaultRoom) -> None:
    for number in range(40):
        room.audit.intent(f"link#aws#d{number}", "r0", operation="UpdateDeal")
    room.clock.advance(seconds=86_400)
    room.seal(part_bytes=1_000)
    parts = seal_of(room, FIRST)["seal"]["parts"]
    assert len(parts) == 4
    assert all(len(room.s3.objects[one["key"]]) < 1_200 for one in parts)
    assert sum(one["chains"] for one in parts) == 40
    assert room.verify() == []


def test_what_five_minutes_do_not_suffice_for_is_left_to_the_next_time(room: VaultRoom) -> None:
    room.live(1)
    room.live(3, sealed=False)
    active = room.reader.active

    def slow(day: str) -> Any:
        room.clock.advance(seconds=200)
        return active(day)

    room.reader.active = slow  # type: ignore[method-assign]
    assert room.seal() == {"sealed": ["2026-09-22", "2026-09-23"], "left": 1}
    assert room.seal() == {"sealed": ["2026-09-24"], "left": 0}


def test_a_seal_of_a_day_to_come_stops_the_sealing(room: VaultRoom) -> None:
    room.live(1)
    room.s3.objects["seals/2027-01-01.json"] = b"{}"
    with pytest.raises(ValueError, match="2027-01-01"):
        room.seal()


def test_a_last_seal_that_cannot_be_read_stops_the_sealing(room: VaultRoom) -> None:
    room.live(1)
    room.s3.objects[f"seals/{FIRST}.json"] = b"{}"
    room.live(1, sealed=False)
    with pytest.raises(Unexpected, match=FIRST):
        room.seal()


@pytest.mark.parametrize("through", ["heads", "seals"])
@pytest.mark.parametrize("what", ["alter", "remove", "insert", "cut", "gone"])
def test_who_writes_into_table_and_heads_meets_the_seal(room: VaultRoom, what: str, through: str) -> None:
    """Records, numbers and hashes all fit again; with ``seals`` the head is made to fit too."""
    room.live(4)
    records = list(room.reader.chain(A))
    changed = {
        "alter": [*records[:1], {**records[1], "operation": "Nothing"}, *records[2:]],
        "remove": records[:1] + records[2:],
        "insert": [*records[:2], *records[1:]],
        "cut": records[:3],
        "gone": [],
    }[what]
    forged = rechained(changed, 1)
    for one in records:
        room.dynamodb.delete_item(TableName="audit", Key=to_attributes({"pk": A, "sk": one["sk"]}))
    for one in forged:
        room.dynamodb.put_item(TableName="audit", Item=to_attributes(one))
    if through == "seals":
        room.dynamodb.delete_item(TableName="ledger", Key=to_attributes({"pk": A, "sk": HEAD_SORT}))
        if forged:
            head = head_of(forged[-1])
            ours = {"seq": head.seq, "hash": head.hash, "at": head.at, "ends_at": head.expires_at}
            room.dynamodb.put_item(TableName="ledger", Item=to_attributes({"pk": A, "sk": HEAD_SORT, **ours}))
    found = room.verify()
    assert found
    assert all(one.startswith(f"{A}\t") for one in found)


def test_what_is_written_back_into_a_sealed_day_with_its_head_is_found(room: VaultRoom) -> None:
    room.live(2)
    last = list(room.reader.chain(A))[-1]
    forged = linked(A, head_of(last), last["at"], KEPT_DAYS * 86_400, {"kind": "intent", "run_id": "f"})
    head = head_of(forged)
    ours = {"seq": head.seq, "hash": head.hash, "at": head.at, "ends_at": head.expires_at}
    room.dynamodb.put_item(TableName="audit", Item=to_attributes(forged))
    room.dynamodb.put_item(TableName="ledger", Item=to_attributes({"pk": A, "sk": HEAD_SORT, **ours}))
    assert room.verify() == [f"{A}\t3\twritten into 2026-09-22 after that day was sealed"]


def test_seals_that_are_missing_are_named(room: VaultRoom) -> None:
    room.live(4)
    del room.s3.objects["seals/2026-09-22.json"]
    assert room.verify() == ["seals\t0\t2026-09-22: missing"]


def test_the_first_the_last_and_all_seals_are_missed(room: VaultRoom) -> None:
    room.live(3)
    objects = dict(room.s3.objects)
    del room.s3.objects[f"seals/{FIRST}.json"]
    assert "is missing" in room.verify()[0]
    room.s3.objects = {key: body for key, body in objects.items() if "2026-09-23" not in key}
    room.clock.advance(seconds=86_400)
    assert room.verify()[0] == "seals\t0\t2026-09-23: missing"
    room.s3.objects = {}
    assert room.verify() == [f"seals\t0\tthere is no good seal at all, and records since {FIRST}"]


@pytest.mark.parametrize("how", ["body", "signature", "other key", "other day", "garbage", "part", "part gone"])
def test_a_seal_that_was_altered_or_forged_is_none(room: VaultRoom, how: str) -> None:
    room.live(3)
    day, name = "2026-09-22", "seals/2026-09-22.json"
    document = seal_of(room, day)
    part = document["seal"]["parts"][0]["key"]
    if how == "body":
        document["seal"]["chains"] = 7
    elif how == "signature":
        document["signature"] = base64.b64encode(b"0" * 70).decode()
    elif how == "other key":
        document |= _signed(room, document["seal"], "arn:aws:kms:eu-west-1:1:key/theirs")
    elif how == "other day":
        document = seal_of(room, FIRST)
    room.s3.objects[name] = canonical(document)
    if how == "garbage":
        room.s3.objects[name] = b"no seal"
    elif how == "part":
        room.s3.objects[part] = room.s3.objects[part].replace(b"link#aws#d500", b"link#aws#d600")
    elif how == "part gone":
        del room.s3.objects[part]
    found = room.verify()
    said = {
        "other day": f"is the seal of another day ({FIRST})",
        "garbage": "is not readable as a seal",
        "part": "was altered",
        "part gone": "is missing",
    }.get(how, "forged or altered")
    assert said in found[0]
    assert found[0].startswith(f"seals\t0\t{day}: ")


def _signed(room: VaultRoom, seal: dict[str, Any], key: str) -> dict[str, Any]:
    import hashlib

    digest = hashlib.sha256(canonical(seal)).digest()
    made = room.kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")
    return {"key": key, "signature": base64.b64encode(made["Signature"]).decode()}


def test_an_earlier_key_counts_where_it_is_named(room: VaultRoom) -> None:
    room.live(2)
    assert any("forged" in one for one in room.verify("arn:aws:kms:eu-west-1:1:key/new"))
    assert room.verify("arn:aws:kms:eu-west-1:1:key/new", KEY) == []


def test_it_passes_after_the_oldest_year_has_expired(room: VaultRoom) -> None:
    """Records live ten days here and seals thirteen; DynamoDB and S3 take away what has ended."""
    for _ in range(40):
        room.live(1)
        now = room.clock.now_ms()
        for item in room.dynamodb.items("audit"):
            if item["expires_at"] * 1000 <= now:
                room.dynamodb.delete_item(TableName="audit", Key=to_attributes({"pk": item["pk"], "sk": item["sk"]}))
        for key in [key for key in room.s3.objects if key.startswith("seals/")]:
            if json.loads(room.s3.objects[key])["seal"]["kept_until"] < room.vault_day():
                del room.s3.objects[key]
    assert room.verify() == []
    assert len(list(room.reader.everything())) == 13, "nine days of A, four of B"
    assert len(list(room.vault.days())) == 14
    first = next(iter(room.reader.chain(A)))
    room.dynamodb.delete_item(TableName="audit", Key=to_attributes({"pk": A, "sk": first["sk"]}))
    assert room.verify(), "what has not ended is missed as ever"


def test_a_chain_of_which_nothing_is_left_passes_and_one_that_was_taken_does_not(room: VaultRoom) -> None:
    room.live(2)
    (record,) = room.reader.chain(B)
    room.dynamodb.delete_item(TableName="audit", Key=to_attributes({"pk": B, "sk": record["sk"]}))
    room.dynamodb.delete_item(TableName="ledger", Key=to_attributes({"pk": B, "sk": HEAD_SORT}))
    assert room.verify() == [f"{B}\t1\tcut off: the seal of {FIRST} names this record, and it is gone"]
    for _ in range(10):
        room.clock.advance(seconds=86_400)
        room.seal()
    assert room.verify() == []


def test_heads_that_a_restore_set_back_are_moved_on_where_everything_fits(room: VaultRoom) -> None:
    room.live(2)
    (old,) = [one for one in room.dynamodb.items("ledger") if one["pk"] == A and one["sk"] == HEAD_SORT]
    room.live(2)
    last = room.reader.head(A)
    room.dynamodb.put_item(TableName="ledger", Item=to_attributes(old))
    assert room.verify() == [f"{A}\t3\tinserted: the head ends at 2"]
    (found,) = room.behind()
    assert (found.chain, found.head.seq, found.last, found.fits) == (A, 2, last, True)
    audit = Audit(room.dynamodb, "audit", room.clock, ledger="ledger", kept_days=KEPT_DAYS)
    assert move_on(found, audit, room.clock.now_ms())
    assert not move_on(found, audit, room.clock.now_ms()), "it is not that head any more"
    assert room.verify() == []
    newest = room.audit.entries(A)[0]
    assert (newest["seq"], newest["outcome"]) == (5, "head-moved")
    assert newest["actor"].startswith("operator ")


def test_a_forged_record_does_not_become_good_by_moving_the_head(room: VaultRoom) -> None:
    room.live(2)
    records = list(room.reader.chain(A))
    room.dynamodb.put_item(TableName="audit", Item=to_attributes({**records[1], "sk": "000000000003", "seq": 3}))
    (found,) = room.behind()
    assert not found.fits
    assert not move_on(found, room.audit, room.clock.now_ms())
    assert str(found) == f"{A}\t2 -> 3\tdoes not fit: see verify"


def test_s3_s_answers_are_named_errors(room: VaultRoom) -> None:
    for code, status, kind in (
        ("ConditionalRequestConflict", 409, Retryable),
        ("AccessDenied", 403, Unauthorized),
        ("SlowDown", 503, Retryable),
        ("Odd", 400, Unexpected),
    ):
        with pytest.raises(kind):
            _refusing(room, failure(code, status))


def _refusing(room: VaultRoom, error: Exception) -> None:
    def refuse(**_: Any) -> None:
        raise error

    room.s3.put_object = refuse  # type: ignore[method-assign]
    room.vault.put_part("2026-09-21", b"x")
