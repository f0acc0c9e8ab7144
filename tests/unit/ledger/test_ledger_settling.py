from __future__ import annotations

import pytest

from lambdas.shared.errors import Conflict, NotFound


@pytest.fixture
def key(links, leases) -> str:
    key = links.open_for_deal("aws", "500", "hubspot")
    leases.take_lease(key, "run")
    return key


def test_an_outcome_is_on_link_and_base_together(links, base, key):
    links.settle(
        key,
        seen=1,
        lease_owner="run",
        base_fields={"title": "Migration", "amount": 10.5, "none": None},
        deal_seen_at=11,
        opportunity_seen_at=12,
        changes={"state": "blocked", "reason": "no country", "partner_version": "v2", "blocked_fields": ["title"]},
    )
    link = links.get(key)
    assert (link.state, link.reason, link.partner_version, link.done) == ("blocked", "no country", "v2", 1)
    assert link.blocked_fields == ("title",)
    assert base.get(key) == {
        "fields": {"title": "Migration", "amount": 10.5, "none": None},
        "deal_seen_at": 11,
        "opportunity_seen_at": 12,
    }


def test_a_run_that_lost_its_lease_records_nothing(links, leases, base, key, clock):
    clock.advance(seconds=331)
    leases.take_lease(key, "another")
    with pytest.raises(Conflict, match="no longer ours"):
        links.settle(key, seen=1, lease_owner="run", base_fields={"title": "x"}, changes={"state": "closed"})
    assert base.get(key) is None
    assert (links.get(key).state, links.get(key).done) == ("open", 0)


def test_a_run_that_is_to_come_again_does_not_count_as_done(links, base, key):
    links.settle(key, seen=None, lease_owner="run", changes={"reason": None, "slot_at": None})
    link = links.get(key)
    assert (link.done, link.reason, link.slot_at) == (0, None, None)
    assert base.get(key) is None


def test_settling_ends_the_open_create(links, key):
    links.begin_attempt(key, "token", "500")
    links.settle(key, seen=1, lease_owner="run", changes={"attempt": None})
    assert links.get(key).attempt is None
    assert links.open_attempts("aws") == {}


