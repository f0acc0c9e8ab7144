"""The matrix of faults: complete by the definitions and the vendors' lists, a draw of cases, and a judge that can fail.

The whole of it: ``make faults``. Another draw: ``FAULTS_SEED=7 FAULTS_CASES=300``.
"""

from __future__ import annotations

import os
import shlex

import pytest

from sandbox.faults_matrix import faults, matrix, not_passed, report
from sandbox.faults_matrix.judge import portrait, wrong_in
from sandbox.turned import World
from sandbox.turned.parts import AUDIT

SEED = int(os.environ.get("FAULTS_SEED", "1"))
CASES = int(os.environ.get("FAULTS_CASES", "45"))
pytestmark = pytest.mark.xdist_group("faults")  # what is passed is found out once


def test_every_definition_has_a_machine_and_every_machine_its_rows() -> None:
    machines = matrix.machines()
    assert set(machines.values()) == {
        path.name.removesuffix(".asl.json") for path in matrix.DEFINITIONS.glob("*.asl.json")
    }
    rows = {(one.row.group, one.row.name) for one in matrix.build().cases if not one.row.call}
    wanted = {(row, state) for row, definition in machines.items() for state in matrix.states_of(definition)}
    assert wanted - rows == set(not_passed.STATES)


def test_every_operation_that_a_scenario_makes_has_a_row_and_every_other_one_a_reason() -> None:
    known = {(vendor, name) for vendor, names in matrix.operations().items() for name in names}
    made = {call[:2] for name in matrix.scenarios() for call in matrix.passed(name).watching.calls}
    assert made - known == set()
    rows = {(one.row.group, one.row.name) for one in matrix.build().cases if one.row.call}
    assert rows == made
    without = {(vendor, name) for vendor, name in known - made if not_passed.reason(vendor, name) is None}
    assert without == set()
    listed = {(vendor, name) for vendor, names in not_passed.CALLS.items() for name in names}
    assert listed & made == set(), "no reason for what is made"


def test_every_row_has_every_fault_or_a_reason() -> None:
    whole = matrix.build()
    tried = {(one.row, one.fault) for one in whole.cases}
    skipped = {(row, fault) for row, fault, why in whole.not_applicable if why}
    assert tried & skipped == set()
    assert tried | skipped == {(row, fault) for row, _ in tried for fault in faults.FAULTS}
    assert len({one.id for one in whole.cases}) == len(whole.cases)


@pytest.mark.parametrize("name", matrix.scenarios())
def test_what_is_not_disturbed_holds(name: str) -> None:
    assert matrix.passed(name).wrong == []


def test_a_draw_of_cases_holds() -> None:
    drawn = report.spread(matrix.build(), CASES, SEED)
    assert {one.fault for one in drawn} == set(faults.FAULTS)
    wrong = [f"cosell faults --case {shlex.quote(one.id)}: {found}" for one, found in report.played(drawn, 1) if found]
    assert not wrong, "\n".join(wrong)


def held() -> World:
    world = matrix.world_of(matrix.scenarios()["aws: both ways"], matrix.Watching())
    matrix.scenarios()["aws: both ways"].play(world)
    assert wrong_in(world, portrait(world)) == []
    return world


def test_the_judge_sees_a_second_record_a_lost_edit_and_a_note_too_many() -> None:
    world = held()
    before = portrait(world)
    (key,) = world.opportunities()
    world.opportunities()["O2"] = world.opportunities()[key]
    assert any("there twice" in one for one in wrong_in(world, before))
    assert any("no deal names O2" in one for one in wrong_in(world, before))
    del world.opportunities()["O2"]
    world.opportunities()[key].document["Project"]["ExpectedCustomerSpend"][0]["Amount"] = "1.00"
    assert any("amount 61000 here, 1.0 there" in one for one in wrong_in(world, None))
    assert any("aws differ" in one for one in wrong_in(world, before))


def test_the_judge_sees_an_altered_audit_and_an_intent_that_nothing_explains() -> None:
    world = held()
    outcome = next(one for one in world.store.items(AUDIT) if one["kind"] == "outcome")
    world.store.delete_item(TableName=AUDIT, Key={"pk": {"S": outcome["pk"]}, "sk": {"S": outcome["sk"]}})
    found = wrong_in(world, None)
    assert any("removed" in one or "cut off" in one for one in found)
    assert any("1 intents without outcome, 0 crashes" in one for one in found)
