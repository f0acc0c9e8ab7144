"""What an older version wrote is read by this one: every kind of item that it left, the poorest and richest of each.

A reader that begins to require an attribute fails here, because the old items lack it. A later version may move items
by a command that the upgrade notes name; then that command comes first here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

import pytest

from lambdas.aws.adapters.solution_cache import SolutionCache
from lambdas.shared.adapters.ledger import (
    Audit,
    AuditReader,
    AuditTimeline,
    Backfills,
    Base,
    Census,
    DeadLetters,
    Forgets,
    Invitations,
    Leases,
    Links,
    Origins,
    Quarantine,
    Runs,
    Seen,
    Subjects,
    Submissions,
    Survey,
    Watermark,
    Watermarks,
    WriteQuota,
)
from lambdas.shared.adapters.ledger.values import to_attributes
from lambdas.shared.domain.audit_chain import check_chain, head_of
from lambdas.shared.domain.audit_report import Query
from lambdas.shared.domain.dead_letters import generation_after, nothing_left, status_text, task_text
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.personal import FORGOTTEN
from lambdas.shared.domain.woken import result_of
from lambdas.shared.handlers import sweep_dead_letters
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeSqs
from tests.library.remembered import LEDGERS, Item, Items
from tests.library.scenes import PlainWrap

LEDGER, RUNS, AUDIT = "ledger", "runs", "audit"
HOUR_MS = 3_600_000
VERSIONS = sorted(path.stem for path in LEDGERS.glob("*.json"))


@cache
def items_of(version: str) -> Items:
    return json.loads((LEDGERS / f"{version}.json").read_text())["items"]


class Stage:
    """A stage with all that the version left, and of several items with one key the one that is asked about."""

    def __init__(self, version: str, item: Item | None = None) -> None:
        self.store, self.clock = FakeDynamoDb(), FakeClock(1_790_000_000_000 + HOUR_MS)
        self.known = items_of(version)
        for kind, found in self.known.items():
            for one in found:
                self._put(kind.partition(":")[0], one)
        if item is not None:
            self._put(RUNS if item["sk"] == "sent" else LEDGER, item)
        self.links = Links(self.store, LEDGER, self.clock)
        self.leases = Leases(self.store, LEDGER, self.clock)
        self.letters = DeadLetters(self.store, LEDGER, self.clock)
        self.subjects = Subjects(self.store, LEDGER, PlainWrap(), self.clock)
        self.reader = AuditReader(self.store, AUDIT, LEDGER)

    def _put(self, table: str, item: Item) -> None:
        self.store.put_item(TableName=table, Item=to_attributes(item))


def same(found: Any, item: Item, *but: str) -> None:
    """Each attribute of the item is what the reader says."""
    for name in item.keys() - {"pk", "sk", "expires_at", *but}:
        said = getattr(found, name)
        assert (list(said) if isinstance(said, tuple) else said) == item[name], name


def link(stage: Stage, item: Item) -> None:
    found, key = stage.links.get(item["pk"]), item["pk"]
    same(found, item)
    result_of(found, found.wanted, 0, stage.clock.now_ms())
    assert generation_after(found.wanted, found.done) > 0
    assert not (nothing_left(found) and found.done < found.wanted)
    assert Survey(stage.store, LEDGER).everything()[0][key] == found
    (counted,) = [
        one for one in Census(stage.store, LEDGER).page().links if one.get("wanted_at") == item.get("wanted_at")
    ][:1]
    assert counted["partner"]
    if found.handed_over:
        return
    assert stage.links.raise_wanted(key) == key
    stage.clock.advance(seconds=24 * 3600)
    leased = stage.leases.take_lease(key, "run")
    assert isinstance(leased, Link)
    stage.links.add_associated(key, ["S-1"])
    assert stage.links.tell_begin(key, "fact")
    stage.links.settle(key, seen=None, lease_owner="run", base_fields={}, changes={"state": "open"})
    assert stage.leases.release(key, "run", leased.wanted)


def base(stage: Stage, item: Item) -> None:
    found = Base(stage.store, LEDGER).get(item["pk"])
    assert found["fields"] == json.loads(item["fields"])


def pointer(stage: Stage, item: Item) -> None:
    kind, partner, record = item["pk"].split("#")
    look = {"deal": stage.links.for_deals, "opportunity": stage.links.for_opportunities}[kind]
    assert look(partner, [record]) == {record: item["link"]}
    assert Survey(stage.store, LEDGER).everything()[1][item["pk"]] == item["link"]


def attempt(stage: Stage, item: Item) -> None:
    assert item["sk"] in stage.links.open_attempts(item["pk"].partition("#")[2])


def chain(stage: Stage, item: Item) -> None:
    head = stage.reader.head(item["pk"])
    assert (head.seq, head.hash, head.at, head.expires_at) == (item["seq"], item["hash"], item["at"], item["ends_at"])
    audit = Audit(stage.store, "audit-of-now", stage.clock, ledger=LEDGER)
    assert int(audit.decision(item["pk"], "run", 1, outcome="blocked", unless_said="blocked")) == item["seq"] + 1
    (record,) = stage.store.items("audit-of-now")
    assert record["prev"] == item["hash"]


def seen(stage: Stage, item: Item) -> None:
    adapter, kind = Seen(stage.store, LEDGER, stage.clock), item["sk"].partition("#")[2]
    document, version = adapter.get(item["pk"], kind)
    assert (document, version) == (json.loads(item.get("document", "{}")), item.get("version", 0))
    assert adapter.take(item["pk"], kind, item.get("lease_owner", "look"))
    assert adapter.update(item["pk"], kind, {"more": True})


def origin(stage: Stage, item: Item) -> None:
    _, kind, record = item["pk"].split("#", 2)
    adapter, merged = Origins(stage.store, LEDGER), [name for name in item if name.startswith("m_")]
    for name in merged:
        adapter.settle(kind, name.removeprefix("m_"), "google", {"of_merged": ["mark"]})
    found = adapter.of([(kind, record)])[kind, record]
    assert {f"p_{name}" for name in found if name != "of_merged"} == item.keys() - {"pk", "sk", *merged}
    assert ("of_merged" in found) is bool(merged)
    entries = [one for each in found.values() for one in each]
    assert all(one.partner in ("aws", "microsoft", "google") and one.marks for one in entries)
    adapter.note(kind, record, "google", {name: ["mark"] for name in found})
    after = adapter.of([(kind, record)])[kind, record]
    assert all(set(each) < set(after[name]) for name, each in found.items())


def quota(stage: Stage, item: Item) -> None:
    adapter, key = WriteQuota(stage.store, LEDGER, stage.clock), item["pk"].partition("#")[2]
    assert adapter.used(key) == sum(item["used"].values()) > 0
    assert adapter.reserve(key, 1, 1, 1000).slot_at >= item["next_slot_at"]


def watermark(stage: Stage, item: Item) -> None:
    adapter, (_, partner, subject) = Watermarks(stage.store, LEDGER), item["pk"].split("#")
    found = adapter.get(partner, subject)
    assert found == Watermark(**{name: said for name, said in item.items() if name not in ("pk", "sk")})
    assert adapter.move(partner, subject, Watermark("later"), found)


def invitation(stage: Stage, item: Item) -> None:
    adapter, one = Invitations(stage.store, LEDGER, "aws", stage.clock), item["pk"].rpartition("#")[2]
    same(adapter.get(one), item, "updated_at", "again_at", "again_by")
    assert adapter.begin(one, "t") == ("t" if item["state"] == "failed" else item.get("token", "t"))
    adapter.answered(one, "accept")
    adapter.finish(one, "accepted", opportunity_id="O1")
    assert adapter.get(one).state == "accepted"


def asked(stage: Stage, item: Item) -> None:
    adapter = Invitations(stage.store, LEDGER, "aws", stage.clock)
    assert adapter.is_open(item["sk"]) == item["open"]
    assert (item["mark"] in adapter.open_marks()) == item["open"]
    adapter.expect(item["sk"])
    adapter.close(item["sk"])


def submission(stage: Stage, item: Item) -> None:
    adapter, one = Submissions(stage.store, LEDGER, "aws", stage.clock), item["pk"].rpartition("#")[2]
    found = adapter.get(one)
    assert (found is not None) == ("token" in item)
    if found is not None:
        same(found, item, "again_at", "again_by")
    begun = adapter.begin(one, "t", involvement="Co-Sell", visibility="Full", fingerprint="f", link="l", again=True)
    adapter.finish(one, begun.token, "complete", task_id="task-1")
    assert adapter.get(one).state == "complete"


def solutions(stage: Stage, item: Item) -> None:
    found = SolutionCache(stage.store, LEDGER, item["pk"].rpartition("#")[2], stage.clock).get()
    assert found.read_at is not None
    rows = [one for kind, each in stage.known.items() if kind.endswith("<id>") for one in each if "rows" in one]
    assert [one.as_dict() for one in found.solutions] == [row for one in rows for row in json.loads(one["rows"])] != []


def backfill(stage: Stage, item: Item) -> None:
    adapter, backfill_id = Backfills(stage.store, LEDGER, stage.clock), item["pk"].partition("#")[2]
    if backfill_id == "open":
        assert adapter.begin(item["sk"], "new") == (item["backfill"], True)
    elif item["sk"] == "backfill":
        assert adapter.scope_of(backfill_id) == item["scope"]
        adapter.end(backfill_id)
    else:
        same(adapter.progress(backfill_id)[item["sk"]], item)


def failure(stage: Stage, item: Item) -> None:
    message_id = item["pk"].partition("#")[2]
    letter = stage.letters.record(f"{message_id}", "queue", "{}", 3, queue="notices")
    assert stage.letters.failure(message_id)["error"] == item["error"] == letter.error


def dead_letter(stage: Stage, item: Item) -> None:
    message_id = item["pk"].partition("#")[2]
    letter = stage.letters.get(message_id)
    same(letter, item, "register", "partner", "updated_at", *([] if letter.link else ["link"]))
    assert letter in stage.letters.newest()
    assert letter.named in status_text(letter, "AWS") + task_text(letter, "AWS")[1]
    stage.clock.advance(seconds=30 * 24 * 3600)
    c = sweep_dead_letters.Collaborators(stage.letters, stage.links, FakeSqs(), clock=stage.clock)
    swept = sweep_dead_letters.sweep_dead_letters({"poll": "dead-letters.due"}, c)
    assert swept["count"] >= (item.get("partner") == "dead-letters")
    if stage.letters.get(message_id).state == "waiting":
        stage.letters.replay(letter, FakeSqs())


def youngest(stage: Stage, item: Item) -> None:
    about = item["pk"].partition("#")[2]
    if about.count("#") == 2:  # of a run of the link; of other work there is a digest behind it
        stage.letters.youngest_of(about, "new")
        assert stage.letters.youngest_of(about, "newer") is None
        assert next(one for one in stage.store.items(LEDGER) if one["pk"] == item["pk"])["message_id"] == "newer"


def subject_key(stage: Stage, item: Item) -> None:
    who = item["pk"].partition("#")[2]
    if "forgotten_at" in item:
        stage.clock.set(item["forgotten_at"] + 1000)
        assert stage.subjects.seal(who, "link#aws#d1", "said") == FORGOTTEN
        stage.clock.advance(seconds=3600)
        stage.subjects = Subjects(stage.store, LEDGER, PlainWrap(), stage.clock)
        sealed = stage.subjects.seal(who, "link#aws#d1", "said")
        assert sealed["key"] == str(item["generation"] + 1)
        return
    sealed = stage.subjects.seal(who, "link#aws#d1", "said")
    assert sealed["key"] == str(item["generation"]), "the key of before"
    assert stage.subjects.open(sealed) == "said"
    assert stage.subjects.destroy(who)
    assert Subjects(stage.store, LEDGER, PlainWrap(), stage.clock).open(sealed) == FORGOTTEN


def subject_place(stage: Stage, item: Item) -> None:
    who, contact = item["pk"].partition("#")[2], item["sk"].removeprefix("contact:")
    if who.startswith("contact:"):
        assert item["sk"] in stage.subjects.of_contact(who.removeprefix("contact:"))
    elif contact != item["sk"]:
        assert contact in stage.subjects.contacts_of(who)
    else:
        assert item["sk"] in stage.subjects.chains_of(who)


def forget(stage: Stage, item: Item) -> None:
    adapter = Forgets(stage.store, LEDGER)
    found = adapter.get(item["key"])
    same(found, item)
    assert found.person.subjects == frozenset(item["subjects"])
    assert adapter.put(found.counted({"bases": 1})).version == item["version"] + 1


def quarantine(stage: Stage, item: Item) -> None:
    (found,) = Quarantine(stage.store, LEDGER, stage.clock).newest()
    assert (found["reason"], found["body"]) == (item["reason"], item["body"])


def sent(stage: Stage, item: Item) -> None:
    assert Runs(stage.store, RUNS, stage.clock).get(item["pk"], "sent") == {"sent": json.loads(item["document"])}


READERS: dict[str, Callable[[Stage, Item], None]] = {
    "ledger: asked#… / <id>": asked,
    "ledger: attempt#… / link#…": attempt,
    "ledger: backfill#… / <id>": backfill,
    "ledger: backfill#… / backfill": backfill,
    "ledger: backfill#… / deal#…": backfill,
    "ledger: dead-letter#… / dead-letter": dead_letter,
    "ledger: dead-letter-of#… / dead-letter": youngest,
    "ledger: deal#… / pointer": pointer,
    "ledger: failure#… / failure": failure,
    "ledger: forget#… / forget": forget,
    "ledger: group#… / seen#…": seen,
    "ledger: invitation#… / chain": chain,
    "ledger: invitation#… / invitation": invitation,
    "ledger: link#… / base": base,
    "ledger: link#… / chain": chain,
    "ledger: link#… / link": link,
    "ledger: link#… / seen#…": seen,
    "ledger: opportunity#… / pointer": pointer,
    "ledger: origin#… / origin": origin,
    "ledger: privacy#… / chain": chain,
    "ledger: quarantine#… / quarantine": quarantine,
    "ledger: quota#… / writes": quota,
    "ledger: settings#… / chain": chain,
    "ledger: solutions#… / <id>": solutions,
    "ledger: solutions#… / pointer": solutions,
    "ledger: subject#… / <id>": subject_place,
    "ledger: subject#… / contact:…": subject_place,
    "ledger: subject#… / key": subject_key,
    "ledger: subject#… / link#…": subject_place,
    "ledger: submission#… / submission": submission,
    "ledger: watermark#… / watermark": watermark,
    "runs: <run> / sent": sent,
}


@pytest.mark.parametrize(("version", "kind"), [(version, kind) for version in VERSIONS for kind in READERS])
def test_every_item_of_an_older_version_is_read(version: str, kind: str) -> None:
    for item in items_of(version).get(kind, ()):
        READERS[kind](Stage(version, item), item)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_kind_that_a_version_left_has_a_reader(version: str) -> None:
    assert sorted(items_of(version).keys() - READERS.keys() - {"audit"}) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_audit_of_an_older_version_is_whole_and_reads_as_it_did(version: str) -> None:
    stage = Stage(version)
    found = 0
    for key, records in chains(stage):
        assert list(check_chain(key, records, head_of(records[-1]), [], now_ms=0)) == []
        found += len(records)
    assert found == len(items_of(version)["audit"]) > 0
    of_deals = {one["deal_id"] for one in items_of(version)["audit"] if "deal_id" in one}
    timeline = AuditTimeline(stage.store, AUDIT)
    for deal in of_deals:
        steps = [one.record for one in timeline.report(Query(deal=deal)) if one.record]
        assert len(steps) == sum(one.get("deal_id") == deal for one in items_of(version)["audit"])


def chains(stage: Stage) -> Iterator[tuple[str, list[Item]]]:
    for key, records in groupby(stage.reader.everything(), key=lambda one: one["pk"]):
        yield key, list(records)
