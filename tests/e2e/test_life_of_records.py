"""What becomes of a link when its records are deleted, restored, merged, locked or renamed, or were there before us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

import cli.backfill
import cli.mapping
import cli.reconcile
from cli.main import main
from cli.stage import Place
from lambdas.aws.adapters.partner_central import PartnerCentral
from sandbox.partner_central.fields import get
from sandbox.scenarios import Stage
from sandbox.vendors import CATALOG
from sandbox.world import World
from tests.contract.partner_central import samples

pytestmark = pytest.mark.xdist_group("e2e-records")


def _shared(stage: Stage, name: str):
    deal = stage.new_deal(f"{name} #AWS")
    opportunity = stage.opportunity_of(deal.deal_id)
    stage.world.settle()
    return deal, opportunity


def _status(world: World, deal_id: str) -> str | None:
    return world.deal(deal_id).get("aws_sync_status")


def _tasks(world: World) -> list[dict[str, str]]:
    return [record.values() for record in world.hubspot.records("tasks")]


def test_a_deleted_deal_closes_its_link_and_leaves_the_partner_alone(stage: Stage) -> None:
    world = stage.world
    deal, opportunity = _shared(stage, "Deleted")
    before = dict(opportunity.document)
    world.hubspot.archive("deals", deal.deal_id)
    key = f"link#aws#d{deal.deal_id}"
    world.wait_for(lambda: world.links().get(key).state == "closed", "the link closed")
    world.settle()
    told = [task for task in _tasks(world) if opportunity.id in task["hs_task_body"]]
    assert len(told) == 1
    assert told[0]["hubspot_owner_id"] == deal.owner_id
    assert opportunity.document == before
    world.hubspot.restore("deals", deal.deal_id)
    world.wait_for(lambda: world.links().get(key).state == "open", "the link open again")
    stage.edit(deal.deal_id, amount="77000")
    world.wait_for(
        lambda: get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "77000.00", "the amount"
    )


def test_a_deal_merged_into_an_untagged_one_keeps_its_opportunity(stage: Stage) -> None:
    world = stage.world
    deal, opportunity = _shared(stage, "Merged")
    other = stage.new_deal("Plain one", tagged=False)
    merged = world.hubspot.merge("deals", deal.deal_id, other.deal_id)
    world.wait_for(lambda: world.links().for_deals("aws", [merged.id]), "a link of the merged deal")
    world.settle()
    stage.edit(merged.id, amount="78000")
    world.wait_for(
        lambda: get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "78000.00", "the amount"
    )
    assert _status(world, merged.id) == "synced"


def test_two_shared_deals_merged_are_a_conflict_for_a_person(stage: Stage) -> None:
    world = stage.world
    first, one = _shared(stage, "Twin A")
    second, two = _shared(stage, "Twin B")
    merged = world.hubspot.merge("deals", first.deal_id, second.deal_id)
    world.wait_for(lambda: world.hubspot.associated("deals", merged.id, "tasks"), "a task on the merged deal")
    world.settle()
    tasks = world.hubspot.associated("deals", merged.id, "tasks")
    assert len(tasks) == 1, "told once"
    body = world.hubspot.values("tasks", tasks[0])["hs_task_body"]
    assert one.id in body
    assert two.id in body
    named = world.deal(merged.id)["aws_opportunity_id"]
    assert named in (one.id, two.id), "the deal keeps naming the one that it named"
    links = {key: world.links().get(key) for key in (f"link#aws#d{first.deal_id}", f"link#aws#d{second.deal_id}")}
    assert [link.state for link in links.values() if link.opportunity_id != named] == ["conflict"]
    assert [link.state for link in links.values() if link.opportunity_id == named] == ["open"]


def test_changes_during_a_review_wait_and_go_out_when_the_lock_opens(stage: Stage) -> None:
    world = stage.world
    deal, opportunity = _shared(stage, "Reviewed")
    world.central.edit_as_aws(opportunity.id, review_status="In review")
    world.wait_for(lambda: world.deal(deal.deal_id).get("aws_review_status") == "In review", "the review status")
    stage.edit(deal.deal_id, amount="79000")
    world.wait_for(lambda: _status(world, deal.deal_id) == "waiting", "the status waiting")
    key = f"link#aws#d{deal.deal_id}"
    world.wait_for(lambda: world.links().get(key).blocked_fields, "the names of the locked fields on the link")
    assert get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] != "79000.00"
    world.central.edit_as_aws(opportunity.id, review_status="Approved")
    world.wait_for(
        lambda: get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "79000.00",
        "the amount, after the review",
    )
    world.wait_for(lambda: _status(world, deal.deal_id) == "synced", "the status synced")


def _notes(stage: Stage, deal_id: str, text: str) -> list[str]:
    hubspot = stage.world.hubspot
    bodies = [hubspot.values("notes", each)["hs_note_body"] for each in hubspot.associated("deals", deal_id, "notes")]
    return [body for body in bodies if text in body]


def test_a_deal_renamed_after_approval_gets_one_note_and_no_failed_update(stage: Stage) -> None:
    world = stage.world
    deal, opportunity = _shared(stage, "Renamed")
    world.central.edit_as_aws(opportunity.id, review_status="Approved")
    world.wait_for(lambda: world.deal(deal.deal_id).get("aws_review_status") == "Approved", "the approval")
    world.settle()
    stage.edit(deal.deal_id, dealname="Renamed later #AWS")
    world.wait_for(lambda: _notes(stage, deal.deal_id, "stays as it is"), "a note")
    stage.edit(deal.deal_id, amount="80000")
    world.wait_for(
        lambda: get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "80000.00", "the amount"
    )
    world.settle()
    assert get(opportunity.document, "Project.Title") == "Renamed"
    assert world.deal(deal.deal_id)["dealname"] == "Renamed later #AWS"
    assert len(_notes(stage, deal.deal_id, "stays as it is")) == 1
    assert len(_notes(stage, deal.deal_id, "AWS approved this deal")) == 1
    assert _status(world, deal.deal_id) == "synced"


def test_an_unknown_stage_is_named_on_the_deal(stage: Stage) -> None:
    world = stage.world
    pipeline = world.hubspot.create_pipeline("Partners only", [("First talk", "0.1"), ("Signed", "0.9")])
    stage_id = next(iter(pipeline.stages))
    deal = stage.new_deal("Odd pipeline #AWS", tagged=False, deal={"pipeline": pipeline.id, "dealstage": stage_id})
    world.wait_for(lambda: _status(world, deal.deal_id) == "blocked", "the deal blocked")
    message = world.deal(deal.deal_id)["aws_sync_message"]
    assert pipeline.id in message
    assert "default" in message, "it says what is allowed"
    world.settle()
    assert world.links().get(f"link#aws#d{deal.deal_id}").opportunity_id is None


@pytest.fixture
def place(world: World, monkeypatch: pytest.MonkeyPatch) -> Place:
    """As ``cosell`` finds the sandbox."""
    keys = {"aws_access_key_id": world.cloud.account, "aws_secret_access_key": "sandbox"}
    options = {"endpoint_url": world.cloud.endpoint, "region_name": world.cloud.region, **keys}
    servers = {
        "hubspot": world.hubspot_server,
        "partner_central": world.central_server,
        "microsoft": world.microsoft_server,
        "google": world.google_server,
    }
    here = Place("sandbox", world.outputs, options, {name: one.url for name, one in servers.items()})
    for command in (cli.backfill, cli.mapping, cli.reconcile):
        monkeypatch.setattr(command, "place_of", lambda _stage: here)
    return here


@contextmanager
def not_yet_connected(world: World) -> Iterator[None]:
    """Inside ``with`` nobody tells us of anything: no webhook is subscribed to, and no event leaves Partner Central."""
    subscriptions, emit = world.hubspot.feed.subscriptions, world.central.events.emit
    wanted, subscriptions.all = subscriptions.all, []
    world.central.events.emit = lambda _event: None
    yield
    world.wait_for(world.central.events.idle, "no event under way")
    subscriptions.all, world.central.events.emit = wanted, emit


def _lines(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]]]:
    status = main([*words, "--json", "--partner", "aws", "--per-second", "10"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("place")
def test_a_pipeline_that_was_there_before_is_taken_in_and_kept_equal(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    world = stage.world
    made = PartnerCentral(
        boto3.client(
            "partnercentral-selling",
            region_name="us-east-1",
            endpoint_url=world.central_server.url,
            aws_access_key_id="none",
            aws_secret_access_key="none",
        ),
        CATALOG,
    )
    with not_yet_connected(world):
        fresh, named = (stage.new_deal(f"Backlog {name} #AWS").deal_id for name in ("fresh", "named"))
        lacking = stage.new_deal("Backlog incomplete #AWS", country=None).deal_id
        body = samples.document({"Project.Title": "By hand", "PartnerOpportunityIdentifier": named})
        by_hand = made.create_opportunity("by hand", body)["id"]
    deals = (fresh, named, lacking)

    def told() -> dict[str, dict[str, Any]] | None:
        """HubSpot's search shows new deals a moment later."""
        _, lines = _lines(capsys, "backfill")
        found = {one["deal_id"]: one for one in lines if one["deal_id"] in deals}
        return found if len(found) == len(deals) else None

    found = world.wait_for(told, "all three in the dry run")
    assert {key: (one["verdict"], one["opportunity_id"]) for key, one in found.items()} == {
        fresh: ("create", None),
        named: ("link", by_hand),
        lacking: ("cannot", None),
    }
    assert "country" in {one["property"] for one in found[lacking]["missing"]}
    assert not [key for key in deals if "aws_sync_status" in world.deal(key)], "a dry run writes nothing"

    chosen = [word for key in deals for word in ("--deal", key)]
    status, left = _lines(capsys, "backfill", "--apply", *chosen)
    assert (status, [(one["record"], one["state"]) for one in left]) == (1, [(f"deal#aws#{lacking}", "blocked")])
    assert world.deal(named)["aws_opportunity_id"] == by_hand
    assert _status(world, fresh) == "synced"
    assert _status(world, lacking) == "blocked"

    world.settle()
    opportunity = world.opportunities()[by_hand]
    with not_yet_connected(world):
        world.central.edit_as_aws(by_hand, next_steps="Agreed behind our back")
    status, drifts = _lines(capsys, "reconcile", "--deal", named)
    assert (status, [(one["kind"], one["names"]) for one in drifts]) == (1, [("fields", ["next_steps"])])
    assert _lines(capsys, "reconcile", "--deal", named, "--repair") == (0, [])
    assert (
        world.deal(named)["hs_next_step"]
        == "Agreed behind our back"
        == get(opportunity.document, "LifeCycle.NextSteps")
    )


@pytest.mark.usefixtures("place")
def test_a_preview_asks_all_three_partners_and_the_ledger_and_writes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """The clients are the functions' own, made for reading alone: no link is opened, no call changes anything."""
    world = stage.world
    with not_yet_connected(world):
        deal = stage.new_deal("Looked at #AWS #Microsoft #GCP", country=None).deal_id
        before = world.deal(deal)
        assert main(["mapping", "preview", deal, "--json"]) == 1, "the country is missing"
        found = {one["partner"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
        assert world.deal(deal) == before
    assert list(found) == ["aws", "microsoft", "google"]
    (country,) = [each for each in found["aws"]["fields"] if each["field"] == "country"]
    assert (country["what"], country["value"]) == ("blocked", None)
    assert "'country' is empty" in country["why"]
    title = {name: next(each for each in one["fields"] if each["field"] == "title") for name, one in found.items()}
    assert {name: (each["what"], each["value"]) for name, each in title.items()} == dict.fromkeys(
        found, ("sent", "Looked at")
    )
    assert [world.links().get(f"link#{name}#d{deal}") for name in found] == [None, None, None]
    assert main(["mapping", "check", "--json"]) == 0
    assert capsys.readouterr().out == ""
