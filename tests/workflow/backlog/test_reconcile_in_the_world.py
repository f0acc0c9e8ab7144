"""What differs behind our back is found, named by field, and repaired by waking; what no run can repair is said."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from cli import reconcile
from cli.main import UserError
from lambdas.shared.adapters.ledger import Survey
from lambdas.shared.domain.link import Link
from sandbox.turned import Options, World
from tests.workflow.backlog import backlog


@pytest.fixture
def world() -> World:
    return World(Options())


def look(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    arguments = backlog.arguments("reconcile", "--json", *words)
    status = reconcile.reconcile(backlog.access(world), arguments, backlog.silent())
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def settled_deal(world: World, name: str = "Settled #AWS", number: int = 1) -> tuple[str, str]:
    deal = world.new_deal(name, number=number).deal_id
    world.run_until_quiet()
    return deal, world.deal(deal)["aws_opportunity_id"]


def change(world: World, key: str, expression: str, sort: str = "link", **values: str) -> None:
    request: dict[str, Any] = {"ExpressionAttributeNames": {"#it": expression}}
    if values:
        request |= {"UpdateExpression": "SET #it = :it", "ExpressionAttributeValues": {":it": {"S": values["to"]}}}
    else:
        request |= {"UpdateExpression": "REMOVE #it"}
    world.store.update_item(TableName="ledger", Key={"pk": {"S": key}, "sk": {"S": sort}}, **request)


def test_two_sides_that_agree_are_no_drift(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    settled_deal(world)
    before = world.writes(), world.store.items("ledger")
    assert look(world, capsys) == (0, [])
    assert (world.writes(), world.store.items("ledger")) == before


def test_a_change_behind_our_back_is_found_and_repaired(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, opportunity = settled_deal(world)
    other, _ = settled_deal(world, "Other #AWS", 2)
    world.central.account.edit_as_aws(opportunity, catalog="Sandbox", next_steps="Theirs: call")
    world.hubspot.account.update("deals", other, {"amount": "77000"})
    backlog.forget_notices(world)
    world.clock.advance(seconds=5)

    status, found = look(world, capsys)
    assert status == 1
    assert {(one["deal_id"], one["kind"], *one["names"]) for one in found} == {
        (deal, "fields", "next_steps"),
        (other, "fields", "spend_amount"),
    }
    assert "Theirs" not in json.dumps(found), "values only where they are asked for"

    _, shown = look(world, capsys, "--values", "--deal", deal)
    assert [one["values"]["next_steps"]["partner"] for one in shown] == ["Theirs: call"]

    assert look(world, capsys, "--repair", "--window", "1") == (0, [])
    assert world.deal(deal)["hs_next_step"] == "Theirs: call"
    world.run_until_quiet()
    assert (world.duplicates(), world.dead_letters(), world.unsettled()) == ([], [], [])


def test_only_what_is_asked_for_is_compared(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    first, one = settled_deal(world)
    second, two = settled_deal(world, "Other #AWS", 2)
    for opportunity in (one, two):
        world.central.account.edit_as_aws(opportunity, catalog="Sandbox", next_steps="Theirs")
    backlog.forget_notices(world)
    assert {each["deal_id"] for each in look(world, capsys, "--deal", second)[1]} == {second}
    assert {each["deal_id"] for each in look(world, capsys, "--after", f"link#aws#d{first}")[1]} == {second}
    assert look(world, capsys, "--since", "2999-01-01") == (0, [])


def test_what_a_person_has_to_do_remains(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal = world.new_deal("No country #AWS", country=None).deal_id
    world.run_until_quiet()
    status, found = look(world, capsys, "--repair")
    assert status == 1
    assert [(one["deal_id"], one["kind"]) for one in found] == [(deal, "blocked")]
    assert "country" in found[0]["names"]


def test_records_that_are_gone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, _ = settled_deal(world)
    other, opportunity = settled_deal(world, "Other #AWS", 2)
    world.hubspot.account.archive("deals", deal)
    del world.opportunities()[opportunity]
    backlog.forget_notices(world)
    world.clock.advance(seconds=600)
    _, found = look(world, capsys)
    told = {(one["deal_id"], one["kind"]) for one in found}
    assert told == {(deal, "gone"), (other, "gone"), (other, "shown")}, "the deal does not say it yet"
    _, left = look(world, capsys, "--repair")
    assert {(one["deal_id"], one["kind"]) for one in left} == {(other, "gone")}, "the deal's link is closed"


def test_a_base_that_is_out_of_date(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, _ = settled_deal(world)
    key = f"link#aws#d{deal}"
    base = world.parts.base.get(key)
    assert base is not None
    fields = base["fields"]
    change(world, key, "fields", "base", to=json.dumps({**fields, "title": "What nobody says"}))
    _, found = look(world, capsys)
    assert [(one["kind"], one["names"]) for one in found] == [("base", ["title"])]
    assert look(world, capsys, "--repair") == (0, [])


def test_pointers_and_links_that_lead_nowhere(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, opportunity = settled_deal(world)
    other, _ = settled_deal(world, "Other #AWS", 2)
    change(world, f"deal#aws#{other}", "link", "pointer", to=f"link#aws#d{deal}")
    world.store.put_item(
        TableName="ledger",
        Item={"pk": {"S": "opportunity#aws#O77"}, "sk": {"S": "pointer"}, "link": {"S": "link#aws#oO77"}},
    )
    change(world, f"link#aws#d{other}", "opportunity_id", to=opportunity)
    status, found = look(world, capsys, "--repair")
    assert status == 1
    kinds = {(one["kind"], one["link"], one["why"]) for one in found}
    assert ("pointer", None, "opportunity#aws#O77 leads to link#aws#oO77, which is not there") in kinds
    assert ("pointer", f"link#aws#d{other}", f"deal#aws#{other} leads to link#aws#d{deal}") in kinds
    assert {link for kind, link, _ in kinds if kind == "doubled"} == {f"link#aws#d{deal}", f"link#aws#d{other}"}


def test_a_notice_that_no_run_has_settled(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, _ = settled_deal(world)
    world.parts.links.raise_wanted(f"link#aws#d{deal}")
    assert look(world, capsys) == (0, []), "a run is on its way"
    world.clock.advance(seconds=600)
    _, found = look(world, capsys)
    assert [one["kind"] for one in found] == ["unfinished"]
    assert found[0]["why"].startswith("1 notice is not settled, the first since 20")
    assert look(world, capsys, "--repair") == (0, [])


def test_what_moved_while_the_ledger_was_surveyed_is_no_drift(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, opportunity = settled_deal(world)

    class Earlier:
        """Read before the opportunity was tied: its link is another, and its pointer is not there yet."""

        def everything(self) -> Any:
            links, pointers = Survey(world.store, "ledger").everything()
            half = Link("aws", f"o{opportunity}", "opportunity", opportunity_id=opportunity)
            del pointers[f"opportunity#aws#{opportunity}"]
            return {**links, half.key: half}, {**pointers, "opportunity#aws#O77": "link#aws#oO77"}

    here = dataclasses.replace(backlog.access(world), survey=Earlier())
    assert reconcile.reconcile(here, backlog.arguments("reconcile", "--json"), backlog.silent()) == 0
    assert capsys.readouterr().out == ""
    assert deal in world.links()[0]["pk"]


def test_a_named_link_that_is_under_way_has_a_row(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, _ = settled_deal(world)
    world.parts.links.raise_wanted(f"link#aws#d{deal}")
    status, found = look(world, capsys, "--deal", deal)
    assert (status, [one["kind"] for one in found]) == (1, ["underway"])
    assert found[0]["why"].startswith("1 notice is not settled, the first since 20")
    assert look(world, capsys, "--deal", deal, "--repair")[0] == 1, "a run is on its way: nothing is to be woken"


def test_a_named_link_whose_change_waits_after_an_error_says_so_and_is_compared_and_sent(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deal, _ = settled_deal(world)
    world.central.faults.add(operation="UpdateOpportunity", status=503, count=None)
    world.hubspot.account.update("deals", deal, {"amount": "77000"})
    for _ in range(3):
        world.advance(20)
    assert world.links()[0]["last_error"]
    status, found = look(world, capsys, "--deal", deal, "--values")
    assert status == 1
    unfinished, fields = found
    assert (unfinished["kind"], fields["kind"], fields["names"]) == ("unfinished", "fields", ["spend_amount"])
    assert set(fields["values"]["spend_amount"]) == {"deal", "partner"}
    assert "; put off " in unfinished["why"]
    assert "last error Retryable at 20" in unfinished["why"]
    assert "next try at 20" in unfinished["why"]
    world.central.faults.clear()
    assert look(world, capsys, "--deal", deal, "--repair") == (0, [])


def test_a_named_link_that_died_names_its_letter_and_is_repaired_at_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deal, _ = settled_deal(world)
    key = f"link#aws#d{deal}"
    world.parts.links.raise_wanted(key)
    error = {"M": {"kind": {"S": "Unexpected"}, "reason": {"S": "dead letter m-1"}, "at": {"N": "1790000000000"}}}
    names = {"#it": "last_error"}
    world.store.update_item(
        TableName="ledger",
        Key={"pk": {"S": key}, "sk": {"S": "link"}},
        UpdateExpression="SET #it = :it REMOVE due_at",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={":it": error},
    )
    letters = backlog.access(world).letters
    letters.record("m-1", "https://sqs.example/1/aws-inbox", json.dumps({"link": key}), 3, key, queue="aws-inbox")
    status, found = look(world, capsys, "--deal", deal)
    assert (status, [one["kind"] for one in found]) == (1, ["unfinished", "letter"])
    assert "last error Unexpected at 2026-09-21" in found[0]["why"]
    assert "(dead letter m-1); it is not tried again by itself" in found[0]["why"]
    assert found[1]["names"] == ["m-1"]
    assert "cosell dlq show m-1" in found[1]["why"]
    letters.mark("m-1", "dropped")
    world.central.faults.add(operation="GetOpportunity", malformed=True, count=None)
    _, found = look(world, capsys, "--deal", deal)
    assert [one["kind"] for one in found] == ["unfinished", "unread"], "why it waits is said although it cannot be read"
    world.central.faults.clear()
    assert look(world, capsys, "--deal", deal, "--repair") == (0, [])


def test_a_link_whose_write_was_refused_shows_the_partner_s_words_and_both_values(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deal, _ = settled_deal(world)
    world.central.faults.add(operation="UpdateOpportunity", status=400, code="ValidationException", count=None)
    world.hubspot.account.update("deals", deal, {"amount": "77000"})
    world.run_until_quiet()
    world.clock.advance(seconds=5)
    _, found = look(world, capsys, "--deal", deal, "--values")
    by_kind = {one["kind"]: one for one in found}
    assert by_kind["fields"]["values"]["spend_amount"]["partner"] is not None
    refused = by_kind["refused"]["why"]
    assert refused.startswith("AWS refused UpdateOpportunity at 20")
    assert "or --repair does" in refused
    _, left = look(world, capsys, "--deal", deal, "--repair")
    assert "refused" in {one["kind"] for one in left}, "the cause is still there"
    world.central.faults.clear()
    assert look(world, capsys, "--deal", deal, "--repair") == (0, [])


def test_a_deal_that_nobody_knows_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deal, _ = settled_deal(world)
    untagged = world.new_deal("No tag", number=2).deal_id
    world.run_until_quiet()
    with pytest.raises(UserError, match="HubSpot has no deal 999, and there is no link"):
        look(world, capsys, "--deal", deal, "--deal", "999")
    with pytest.raises(UserError, match=f"the deal {untagged} has no link with aws"):
        look(world, capsys, "--deal", untagged)
    with pytest.raises(UserError, match="'abc' is no deal's id"):
        look(world, capsys, "--deal", "abc")