def test_a_link_that_was_handed_over_during_the_run_stays_closed(links, leases, base, key):
    inbound = links.open_for_opportunity("aws", "O1")
    links.attach_deal(inbound, "500", lease_owner="run")
    links.settle(key, seen=1, lease_owner="run", base_fields={"a": 1}, changes={"state": "open", "reason": None})
    assert links.get(key).handed_over
    assert base.get(key) is None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"deal_id": "1"}, "cannot change deal_id; allowed: associated"),
        ({"state": "done"}, "'done'; allowed: open, blocked"),
        ({"attempt": {"token": "x"}}, "can only end an attempt"),
    ],
)
def test_what_settling_may_not_change_is_named(links, key, changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        links.settle(key, seen=1, lease_owner="run", changes=changes)


def test_associated_entities_are_kept_once(links, key):
    links.add_associated(key, ["S-1", "S-2"])
    links.add_associated(key, ["S-2", "S-3", "S-3"])
    assert links.get(key).associated == ("S-1", "S-2", "S-3")


def test_what_turned_out_not_to_be_so_is_forgotten(links, key):
    links.add_associated(key, ["S-1", "lead:begun"])
    links.drop_associated(key, "lead:begun")
    links.drop_associated(key, "lead:begun")
    assert links.get(key).associated == ("S-1",)
    with pytest.raises(NotFound):
        links.drop_associated("link#aws#d9", "S-1")


def test_a_kept_slot_is_on_the_link_until_it_is_settled(links, key):
    links.keep_slot(key, 1_790_000_300_000, 3)
    assert (links.get(key).slot_at, links.get(key).slot_writes) == (1_790_000_300_000, 3)
    links.settle(key, seen=1, lease_owner="run", changes={"slot_at": None, "slot_writes": None})
    assert (links.get(key).slot_at, links.get(key).slot_writes) == (None, None)


def test_a_fact_is_told_once(links, key):
    fact = "locked: title (Approved)"
    assert links.tell_begin(key, fact) is True
    assert links.get(key).told == {fact: "pending"}
    assert links.tell_begin(key, fact) is True, "a run that died between note and record must be finished"
    links.tell_done(key, fact, "note-7")
    assert links.tell_begin(key, fact) is False
    assert links.tell_begin(key, "another fact") is True
    assert links.get(key).told == {fact: "note-7", "another fact": "pending"}


def test_a_fact_that_went_away_is_news_when_it_returns(links, key):
    links.tell_begin(key, "no country")
    links.tell_done(key, "no country", "task-1")
    links.tell_again(key, "no country")
    assert links.tell_begin(key, "no country") is True


@pytest.mark.parametrize(
    "call",
    [
        lambda links: links.add_associated("link#aws#d9", ["S-1"]),
        lambda links: links.keep_slot("link#aws#d9", 1, 1),
        lambda links: links.note_named_deal("link#aws#d9", "500"),
        lambda links: links.tell_begin("link#aws#d9", "x"),
        lambda links: links.tell_done("link#aws#d9", "x", "1"),
        lambda links: links.begin_attempt("link#aws#d9", "t", "500"),
        lambda links: links.tie_opportunity("link#aws#d9", "O1"),
    ],
)
def test_no_call_makes_a_link_that_was_never_opened(links, call):
    with pytest.raises((NotFound, Conflict)):
        call(links)
    assert links.get("link#aws#d9") is None


def test_a_create_attempt_keeps_its_first_token(links, key, clock):
    began = {"token": "t1", "at": clock.now_ms(), "deal_id": "500"}
    assert links.begin_attempt(key, "t1", "500") == began
    clock.advance(seconds=5)
    assert links.begin_attempt(key, "t2", "501") == began
    assert links.get(key).names_deal == "500"
    assert links.open_attempts("aws") == {key: began}
    assert links.open_attempts("google") == {}


def test_a_create_that_is_never_sent_twice_says_until_when_its_record_may_have_been_made(links, key, clock):
    attempt = links.begin_attempt(key, "t1", "500", made_within_ms=600_000)
    assert attempt["ends_at"] == clock.now_ms() + 600_000
    assert links.open_attempts("aws") == {key: attempt} == {key: links.get(key).attempt}


def test_two_runs_that_begin_at_once_get_the_same_token(links, watched_links, watched, key):
    watched.before("transact_write_items", lambda: links.begin_attempt(key, "winner", "500"))
    assert watched_links.begin_attempt(key, "loser", "500")["token"] == "winner"


def test_a_link_that_has_its_record_begins_no_second_create(links, watched_links, watched, key):
    """A run that outlived its lease comes here after the run that took over: before it looks, or right after."""
    watched.before("transact_write_items", lambda: links.tie_opportunity(key, "O1", "v", "run"))
    for late in (watched_links, links):
        with pytest.raises(Conflict, match="tied to O1 already"):
            late.begin_attempt(key, "token", "500")
    assert links.get(key).attempt is None
    assert links.open_attempts("aws") == {}


def test_clearing_takes_the_right_token_and_may_be_repeated(links, key):
    links.begin_attempt(key, "t1", "500")
    with pytest.raises(Conflict, match="another token"):
        links.clear_attempt(key, "t2")
    links.clear_attempt(key, "t1")
    links.clear_attempt(key, "t1")
    assert links.get(key).attempt is None
    assert links.open_attempts("aws") == {}
    assert links.begin_attempt(key, "t3", "500")["token"] == "t3"


def test_a_link_that_was_handed_over_creates_nothing(links, key):
    links.attach_deal(links.open_for_opportunity("aws", "O1"), "500", lease_owner="run")
    with pytest.raises(Conflict, match="handed over to link#aws#oO1"):
        links.begin_attempt(key, "token", "500")
