"""The deal's owner is assigned at AWS through the owner table; who cannot be is said, and holds up nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sandbox.hubspot.fixtures import create_rep_owner
from sandbox.turned import Options, World
from tests.workflow.three_partners.support import come_to_rest, wrong_in

ROBIN = {"email": "robin@isv.example", "first_name": "Robin", "last_name": "Rep", "title": "Account manager"}
KIM = {"email": "kim@isv.example", "first_name": "Kim", "last_name": "Rep", "title": "Account manager"}
TABLE = {"robin.rep-600@isv.example": ROBIN, "robin.rep-601@isv.example": KIM}


def world_with(table: dict[str, Any], users: Iterable[str] | None = None) -> World:
    world = World(Options(settings={"aws": {"owners": table}}))
    account = world.central.account
    known = None if users is None else frozenset(users)
    account.settings = dataclasses.replace(account.settings, users=known)
    return world


def owner_at_aws(world: World) -> str | None:
    (opportunity,) = world.opportunities().values()
    owners = (one["Email"] for one in opportunity.team if one["BusinessTitle"] == "OpportunityOwner")
    return next(owners, None)


def notes(world: World) -> list[str]:
    return [one.values()["hs_note_body"] for one in world.hubspot.account.records("notes")]


def give(world: World, deal_id: str, user_id: int) -> None:
    owner = create_rep_owner(world.hubspot.account, user_id)
    world.hubspot.account.update("deals", deal_id, {"hubspot_owner_id": owner})
    come_to_rest(world)


def test_the_owner_is_assigned_with_the_create_and_each_time_the_deal_changes_hands() -> None:
    world = world_with(TABLE)
    made = world.new_deal()
    come_to_rest(world)
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("robin@isv.example", 1)
    assert world.deal(made.deal_id)["aws_owner_status"] == "Assigned to Robin Rep (robin@isv.example)."
    assert world.deal(made.deal_id)["aws_opportunity_owner"] == "robin@isv.example"
    give(world, made.deal_id, 601)
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("kim@isv.example", 2)
    give(world, made.deal_id, 600)
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("robin@isv.example", 3)
    assert world.deal(made.deal_id)["aws_opportunity_owner"] == "robin@isv.example"
    assert (wrong_in(world), notes(world)) == ([], [])


def test_nothing_else_assigns_anybody_again() -> None:
    world = world_with(TABLE)
    made = world.new_deal()
    come_to_rest(world)
    world.hubspot.account.update("deals", made.deal_id, {"amount": "70000"})
    come_to_rest(world)
    assert world.calls("AssignOpportunity") == 1


def test_somebody_whom_aws_assigns_stays_until_the_deal_changes_hands() -> None:
    world = world_with(TABLE)
    made = world.new_deal()
    come_to_rest(world)
    ((identifier, opportunity),) = world.opportunities().items()
    opportunity.team = [{**opportunity.team[-1], "Email": "somebody@isv.example"}]
    world.central.account.edit_as_aws(identifier, next_steps="We have given this to somebody else.")
    come_to_rest(world)
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("somebody@isv.example", 1)
    assert world.deal(made.deal_id)["aws_opportunity_owner"] == "somebody@isv.example"
    give(world, made.deal_id, 601)
    assert owner_at_aws(world) == "kim@isv.example"
    assert wrong_in(world) == []


def test_an_owner_who_is_not_in_the_table_is_said_once_and_the_deal_goes_on() -> None:
    world = world_with(TABLE)
    made = world.new_deal()
    come_to_rest(world)
    give(world, made.deal_id, 699)
    status = world.deal(made.deal_id)["aws_owner_status"]
    assert "robin.rep-699@isv.example is not in the owner table" in status
    assert world.deal(made.deal_id)["aws_sync_status"] == "synced"
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("robin@isv.example", 1)
    world.hubspot.account.update("deals", made.deal_id, {"amount": "70000"})
    come_to_rest(world)
    assert len(notes(world)) == 1
    give(world, made.deal_id, 601)
    assert world.deal(made.deal_id)["aws_owner_status"] == "Assigned to Kim Rep (kim@isv.example)."
    give(world, made.deal_id, 699)
    assert len(notes(world)) == 2, "it was put right in between, so it is news"
    assert wrong_in(world) == []


def test_an_owner_whom_aws_refuses_is_asked_once_and_said_and_everything_else_is_done() -> None:
    world = world_with(TABLE, users=["kim@isv.example"])
    made = world.new_deal()
    come_to_rest(world)
    values = world.deal(made.deal_id)
    assert "AWS does not take robin@isv.example as the owner" in values["aws_owner_status"]
    assert (values["aws_sync_status"], values["aws_solution_ids"]) == ("synced", "S-1234567")
    world.hubspot.account.update("deals", made.deal_id, {"amount": "70000"})
    come_to_rest(world)
    assert (world.calls("AssignOpportunity"), len(notes(world))) == (1, 1)
    give(world, made.deal_id, 601)
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("kim@isv.example", 2)
    assert world.deal(made.deal_id)["aws_owner_status"] == "Assigned to Kim Rep (kim@isv.example)."
    give(world, made.deal_id, 600)
    assert (owner_at_aws(world), world.calls("AssignOpportunity")) == ("kim@isv.example", 3)
    assert wrong_in(world) == []


def test_a_right_that_our_role_lacks_holds_up_nothing() -> None:
    world = world_with(TABLE)
    world.central.faults.add(operation="AssignOpportunity", status=400, code="AccessDeniedException", count=9)
    made = world.new_deal()
    come_to_rest(world)
    values = world.deal(made.deal_id)
    assert "AWS does not take robin@isv.example" in values["aws_owner_status"]
    assert (values["aws_sync_status"], world.calls("AssignOpportunity")) == ("synced", 1)
    assert wrong_in(world) == []


def test_without_a_table_nobody_is_assigned_and_nothing_is_said() -> None:
    world = world_with({})
    made = world.new_deal()
    come_to_rest(world)
    give(world, made.deal_id, 601)
    assert world.calls("AssignOpportunity") == 0
    assert "aws_owner_status" not in world.deal(made.deal_id)
    assert notes(world) == []
