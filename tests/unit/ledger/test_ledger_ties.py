from __future__ import annotations

import pytest

from lambdas.shared.domain.link import HANDED_OVER
from lambdas.shared.errors import Conflict, Retryable


@pytest.fixture
def deal_half(links) -> str:
    return links.open_for_deal("aws", "500", "hubspot")


@pytest.fixture
def opportunity_half(links) -> str:
    return links.open_for_opportunity("aws", "O1")


def test_a_created_opportunity_is_tied_once(links, deal_half):
    assert links.tie_opportunity(deal_half, "O1", "2026-01-01") == "tied"
    assert links.tie_opportunity(deal_half, "O1", "2026-01-02") == "already"
    link = links.get(deal_half)
    assert (link.opportunity_id, link.partner_version, link.wanted) == ("O1", "2026-01-01", 1)
    assert links.for_opportunities("aws", ["O1"]) == {"O1": deal_half}


def test_the_event_of_our_own_create_that_came_first_is_taken_over(links, deal_half, opportunity_half):
    assert links.tie_opportunity(deal_half, "O1", "v1") == "tied"
    closed = links.get(opportunity_half)
    assert (closed.state, closed.reason, closed.opportunity_id, closed.due_at) == ("closed", HANDED_OVER, None, None)
    assert closed.done == closed.wanted
    assert links.for_opportunities("aws", ["O1"]) == {"O1": deal_half}
    assert links.get(deal_half).wanted == 2, "the notice on the closed link must still be worked off"


def test_the_event_of_our_own_create_that_comes_in_between_is_taken_over(watched_links, watched, links, deal_half):
    watched.before("transact_write_items", lambda: links.open_for_opportunity("aws", "O1"))
    assert watched_links.tie_opportunity(deal_half, "O1", "v1") == "tied"
    assert links.for_opportunities("aws", ["O1"]) == {"O1": deal_half}
    assert links.get("link#aws#oO1").handed_over


def test_the_webhook_of_our_own_inbound_deal_that_came_first_is_taken_over(links, deal_half, opportunity_half):
    assert links.attach_deal(opportunity_half, "500") == "attached"
    assert links.attach_deal(opportunity_half, "500") == "already"
    assert links.get(deal_half).handed_over
    assert links.get(deal_half).deal_id is None
    assert links.for_deals("aws", ["500"]) == {"500": opportunity_half}
    assert (links.get(opportunity_half).deal_id, links.get(opportunity_half).wanted) == ("500", 2)


def test_the_webhook_of_our_own_inbound_deal_that_comes_in_between(watched_links, watched, links, opportunity_half):
    watched.before("transact_write_items", lambda: links.open_for_deal("aws", "500", "hubspot"))
    assert watched_links.attach_deal(opportunity_half, "500") == "attached"
    assert links.for_deals("aws", ["500"]) == {"500": opportunity_half}


def test_two_opportunities_on_one_deal_are_for_a_person(links, deal_half, opportunity_half):
    links.tie_opportunity(deal_half, "O2")
    with pytest.raises(Conflict, match=f"{opportunity_half} wants what {deal_half} holds"):
        links.attach_deal(opportunity_half, "500")
    assert links.for_deals("aws", ["500"]) == {"500": deal_half}
    assert not links.get(opportunity_half).handed_over


def test_an_opportunity_that_has_another_deal_is_for_a_person(links, deal_half, opportunity_half):
    links.attach_deal(opportunity_half, "900")
    with pytest.raises(Conflict, match=f"{deal_half} wants what {opportunity_half} holds"):
        links.tie_opportunity(deal_half, "O1")


def test_a_link_is_never_tied_to_a_second_opportunity_or_deal(links, deal_half, opportunity_half):
    links.tie_opportunity(deal_half, "O2")
    with pytest.raises(Conflict, match="tied to O2, not to O3"):
        links.tie_opportunity(deal_half, "O3")
    links.attach_deal(opportunity_half, "900")
    with pytest.raises(Conflict, match="tied to deal 900, not to 901"):
        links.attach_deal(opportunity_half, "901")


def test_a_link_that_was_handed_over_takes_nothing_any_more(links, deal_half, opportunity_half):
    links.tie_opportunity(deal_half, "O1")
    with pytest.raises(Conflict, match="handed over"):
        links.attach_deal(opportunity_half, "900")
    assert links.for_deals("aws", ["900"]) == {}


def test_a_half_link_is_not_taken_from_under_a_run(links, leases, clock, deal_half, opportunity_half):
    leases.take_lease(opportunity_half, "other-run")
    with pytest.raises(Retryable, match="a run is working"):
        links.tie_opportunity(deal_half, "O1", lease_owner="my-run")
    clock.advance(seconds=331)
    assert links.tie_opportunity(deal_half, "O1", lease_owner="my-run") == "tied"


