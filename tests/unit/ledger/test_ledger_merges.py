from __future__ import annotations

import pytest

from lambdas.shared.domain.link import TWO_OPPORTUNITIES
from lambdas.shared.errors import Conflict, Retryable


def test_the_link_follows_its_deal_and_is_raised(links):
    key = links.open_for_deal("aws", "500", "hubspot")
    links.tie_opportunity(key, "O1")
    moved = links.move_deal("aws", ["500", "600"], "700")
    assert (moved.link, moved.conflicts, moved.closed, moved.touched) == (key, (), (), (key,))
    assert (links.get(key).deal_id, links.get(key).wanted) == ("700", 2)
    assert links.for_deals("aws", ["500", "600", "700"]) == {"500": key, "600": key, "700": key}


def test_merging_deals_that_nobody_knows_does_nothing(links):
    assert links.move_deal("aws", ["500"], "700").touched == ()
    assert links.for_deals("aws", ["500", "700"]) == {}


def test_the_link_with_the_opportunity_stays_and_the_empty_one_is_handed_over(links):
    empty = links.open_for_deal("aws", "700", "hubspot")
    holder = links.open_for_deal("aws", "500", "hubspot")
    links.tie_opportunity(holder, "O1")
    moved = links.move_deal("aws", ["500"], "700")
    assert (moved.link, moved.closed) == (holder, (empty,))
    assert links.get(empty).handed_to == holder
    assert links.for_deals("aws", ["700"]) == {"700": holder}


def test_two_opportunities_on_one_deal_are_a_conflict_for_a_person(links):
    first, second = (links.open_for_deal("aws", deal, "hubspot") for deal in ("500", "600"))
    links.tie_opportunity(first, "O1")
    links.tie_opportunity(second, "O2")
    moved = links.move_deal("aws", ["500"], "600")
    assert (moved.link, moved.conflicts, moved.closed) == (second, (first,), ())
    rival = links.get(first)
    assert (rival.state, rival.reason, rival.opportunity_id) == ("conflict", TWO_OPPORTUNITIES, "O1")
    assert rival.wanted == 2, "a run must come and tell the person"
    assert links.for_opportunities("aws", ["O1", "O2"]) == {"O1": first, "O2": second}


def _two_shared(links, clock):
    """The older one first; each has an opportunity."""
    older = links.open_for_deal("aws", "500", "hubspot")
    clock.advance(seconds=60)
    younger = links.open_for_deal("aws", "600", "hubspot")
    links.tie_opportunity(older, "O1")
    links.tie_opportunity(younger, "O2")
    return older, younger


@pytest.mark.parametrize(("deals", "leads"), [(["500", "600"], 0), (["600", "500"], 1)])
def test_the_primary_deals_opportunity_is_kept_however_old_the_other_is(links, clock, deals, leads):
    both = _two_shared(links, clock)
    moved = links.move_deal("aws", deals, "700")
    assert (moved.link, moved.conflicts) == (both[leads], (both[1 - leads],))


def test_the_opportunity_that_the_deal_names_goes_before_the_primary_deals(links, clock):
    older, younger = _two_shared(links, clock)
    assert links.move_deal("aws", ["500", "600"], "700", named="O2").link == younger
    assert links.for_deals("aws", ["500", "600", "700"]) == dict.fromkeys(("500", "600", "700"), younger)
    assert links.get(older).state == "conflict"


def test_a_deal_is_led_to_its_other_opportunity_though_no_pointer_leads_there(links, clock):
    older, younger = _two_shared(links, clock)
    links.move_deal("aws", ["500", "600"], "700")
    moved = links.move_deal("aws", [], "700", named="O2")
    assert (moved.link, moved.conflicts) == (younger, (older,))
    assert links.for_deals("aws", ["700"]) == {"700": younger}
    assert links.move_deal("aws", ["500", "600"], "700").link == younger, "the merge told once more changes nothing"


def test_a_deal_that_names_another_deals_opportunity_does_not_take_it(links, clock):
    older, younger = _two_shared(links, clock)
    moved = links.move_deal("aws", ["500"], "700", named="O2")
    assert (moved.link, moved.conflicts) == (older, ())
    assert links.get(younger).deal_id == "600"


