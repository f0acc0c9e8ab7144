"""From notices to wake-ups: which links, and what happens when HubSpot cannot be asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import DeadLetters, Leases, Links
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import Retryable, Throttled, Unauthorized
from lambdas.shared.handlers.route_notices import Collaborators, Partner, passed_on, route_notices
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeQueue


class HubSpot:
    def __init__(self, names: dict[str, str] | None = None, related: dict[str, list[str]] | None = None) -> None:
        self.names, self.related = names or {}, related or {}
        self.reads: list[list[str]] = []
        self.down: Exception | None = None

    def batch_read_deals(self, ids: list[str], _properties: Any) -> dict[str, dict[str, str]]:
        if self.down:
            raise self.down
        self.reads.append(list(ids))
        return {one: {"dealname": self.names[one]} for one in ids if one in self.names}

    def deals_of(self, _object_type: str, ids: list[str]) -> dict[str, list[str]]:
        if self.down:
            raise self.down
        return {one: self.related.get(one, []) for one in ids}


class World:
    def __init__(self, hubspot: HubSpot | None = None, passed_on: frozenset[str] = frozenset()) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.links = Links(self.dynamodb, "ledger", self.clock)
        self.leases = Leases(self.dynamodb, "ledger", self.clock)
        self.hubspot = hubspot or HubSpot()
        self.inbox, self.invitations, self.notices = FakeQueue(), FakeQueue(), FakeQueue()
        self.c = Collaborators(
            links=self.links,
            hubspot=lambda: self.hubspot,
            partners=(Partner("aws", Tagging("#AWS"), self.inbox, self.invitations),),
            notices=self.notices,
            leases=self.leases,
            passed_on=passed_on,
        )

    def route(self, *messages: Any) -> list[str]:
        records = [
            {"messageId": f"m-{number}", "body": one if isinstance(one, str) else json.dumps(one)}
            for number, one in enumerate(messages)
        ]
        return [one["itemIdentifier"] for one in route_notices({"Records": records}, self.c)["batchItemFailures"]]

    def woken(self) -> list[str]:
        return [message["link"] for message in self.inbox.messages]


def webhook(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"source": "hubspot", "correlation_id": "c-1", "limit_to": None, "events": list(events), **more}


def change(deal: str = "500", **more: Any) -> dict[str, Any]:
    return {"kind": "propertyChange", "object": "deal", "id": deal, "property": "dealname", "own": False, **more}


def test_a_tagged_deal_gets_a_link_and_is_woken() -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    assert world.route(webhook(change(), change(property="dealname"))) == []
    assert world.woken() == ["link#aws#d500"]
    assert world.inbox.messages[0]["correlation_id"] == "c-1"
    assert world.links.get("link#aws#d500").wanted == 1


@pytest.mark.parametrize("name", ["Acme", "Acme #AWSOME", "Acme AWS", ""])
def test_an_untagged_deal_gets_nothing(name: str) -> None:
    world = World(HubSpot({"500": name}))
    world.route(webhook(change()))
    assert world.woken() == []
    assert world.links.for_deals("aws", ["500"]) == {}


@pytest.mark.parametrize(
    ("event", "asked"),
    [
        ({"property": "amount"}, False),
        ({"property": "dealname"}, True),
        ({"kind": "creation", "property": None}, True),
        ({"kind": "restore", "property": None}, True),
        ({"kind": "associationChange", "from_id": "500", "to_id": "7"}, False),
    ],
)
def test_hubspot_is_asked_for_a_name_only_when_a_tag_may_have_come(event: dict[str, Any], asked: bool) -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    world.route(webhook(change(**event)))
    assert world.hubspot.reads == ([["500"]] if asked else [])
    assert world.woken() == (["link#aws#d500"] if asked else [])


def test_a_polled_deal_is_asked_for_its_name_whatever_changed() -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    world.route({"source": "poll", "partner": None, "correlation_id": "c-1", "limit_to": None, "deals": ["500"]})
    assert world.woken() == ["link#aws#d500"]


def test_a_linked_deal_is_woken_without_asking_hubspot() -> None:
    world = World()
    world.links.open_for_deal("aws", "500", "hubspot")
    world.route(webhook(change()))
    assert world.woken() == ["link#aws#d500"]
    assert world.hubspot.reads == []
    assert world.links.get("link#aws#d500").wanted == 2


def test_own_writes_ask_for_nothing_but_own_deletions_do() -> None:
    world = World()
    world.links.open_for_deal("aws", "500", "hubspot")
    world.route(webhook(change(own=True), {"kind": "creation", "object": "deal", "id": "501", "own": True}))
    assert (world.woken(), world.hubspot.reads) == ([], [])
    world.route(webhook({"kind": "deletion", "object": "deal", "id": "500", "own": True}))
    assert world.woken() == ["link#aws#d500"]


def test_what_one_partner_moved_and_may_go_on_is_news_for_the_others() -> None:
    stage = {"name": "stage", "properties": ["dealstage", "pipeline"], "pass_on": True}
    amount = {"name": "amount", "properties": ["amount"], "pass_on": False}
    assert passed_on({"aws": {"fields": [stage, amount]}, "google": {"fields": [amount]}}) == {"dealstage", "pipeline"}
    assert passed_on({"aws": {"fields": [stage, amount]}}) == frozenset(), "alone there is nobody to hear of it"
    world = World(passed_on=frozenset({"dealstage"}))
    world.links.open_for_deal("aws", "500", "hubspot")
    world.route(webhook(change(own=True)))
    assert world.woken() == []
    world.route(webhook(change(own=True, property="dealstage")))
    assert world.woken() == ["link#aws#d500"]


def test_a_deleted_deal_that_is_not_ours_is_not_even_read() -> None:
    world = World()
    world.route(webhook({"kind": "deletion", "object": "deal", "id": "900", "own": False}))
    assert (world.woken(), world.hubspot.reads) == ([], [])


@pytest.mark.parametrize("own", [False, True])
def test_a_restored_deal_wakes_the_link_that_its_deletion_closed(own: bool) -> None:
    """Whoever restored it: the link was closed and only a run that reads the deal opens it again."""
    world = World()
    key = world.links.open_for_deal("aws", "500", "hubspot")
    world.leases.take_lease(key, "run")
    world.links.settle(key, seen=1, lease_owner="run", changes={"state": "closed"})
    world.leases.release(key, "run", 1)
    world.route(webhook({"kind": "restore", "object": "deal", "id": "500", "own": own}))
    assert world.woken() == [key]
    assert (world.links.get(key).wanted, world.links.get(key).done) == (2, 1)


def test_a_restored_deal_that_never_had_a_link_is_asked_for_its_tag() -> None:
    world = World(HubSpot({"500": "Acme #AWS", "501": "Plain"}))
    restored = [{"kind": "restore", "object": "deal", "id": one, "own": False} for one in ("500", "501")]
    world.route(webhook(*restored))
    assert world.hubspot.reads == [["500", "501"]]
    assert world.woken() == ["link#aws#d500"]


def test_links_follow_a_merge() -> None:
    world = World(HubSpot({"502": "Acme #AWS"}))
    world.links.open_for_deal("aws", "500", "hubspot")
    merge = {
        "kind": "merge",
        "object": "deal",
        "id": "502",
        "new_id": "502",
        "merged_ids": ["500", "501"],
        "own": False,
    }
    world.route(webhook(merge))
    assert world.links.for_deals("aws", ["502"]) == {"502": "link#aws#d500"}
    assert set(world.woken()) == {"link#aws#d500"}


@pytest.mark.parametrize(("object_type", "kind"), [("company", "propertyChange"), ("contact", "propertyChange")])
def test_a_change_of_company_or_contact_reaches_its_linked_deals(object_type: str, kind: str) -> None:
    world = World(HubSpot(related={"7": ["500", "501"]}))
    world.links.open_for_deal("aws", "500", "hubspot")
    world.route(webhook({"kind": kind, "object": object_type, "id": "7", "property": "country", "own": False}))
    assert world.woken() == ["link#aws#d500"]


def test_an_association_wakes_the_deal_from_either_end() -> None:
    world = World()
    world.links.open_for_deal("aws", "500", "hubspot")
    ends = {"kind": "associationChange", "own": False}
    world.route(
        webhook({**ends, "object": "deal", "from_id": "500", "to_id": "7", "to_object": "company", "id": "500"})
    )
    world.route(webhook({**ends, "object": "company", "from_id": "7", "to_id": "500", "to_object": "deal", "id": "7"}))
    assert world.woken() == ["link#aws#d500"] * 2


def test_an_alias_leaves_the_other_partners_alone() -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    world.route(webhook(change(), limit_to=["google"]))
    assert world.woken() == []


def test_partner_notices_wake_links_and_open_half_links_a_little_later() -> None:
    world = World()
    key = world.links.open_for_deal("aws", "500", "hubspot")
    world.links.tie_opportunity(key, "O1", "v")
    notice = {"source": "partner", "partner": "aws", "correlation_id": "e", "opportunities": ["O1", "O2"]}
    world.route(notice)
    assert {(message["link"], delay) for message, delay in world.inbox.sent} == {(key, 0), ("link#aws#oO2", 5)}


def test_invitations_go_to_their_own_inbox() -> None:
    world = World()
    world.route({"source": "partner", "partner": "aws", "correlation_id": "e", "invitations": ["engi-1"]})
    assert world.invitations.messages == [{"invitation": "engi-1", "why": "partner", "correlation_id": "e"}]


def test_polled_deals_go_the_same_way_as_webhooks() -> None:
    world = World(HubSpot({"500": "Acme #AWS", "501": "Plain"}))
    world.route({"source": "poll", "correlation_id": "p", "deals": ["500", "501"]})
    assert world.woken() == ["link#aws#d500"]


@pytest.mark.parametrize("trouble", [Retryable("502"), Throttled("429"), Unauthorized("401")])
def test_while_hubspot_is_down_a_notice_waits_ever_longer_and_never_fails(trouble: Exception) -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    world.links.open_for_deal("aws", "400", "hubspot")
    world.hubspot.down = trouble
    message: dict[str, Any] = webhook(change("400"), change("500"))
    delays = []
    for _ in range(12):
        assert world.route(message) == []
        ((message, delay),) = world.notices.sent
        world.notices.sent.clear()
        delays.append(delay)
    assert delays[:4] == [15, 30, 60, 120]
    assert delays[-1] == 900
    assert "link#aws#d400" in world.woken(), "what the ledger knows is woken all the same"
    world.hubspot.down = None
    world.route(message)
    assert world.woken()[-1] == "link#aws#d500"


@pytest.mark.parametrize(("asked", "waits"), [(None, 15), (0.5, 15), (99.2, 100), (86_400, 900)])
def test_a_vendor_that_says_how_long_is_left_alone_for_as_long_as_sqs_can_hold_the_notice(
    asked: float | None, waits: int
) -> None:
    world = World()
    world.hubspot.down = Throttled("429", asked)
    assert world.route(webhook(change())) == []
    assert [delay for _, delay in world.notices.sent] == [waits]


def test_one_poisoned_message_fails_alone_and_leaves_a_report() -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    assert world.route("not JSON", webhook(change()), {"no": "source"}) == ["m-0", "m-2"]
    assert world.woken() == ["link#aws#d500"]
    report = DeadLetters(world.dynamodb, "ledger").failure("m-0")
    assert (report["error"], report["execution"]) == ("JSONDecodeError", "route_notices")
    assert "not JSON" not in report["cause"]


def test_what_nobody_expected_is_logged_with_its_place_and_correlation_and_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    world.hubspot.down = KeyError("Acme secret")
    assert world.route(webhook(change())) == ["m-0"]
    (record,) = caplog.records
    assert (record.error, record.correlation_id, record.message_id) == ("KeyError", "c-1", "m-0")
    assert record.place.startswith("test_route_notices.py:")
    report = DeadLetters(world.dynamodb, "ledger").failure("m-0")
    assert record.place in report["cause"]
    assert "Acme" not in json.dumps(report) + str(record.__dict__)


def test_a_notice_that_has_to_wait_is_logged_under_its_correlation(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.hubspot.down = Retryable("HubSpot is away")
    assert world.route(webhook(change())) == []
    assert [record.correlation_id for record in caplog.records] == ["c-1"]
