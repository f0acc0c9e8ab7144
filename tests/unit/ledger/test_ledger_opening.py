from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdas.shared.adapters.ledger import Links
from lambdas.shared.errors import NotFound


def test_a_new_deal_gets_a_link_that_is_wanted_and_due(links, clock):
    key = links.open_for_deal("aws", "500", "hubspot")
    link = links.get(key)
    assert key == "link#aws#d500"
    assert (link.deal_id, link.origin, link.state, link.wanted, link.done) == ("500", "deal", "open", 1, 0)
    assert link.due_at == clock.now_ms() + 120_000
    assert links.for_deals("aws", ["500", "501"]) == {"500": key}


def test_opening_twice_counts_the_second_notice_on_the_same_link(links):
    first = links.open_for_deal("aws", "500", "hubspot")
    assert links.open_for_deal("aws", "500", "poll") == first
    assert links.get(first).wanted == 2


def test_the_loser_of_a_race_gets_the_winners_link_and_its_notice_is_counted(links, watched_links, watched):
    watched.before("transact_write_items", lambda: links.open_for_deal("aws", "500", "poll"))
    key = watched_links.open_for_deal("aws", "500", "hubspot")
    link = links.get(key)
    assert link.reason == "opened by poll"
    assert link.wanted == 2


@pytest.mark.parametrize("client", ["fake"], indirect=True)
def test_twenty_notices_at_once_open_one_link_and_are_all_counted(links):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: links.open_for_deal("aws", "500", "hubspot"), range(20)))
    assert keys == {"link#aws#d500"}
    assert links.get("link#aws#d500").wanted == 20


def test_the_pointer_is_the_truth_after_the_deal_has_moved_to_another_link(links):
    links.open_for_deal("aws", "600", "hubspot")
    inbound = links.open_for_opportunity("aws", "O1")
    links.attach_deal(inbound, "600")
    assert links.open_for_deal("aws", "600", "hubspot") == inbound


def test_an_invited_opportunity_keeps_where_it_came_from(links):
    key = links.open_for_opportunity("aws", "O1", "engi-1", "invitation")
    link = links.get(key)
    assert (key, link.opportunity_id, link.invitation_id, link.origin) == ("link#aws#oO1", "O1", "engi-1", "invitation")
    assert links.for_opportunities("aws", ["O1"]) == {"O1": key}


def test_the_same_deal_has_one_link_for_each_partner(links):
    assert links.open_for_deal("aws", "500", "hubspot") != links.open_for_deal("google", "500", "hubspot")
    assert links.for_deals("google", ["500"]) == {"500": "link#google#d500"}


def test_more_than_a_hundred_deals_are_found_in_one_call(links):
    keys = {deal: links.open_for_deal("aws", deal, "poll") for deal in ("0", "99", "100", "249")}
    assert links.for_deals("aws", [str(number) for number in [*range(250), 0]]) == keys


def test_raising_counts_and_keeps_the_earlier_due_time(links, clock):
    key = links.open_for_deal("aws", "500", "hubspot")
    due = links.get(key).due_at
    clock.advance(seconds=60)
    assert links.raise_many([key, key]) == [key]
    assert (links.get(key).wanted, links.get(key).due_at) == (2, due)


def test_raising_a_settled_link_makes_it_due_in_two_minutes(links, leases, clock):
    key = links.open_for_deal("aws", "500", "hubspot")
    leases.take_lease(key, "run")
    leases.release(key, "run", 1)
    clock.advance(hours=1)
    links.raise_wanted(key)
    assert links.get(key).due_at == clock.now_ms() + 120_000


def test_a_notice_on_a_link_that_is_due_only_much_later_makes_it_due_in_two_minutes_too(links, leases, clock):
    """Else a lost wake-up would let the notice wait until then, at worst until a referral or invitation ends."""
    key = links.open_for_deal("aws", "500", "hubspot")
    leases.take_lease(key, "run")
    leases.give_back(key, "run", "Unexpected")
    assert links.get(key).due_at == clock.now_ms() + 7_200_000
    links.raise_wanted(key)
    assert (links.get(key).wanted, links.get(key).due_at) == (2, clock.now_ms() + 120_000)


def test_a_notice_on_a_postponed_link_leaves_it_its_time(links, leases, clock):
    key = links.open_for_deal("aws", "500", "hubspot")
    leases.take_lease(key, "run")
    leases.postpone(key, "run", clock.now_ms() + 3_600_000, "Retryable", "away")
    due = links.get(key).due_at
    links.raise_wanted(key)
    assert (links.get(key).due_at, links.get(key).attempts) == (due, 1)


def test_raising_an_unknown_link_never_makes_one(links):
    with pytest.raises(NotFound, match="link#aws#d1"):
        links.raise_wanted("link#aws#d1")
    assert links.get("link#aws#d1") is None


def test_the_sweep_finds_what_is_due_longest_first_and_only_for_its_partner(links, clock):
    keys = []
    for deal in ("1", "2", "3"):
        keys.append(links.open_for_deal("aws", deal, "poll"))
        clock.advance(seconds=1)
    links.open_for_deal("google", "4", "poll")
    now = clock.now_ms()
    assert links.due("aws", now, 10) == []
    assert links.due("aws", now + 120_000, 10) == keys
    assert links.due("aws", now + 120_000, 2) == keys[:2]
    assert links.due("aws", now + 120_000 - 2_000, 10) == keys[:2]


def test_a_link_is_put_off_before_it_is_woken(links, leases, clock):
    key = links.open_for_deal("aws", "500", "hubspot")
    first = links.get(key).due_at
    assert links.put_off(key, first - 1) is False, "somebody else has moved it"
    assert links.put_off(key, first) is True
    assert links.put_off(key, first) is False
    assert links.due("aws", first + 60_000, 5) == []
    assert links.due("aws", first + 120_000, 5) == [key], "a wake-up that is lost is made up for"
    leases.take_lease(key, "run")
    leases.release(key, "run", 1)
    assert links.put_off(key, first + 120_000) is False
    assert links.get(key).due_at is None


def test_a_link_that_a_run_works_on_is_raised_and_not_woken(links, leases):
    key = links.open_for_deal("aws", "500", "hubspot")
    leases.take_lease(key, "run")
    assert links.raise_many([key]) == []
    assert links.get(key).wanted == 2
    assert leases.release(key, "run", 1) is False, "the run itself wakes it again"


def test_an_invitation_is_named_on_a_link_that_its_event_opened_first(links: Links):
    key = links.open_for_opportunity("aws", "O1")
    assert links.open_for_opportunity("aws", "O1", "engi-1", "invitation") == key
    assert links.get(key).invitation_id == "engi-1"
    links.open_for_opportunity("aws", "O1", "engi-2", "invitation")
    assert links.get(key).invitation_id == "engi-1"


def test_a_link_survives_the_way_to_the_table_and_back(links: Links):
    key = links.open_for_opportunity("aws", "O1", "engi-1", "invitation")
    link = links.get(key)
    assert type(link).from_item(link.to_item()) == link
    assert links.get_many([key, "link#aws#d9"]) == {key: link}
