"""Keys of people, on the fake DynamoDB with libsodium itself."""

from __future__ import annotations

import pytest

from lambdas.shared.adapters.ledger import Subjects
from lambdas.shared.adapters.ledger.subjects import PENDING_MS
from lambdas.shared.adapters.sealing import KeyWrap, new_pair, seal, unseal
from lambdas.shared.domain.personal import FORGOTTEN, subject_of, subject_of_chain
from lambdas.shared.errors import Throttled, Unexpected
from sandbox.fakes import FakeClock, FakeDynamoDb
from sandbox.fakes.kms import FakeKms

ANN, BOB, CHAIN = subject_of("ann@example.com"), subject_of("bob@example.com"), "link#aws#d500"


class Room:
    def __init__(self) -> None:
        self.table, self.kms, self.clock = FakeDynamoDb(), FakeKms(), FakeClock()
        self.subjects = self.process()

    def process(self) -> Subjects:
        return Subjects(self.table, "ledger", KeyWrap(self.kms, "key"), self.clock)


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_value_comes_back_with_the_key_and_nothing_of_it_is_stored(room: Room):
    kept = room.subjects.seal(ANN, CHAIN, {"Email": "ann@example.com", "n": 1})
    assert room.process().open(kept) == {"Email": "ann@example.com", "n": 1}
    assert "example" not in str(room.table.items("ledger")) + str(kept)


def test_a_key_is_wrapped_once_and_then_only_its_public_half_is_read(room: Room):
    for process in (room.subjects, room.subjects, room.process()):
        process.seal(ANN, CHAIN, "x")
    assert room.kms.calls == ["Encrypt"]


def test_one_who_is_forgotten_leaves_the_others_readable(room: Room):
    ann, bob = room.subjects.seal(ANN, CHAIN, "Ann"), room.subjects.seal(BOB, CHAIN, "Bob")
    assert room.subjects.destroy(ANN)
    assert not room.subjects.destroy(ANN)
    assert (room.process().open(ann), room.process().open(bob)) == (FORGOTTEN, "Bob")


def test_a_pending_write_makes_no_new_key_and_a_process_that_still_has_the_old_one_writes_what_nobody_reads(room: Room):
    room.subjects.seal(ANN, CHAIN, "Ann")
    late = room.process()
    late.seal(ANN, CHAIN, "Ann")
    room.process().destroy(ANN)
    assert room.process().seal(ANN, CHAIN, "Ann") == FORGOTTEN
    assert room.process().open(late.seal(ANN, CHAIN, "Ann")) == FORGOTTEN
    assert room.kms.calls == ["Encrypt"]


def test_who_comes_back_later_has_a_key_of_a_new_generation(room: Room):
    old = room.subjects.seal(ANN, CHAIN, "Ann")
    room.subjects.destroy(ANN)
    room.clock.advance(ms=PENDING_MS + 1)
    new = room.subjects.seal(ANN, CHAIN, "Ann again")
    assert (room.process().open(old), room.process().open(new)) == (FORGOTTEN, "Ann again")
    assert (old["key"], new["key"]) == ("1", "2")


def test_two_who_make_a_key_at_once_end_with_one(room: Room):
    other = room.process()
    room.table.before("update_item", lambda _request: other.seal(ANN, CHAIN, "other"))
    kept = room.subjects.seal(ANN, CHAIN, "Ann")
    assert room.process().open(kept) == "Ann"


def test_without_a_key_nothing_is_kept_in_the_clear(room: Room):
    room.kms.fail("ThrottlingException")
    with pytest.raises(Throttled):
        room.subjects.seal(ANN, CHAIN, "Ann")


def test_contacts_are_found_by_their_address_and_the_other_way(room: Room):
    contacts = [{"id": "101", "properties": {"email": " Ann@example.com"}}, {"id": "102", "properties": {}}]
    room.subjects.know(contacts)
    room.table.calls.clear()
    room.subjects.know(contacts)
    assert room.table.calls == []
    assert (room.subjects.of_contact("101"), room.subjects.contacts_of(ANN)) == ({ANN}, {"101"})


def test_where_values_are_is_known_until_they_are_forgotten(room: Room):
    room.subjects.know([{"id": "101", "properties": {"email": "ann@example.com"}}])
    room.subjects.seal(ANN, CHAIN, "Ann")
    assert room.subjects.chains_of(ANN) == {CHAIN}
    room.subjects.drop(ANN, ["101"])
    assert (room.subjects.chains_of(ANN), room.subjects.of_contact("101")) == (set(), set())


def test_a_chains_key_goes_alone(room: Room):
    text = room.subjects.seal(subject_of_chain(CHAIN), CHAIN, "a note")
    ann = room.subjects.seal(ANN, CHAIN, "Ann")
    room.subjects.destroy_chain(CHAIN)
    assert (room.process().open(text), room.process().open(ann)) == (FORGOTTEN, "Ann")


def test_a_sealed_value_that_was_altered_is_no_value():
    public, private = new_pair()
    kept = seal(public, b"Ann")
    assert unseal(private, kept) == b"Ann"
    with pytest.raises(Unexpected, match="altered"):
        unseal(private, kept[:-8] + "AAAAAAA=")
    with pytest.raises(Unexpected, match="another key"):
        unseal(new_pair()[1], kept)