def test_a_create_under_way_counts_as_an_opportunity(links):
    first, second = (links.open_for_deal("aws", deal, "hubspot") for deal in ("500", "600"))
    links.begin_attempt(first, "token", "500")
    moved = links.move_deal("aws", ["500"], "600")
    assert (moved.link, moved.closed) == (first, (second,))


def test_a_merge_waits_for_the_run_on_a_link_that_it_would_close(links, leases, clock):
    holder, empty = (links.open_for_deal("aws", deal, "hubspot") for deal in ("500", "600"))
    links.tie_opportunity(holder, "O1")
    leases.take_lease(empty, "run")
    with pytest.raises(Retryable, match=f"working on {empty}"):
        links.move_deal("aws", ["500"], "600")
    clock.advance(seconds=331)
    assert links.move_deal("aws", ["500"], "600").closed == (empty,)


def test_a_run_that_finds_its_deal_merged_does_not_wait_for_itself(links, leases):
    holder, mine = (links.open_for_deal("aws", deal, "hubspot") for deal in ("600", "500"))
    links.tie_opportunity(holder, "O1")
    leases.take_lease(mine, "my-run")
    assert links.move_deal("aws", ["500"], "600", lease_owner="my-run").closed == (mine,)
    assert leases.release(mine, "my-run", 1) is True


def test_a_merge_that_is_told_twice_stays_as_it_was(links):
    key = links.open_for_deal("aws", "500", "hubspot")
    links.open_for_deal("aws", "600", "hubspot")
    links.tie_opportunity(key, "O1")
    links.move_deal("aws", ["500", "600"], "600")
    before = links.get(key)
    moved = links.move_deal("aws", ["500", "600"], "600")
    assert (moved.link, moved.conflicts, moved.closed) == (key, (), ())
    assert links.get(key).deal_id == before.deal_id == "600"


def test_a_deal_that_appears_while_its_merge_is_written_is_taken_along(links, watched_links, watched):
    key = links.open_for_deal("aws", "500", "hubspot")
    links.tie_opportunity(key, "O1")
    watched.before("transact_write_items", lambda: links.open_for_deal("aws", "600", "hubspot"))
    moved = watched_links.move_deal("aws", ["500"], "600")
    assert moved.closed == ("link#aws#d600",)
    assert links.for_deals("aws", ["600"]) == {"600": key}


def test_of_two_merges_at_once_the_second_starts_from_the_first(links, watched_links, watched):
    first, second = (links.open_for_deal("aws", deal, "hubspot") for deal in ("500", "800"))
    links.tie_opportunity(first, "O1")
    links.tie_opportunity(second, "O2")
    watched.before("transact_write_items", lambda: links.move_deal("aws", ["500"], "800"))
    watched_links.move_deal("aws", ["500"], "600")
    assert links.for_deals("aws", ["500", "600", "800"]) == {"500": second, "600": second, "800": second}
    assert links.get(first).state == "conflict"


def test_a_notice_for_a_link_that_was_handed_over_is_counted_where_the_work_went(links, watched_links, watched):
    half = links.open_for_deal("aws", "500", "hubspot")
    holder = links.open_for_opportunity("aws", "O1")
    watched.before("update_item", lambda: links.attach_deal(holder, "500"))
    assert watched_links.raise_many([half]) == [holder]
    assert links.get(holder).wanted == 3
    assert links.get(half).due_at is None


def test_a_merged_deal_is_never_attached_under_its_old_id(links):
    half = links.open_for_deal("aws", "500", "hubspot")
    links.move_deal("aws", ["500"], "600")
    inbound = links.open_for_opportunity("aws", "O1")
    with pytest.raises(Conflict, match="500 is no longer the deal_id"):
        links.attach_deal(inbound, "500")
    assert links.attach_deal(inbound, "600") == "attached"
    assert links.raise_wanted(links.for_deals("aws", ["500"])["500"]) == inbound
    assert links.get(half).handed_to == inbound


def test_an_absurd_merge_is_refused_by_name():
    from lambdas.shared.adapters.ledger import Links

    with pytest.raises(ValueError, match="allowed: 40"):
        Links(None, "ledger").move_deal("aws", [str(number) for number in range(60)], "1")