def test_a_run_that_starts_in_between_is_waited_for(watched_links, watched, links, leases, deal_half, opportunity_half):
    watched.before("transact_write_items", lambda: leases.take_lease(opportunity_half, "other-run"))
    with pytest.raises(Retryable):
        watched_links.tie_opportunity(deal_half, "O1")
    assert links.for_opportunities("aws", ["O1"]) == {"O1": opportunity_half}


def test_a_deal_with_a_create_under_way_is_not_taken(links, deal_half, opportunity_half):
    links.begin_attempt(deal_half, "token", "500")
    with pytest.raises(Conflict, match="create under way: True"):
        links.attach_deal(opportunity_half, "500")


def test_a_create_that_begins_in_between_is_not_taken(watched_links, watched, links, deal_half, opportunity_half):
    watched.before("transact_write_items", lambda: links.begin_attempt(deal_half, "token", "500"))
    with pytest.raises(Conflict):
        watched_links.attach_deal(opportunity_half, "500")
    assert links.for_deals("aws", ["500"]) == {"500": deal_half}


def test_a_half_that_becomes_whole_in_between_is_not_taken(watched_links, watched, links, deal_half, opportunity_half):
    watched.before("transact_write_items", lambda: links.tie_opportunity(deal_half, "O2"))
    with pytest.raises(Conflict, match="opportunity O2"):
        watched_links.attach_deal(opportunity_half, "500")
    assert links.for_deals("aws", ["500"]) == {"500": deal_half}


def test_of_two_opportunities_tied_at_once_the_first_stays(watched_links, watched, links, deal_half):
    watched.before("transact_write_items", lambda: links.tie_opportunity(deal_half, "O2"))
    with pytest.raises(Conflict, match="tied to O2, not to O1"):
        watched_links.tie_opportunity(deal_half, "O1")
    assert links.for_opportunities("aws", ["O1", "O2"]) == {"O2": deal_half}


def test_a_run_hands_its_own_link_over_while_it_holds_the_lease(links, leases, deal_half, opportunity_half):
    leases.take_lease(opportunity_half, "my-run")
    links.hand_over(opportunity_half, deal_half, "O1", lease_owner="my-run")
    links.hand_over(opportunity_half, deal_half, "O1", lease_owner="my-run")
    assert links.get(opportunity_half).handed_over
    assert links.get(deal_half).opportunity_id == "O1"
    assert leases.release(opportunity_half, "my-run", 1) is True


def test_only_what_a_link_holds_can_be_handed_over(links, deal_half, opportunity_half):
    third = links.open_for_deal("aws", "700", "hubspot")
    with pytest.raises(Conflict, match=f"O1 belongs to {opportunity_half}"):
        links.hand_over(third, deal_half, "O1")


@pytest.mark.parametrize("when", range(6))
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (first, second)
        for first in ("tie", "attach", "open deal", "open opportunity", "merge", "hand over")
        for second in ("tie", "attach", "open deal", "open opportunity", "merge", "hand over")
    ],
)
@pytest.mark.parametrize("client", ["fake"], indirect=True)
def test_any_two_calls_interleaved_leave_every_id_with_one_live_link(
    links, watched_links, watched, first, second, when, deal_half, opportunity_half
):
    def call(on, name):
        return {
            "tie": lambda: on.tie_opportunity(deal_half, "O1", "v1"),
            "attach": lambda: on.attach_deal(opportunity_half, "500"),
            "open deal": lambda: on.open_for_deal("aws", "600", "hubspot"),
            "open opportunity": lambda: on.open_for_opportunity("aws", "O1"),
            "merge": lambda: on.move_deal("aws", ["500", "600"], "600"),
            "hand over": lambda: on.hand_over(opportunity_half, deal_half, "O1"),
        }[name]

    def settled(act):
        try:
            act()
        except (Conflict, Retryable):
            return

    watched.before_call(when, lambda: settled(call(links, second)))
    settled(call(watched_links, first))
    for deal, key in links.for_deals("aws", ["500", "600"]).items():
        link = links.get(key)
        assert not link.handed_over
        assert link.deal_id in (deal, "600")
    ((opportunity, key),) = links.for_opportunities("aws", ["O1"]).items()
    assert links.get(key).opportunity_id == opportunity
    assert not links.get(key).handed_over
    for key in (deal_half, opportunity_half):
        link = links.get(key)
        assert link.handed_over == (link.deal_id is None and link.opportunity_id is None)
        assert not (link.handed_over and link.due_at)
