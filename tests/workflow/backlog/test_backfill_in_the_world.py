"""First day with an existing pipeline: the dry run says what the machines then do, and no record is made twice."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

import pytest

from cli import backfill
from cli.backfill_apply import Applying
from cli.main import UserError
from lambdas.shared.domain.link import link_key
from sandbox.turned import Options, World
from tests.workflow.backlog import backlog


@pytest.fixture
def world() -> World:
    return World(Options())


def dry_run(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, Any]]:
    arguments = backlog.arguments("backfill", "--json", *words)
    assert backfill.dry_run(backlog.access(world), arguments, backlog.silent()) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {f"{one['kind']} {one['deal_id'] if one['kind'] == 'deal' else one['opportunity_id']}": one for one in lines}


def apply(world: World, *words: str) -> int:
    arguments = backlog.arguments("backfill", "--apply", *words)
    return backfill.apply(backlog.access(world), arguments, backlog.silent())


def test_the_dry_run_tells_each_case_and_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = backlog.past_deal(world, "Fresh one #AWS")
    named = backlog.past_deal(world, "Named by its opportunity #AWS", 2)
    claims = backlog.past_opportunity(world, "Otherwise called", PartnerOpportunityIdentifier=named)
    carrying = backlog.past_deal(world, "Carries the id #AWS", 3)
    carried = backlog.past_opportunity(world, "Carried")
    world.hubspot.account.update("deals", carrying, {"aws_opportunity_id": carried})
    lacking = backlog.past_deal(world, "No country #AWS", 4, country=None)
    twice = backlog.past_deal(world, "Named twice #AWS", 5)
    both = [backlog.past_opportunity(world, f"T{n}", PartnerOpportunityIdentifier=twice) for n in (1, 2)]
    alike = backlog.past_deal(world, "Same  Title #AWS", 6)
    same = backlog.past_opportunity(world, "same title")
    gone = backlog.past_deal(world, "Names what is not there #AWS", 7)
    world.hubspot.account.update("deals", gone, {"aws_opportunity_id": "O999999"})
    plain = backlog.past_deal(world, "No tag, yet named", 8)
    nobody = backlog.past_opportunity(world, "Of an untagged deal", PartnerOpportunityIdentifier=plain)
    backlog.past_deal(world, "Not #AWSome", 9)
    backlog.forget_notices(world)
    world.clock.advance(seconds=60)
    before = world.writes(), world.store.items("ledger")

    found = dry_run(world, capsys)

    assert {name: (one["verdict"], one["opportunity_id"]) for name, one in found.items()} == {
        f"deal {fresh}": ("create", None),
        f"deal {named}": ("link", claims),
        f"deal {carrying}": ("link", carried),
        f"deal {lacking}": ("cannot", None),
        f"deal {twice}": ("ambiguous", None),
        f"deal {alike}": ("ambiguous", None),
        f"deal {gone}": ("cannot", "O999999"),
        f"opportunity {same}": ("alone", same),
        f"opportunity {nobody}": ("alone", nobody),
    }
    assert found[f"deal {fresh}"]["title"] == "Fresh one #AWS"
    assert found[f"deal {named}"]["why"].startswith("the opportunity names the deal")
    assert found[f"deal {carrying}"]["why"].startswith("the deal carries the opportunity's id")
    assert ("company", "country") in {(one["object"], one["property"]) for one in found[f"deal {lacking}"]["missing"]}
    assert all(one in found[f"deal {twice}"]["why"] for one in both)
    assert same in found[f"deal {alike}"]["why"]
    assert "tag" in found[f"opportunity {nobody}"]["why"]
    assert (world.writes(), world.store.items("ledger")) == before


def test_what_is_applied_is_what_was_said_and_nothing_is_doubled(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = backlog.past_deal(world, "Fresh one #AWS")
    named = backlog.past_deal(world, "Otherwise called #AWS", 2)
    claims = backlog.past_opportunity(world, "Otherwise called", PartnerOpportunityIdentifier=named)
    lacking = backlog.past_deal(world, "No country #AWS", 3, country=None)
    world.clock.advance(seconds=60)
    had = len(world.opportunities())

    assert apply(world) == 1, "one of them lacks something"

    told = capsys.readouterr()
    assert "company.country" in told.out
    assert f"deal#aws#{lacking}" in told.out
    assert world.deal(named)["aws_opportunity_id"] == claims
    assert world.deal(fresh)["aws_sync_status"] == "synced"
    assert world.deal(lacking)["aws_sync_status"] == "blocked"
    assert len(world.opportunities()) == had + 1
    world.run_until_quiet()
    assert (world.duplicates(), world.dead_letters(), world.unsettled()) == ([], [], [])
    assert {one.verdict for one in backlog.findings(world)} == {"linked", "cannot"}

    assert apply(world) == 1
    world.run_until_quiet()
    assert len(world.opportunities()) == had + 1
    assert world.duplicates() == []


def test_of_two_deals_that_claim_one_opportunity_the_second_waits_for_a_person(world: World) -> None:
    """Nobody but a person can say which it belongs to: a conflict is right, by the backfill and by a change alike."""
    first = backlog.past_deal(world, "First #AWS")
    one = backlog.past_opportunity(world, "Made by hand", PartnerOpportunityIdentifier=first)
    assert apply(world) == 0
    second = backlog.past_deal(world, "Second #AWS", 2)
    world.hubspot.account.update("deals", first, {"aws_opportunity_id": ""})
    world.hubspot.account.update("deals", second, {"aws_opportunity_id": one})
    backlog.forget_notices(world)

    found = {each.record: each for each in backlog.findings(world)}
    assert (found[f"deal#aws#{second}"].verdict, found[f"deal#aws#{second}"].by) == ("ambiguous", None)
    assert "belongs to another deal" in found[f"deal#aws#{second}"].why

    world.hubspot.account.update("deals", second, {"amount": "3000"})
    world.advance(600)
    told = world.deal(second)
    assert (told["aws_sync_status"], told.get("aws_opportunity_id")) == ("conflict", one)
    assert f"belongs to the deal {first} already" in told["aws_sync_message"]
    (task,) = world.hubspot.account.records("tasks")
    assert "Merge the two deals, or empty this deal" in task.values()["hs_task_body"]
    assert list(world.opportunities()) == [one], "nothing is made before it is decided"

    world.hubspot.account.update("deals", second, {"aws_opportunity_id": ""})
    world.run_until_quiet()
    assert (world.deal(first)["aws_opportunity_id"], world.deal(first)["aws_sync_status"]) == (one, "synced")
    assert world.deal(second)["aws_sync_status"] == "synced"
    assert len(world.opportunities()) == 2
    assert (world.duplicates(), world.dead_letters(), world.unsettled()) == ([], [], [])


def test_a_start_that_was_cut_short_goes_on(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deals = [backlog.past_deal(world, f"Deal {number} #AWS", number) for number in range(1, 6)]
    world.clock.advance(seconds=60)
    raised: list[str] = []
    really = Applying._raise

    def cut(self: Applying, finding: Any) -> None:
        if len(raised) == 3:
            raise KeyboardInterrupt
        raised.append(finding.record)
        really(self, finding)

    monkeypatch.setattr(Applying, "_raise", cut)
    assert apply(world, "--window", "2") == backfill.LEFT_OFF
    assert "goes on where it was" in capsys.readouterr().err
    monkeypatch.setattr(Applying, "_raise", lambda self, one: (raised.append(one.record), really(self, one)))

    assert apply(world, "--window", "2") == 0

    assert "goes on." in capsys.readouterr().err
    assert sorted(raised) == [f"deal#aws#{one}" for one in deals], "none was raised twice"
    world.run_until_quiet()
    assert sorted(world.central.origins()) == sorted(deals)
    assert apply(world) == 0
    assert "begins." in capsys.readouterr().err, "what has ended is not gone on with"


def test_the_window_keeps_the_rest_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 7):
        backlog.past_deal(world, f"Deal {number} #AWS", number)
    world.clock.advance(seconds=60)
    outstanding: list[int] = []
    really = Applying._raise

    def counted(self: Applying, finding: Any) -> None:
        really(self, finding)
        outstanding.append(self.window.outstanding)

    monkeypatch.setattr(Applying, "_raise", counted)
    assert apply(world, "--window", "2") == 0
    assert (len(outstanding), max(outstanding)) == (6, 2)


def test_it_leaves_off_before_the_day_s_writes_are_used_up(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(Options(writes_per_day=10))
    for number in range(1, 4):
        backlog.past_deal(world, f"Deal {number} #AWS", number)
    world.parts.quota.reserve("aws#Sandbox", 8, 1, 10)
    assert apply(world) == backfill.LEFT_OFF
    assert "leaves off at 8" in capsys.readouterr().err
    assert world.links() == []


def test_a_deal_whose_create_is_under_way_is_waited_for(world: World) -> None:
    deal = backlog.past_deal(world, "Under way #AWS")
    key = world.parts.links.open_for_deal("aws", deal, "hubspot")
    world.store.update_item(
        TableName="ledger",
        Key={"pk": {"S": key}, "sk": {"S": "link"}},
        UpdateExpression="SET #attempt = :attempt",
        ExpressionAttributeNames={"#attempt": "attempt"},
        ExpressionAttributeValues={":attempt": {"M": {"token": {"S": "t"}, "at": {"N": "1"}, "deal_id": {"S": deal}}}},
    )
    assert backlog.by_record(backlog.findings(world)) == {f"deal#aws#{deal}": "wait"}


def test_one_deal_alone_and_a_limit(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (backlog.past_deal(world, f"Deal {number} #AWS", number) for number in (1, 2))
    untagged = backlog.past_deal(world, "Never shared", 3)
    world.clock.advance(seconds=60)
    assert list(dry_run(world, capsys, "--deal", second)) == [f"deal {second}"]
    assert dry_run(world, capsys, "--deal", untagged)[f"deal {untagged}"]["verdict"] == "alone"
    assert apply(world, "--limit", "1") == 0
    assert [one["pk"] for one in world.links()] == [link_key("aws", deal_id=first)]


def test_an_opportunity_of_ours_becomes_a_deal_where_the_stage_takes_all() -> None:
    world = World(
        Options(
            settings={
                "aws": {"inbound": {"opportunities": "all", "pipeline": "default", "stage": "appointmentscheduled"}}
            }
        )
    )
    found = backlog.past_opportunity(world, "Made at AWS by hand")
    assert backlog.by_record(backlog.findings(world)) == {f"opportunity#aws#{found}": "deal"}
    assert apply(world) == 0
    (deal,) = world.hubspot.account.records("deals")
    assert deal.values()["aws_opportunity_id"] == found
    assert deal.values()["dealname"] == "Made at AWS by hand #AWS"


def test_a_deal_that_nobody_knows_is_said_before_anything_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "place_of", lambda _stage: None)
    monkeypatch.setattr(backfill, "access_to", lambda _place, _partner: nullcontext(backlog.access(world)))
    known = backlog.past_deal(world, "Known #AWS")
    calls = world.calls("ListOpportunities")
    with pytest.raises(UserError, match="HubSpot has no deals 998, 999, and there is no link"):
        backfill.run(backlog.arguments("backfill", "--deal", known, "--deal", "998", "--deal", "999"))
    assert world.calls("ListOpportunities") == calls
