"""Every function may do to the ledger what its code does there, and only those delete that must."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.infrastructure.assembly import FUNCTION_STACKS, Assembly
from tests.infrastructure.ledger_calls import actions_of, reached
from tests.infrastructure.test_functions import NAMES, PARTNERS, deployed

DELETE = "dynamodb:DeleteItem"
DELETING = ("create-opportunity", "record-outcome")
# The data stack's export; runs and audit have their own names behind "Ledger".
LEDGER = re.compile(r"FnGetAttLedger[0-9A-F]{8}Arn")


def ledger_statements(assembly: Assembly, properties: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    role = properties["Role"]["Fn::GetAtt"][0]
    policies = [one for stack in FUNCTION_STACKS for one in assembly.resources("AWS::IAM::Policy", stack=stack)]
    for _, _, policy in policies:
        if {"Ref": role} in policy["Properties"]["Roles"]:
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                if LEDGER.search(str(statement["Resource"])) and "/index/" not in str(statement["Resource"]):
                    yield statement


def actions(statement: Mapping[str, Any]) -> set[str]:
    named = statement["Action"]
    return {each for each in ([named] if isinstance(named, str) else named) if each.startswith("dynamodb:")}


def leading_keys(statement: Mapping[str, Any]) -> list[str] | None:
    return statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")


@pytest.mark.parametrize("name", NAMES)
def test_function_may_do_to_the_ledger_what_its_code_does(name: str, assembly: Assembly):
    properties = deployed(assembly)[name]
    needed = actions_of(properties["Handler"])
    allowed: set[str] = set()
    for statement in ledger_statements(assembly, properties):
        if leading_keys(statement) is None:
            allowed |= actions(statement)
        elif leading_keys(statement) == ["link#*"]:
            for part in ("links", "audit"):  # a link's chain has its head beside the link
                assert needed.pop(part, set()) <= actions(statement)
        elif leading_keys(statement) == ["subject#*"]:  # who appends to the audit seals people's values
            assert "COSELL_AUDIT_TABLE" in properties["Environment"]["Variables"]
            assert sealing() == actions(statement)
        elif leading_keys(statement) == ["quarantine#*"]:
            assert needed.pop("quarantine") == actions(statement)
        else:
            partner = name.partition("-")[0]
            assert leading_keys(statement) == [f"quota#{partner}#{'Sandbox' if partner == 'aws' else 'account'}"]
            assert needed["quota"] <= actions(statement)
            del needed["quota"]
    wanted = set().union(*needed.values()) - index_only(name)
    assert wanted <= allowed, f"{name} lacks {sorted(wanted - allowed)}"


@pytest.mark.parametrize("name", ["receive-webhook", "receive-microsoft-notice"])
def test_what_faces_the_internet_puts_into_quarantine_and_touches_no_other_item(name: str, assembly: Assembly):
    (statement,) = ledger_statements(assembly, deployed(assembly)[name])
    assert (actions(statement), leading_keys(statement)) == ({"dynamodb:PutItem"}, ["quarantine#*"])


def sealing() -> set[str]:
    """What sealing a value does to the keys of people; the code reader does not see it, since the audit's own work is
    handed to it."""
    return reached("Subjects", "seal", frozenset())


def index_only(name: str) -> set[str]:
    """The due links are asked of an index, which has a grant of its own."""
    return {"dynamodb:Query"} if name.endswith("-list-due-links") else set()


@pytest.mark.parametrize("name", NAMES)
def test_function_deletes_from_the_ledger_only_if_its_code_does(name: str, assembly: Assembly):
    properties = deployed(assembly)[name]
    deletes = DELETE in set().union(*actions_of(properties["Handler"]).values())
    allowed = set().union(*map(actions, ledger_statements(assembly, properties)))
    assert (DELETE in allowed) is deletes


def test_only_what_settles_a_create_or_forgets_deletes(assembly: Assembly):
    """So that a code reader that finds nothing is not taken for code that needs nothing."""
    deleting = [name for name in NAMES if DELETE in set().union(*actions_of(handler(assembly, name)).values())]
    settling = [f"{each}-{name}" for each in PARTNERS for name in ("create-opportunity", "record-outcome")]
    assert deleting == sorted(["forget-person", *settling])


def handler(assembly: Assembly, name: str) -> str:
    return deployed(assembly)[name]["Handler"]


def test_every_function_that_knows_the_ledger_is_seen_to_use_it(assembly: Assembly):
    for name, properties in deployed(assembly).items():
        knows = "COSELL_LEDGER_TABLE" in properties["Environment"]["Variables"]
        assert bool(actions_of(properties["Handler"])) is knows, name


def test_the_quota_s_function_reaches_its_row_and_links_and_nothing_else(assembly: Assembly):
    statements = list(ledger_statements(assembly, deployed(assembly)["aws-reserve-quota"]))
    assert sorted(leading_keys(each) or [] for each in statements) == [["link#*"], ["quota#aws#Sandbox"]]
    assert all(actions(each) == {"dynamodb:GetItem", "dynamodb:UpdateItem"} for each in statements)
