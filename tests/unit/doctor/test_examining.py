"""How checks run: each with its time limit and its own failure, none in another's way."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import cli.doctor
from cli.doctor_checks import ALL, AREAS, Check, Finding, examine
from cli.doctor_checks.check import NotChecked, findings_of, ok
from cli.main import UserError, main
from lambdas.shared.errors import Retryable, Unauthorized

ROOT = Path(__file__).resolve().parents[3]
ANCHOR = re.compile(r"docs/operations\.md#([\w-]+)")
NO_CHARACTER_OF_AN_ANCHOR = re.compile(r"[^\w\- ]")


def check(run, name: str = "one", **more) -> Check[None]:
    return Check(area="area", name=name, run=run, **more)


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribePipe")


def failing(error: Exception):
    def run(_subject: object) -> Iterator[Finding]:
        yield ok("the first half is well")
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "level", "what", "do"),
    [
        (
            refusal(
                "AccessDeniedException", "User: arn:x is not authorized to perform: pipes:DescribePipe on resource: y"
            ),
            "warning",
            "no permission",
            "allow pipes:DescribePipe",
        ),
        (refusal("AccessDenied", "Forbidden"), "warning", "no permission", "allow the:Permission"),
        (refusal("ThrottlingException", "a customer's value"), "warning", "DescribePipe answered Throttling", "needs"),
        (EndpointConnectionError(endpoint_url="https://x"), "warning", "EndpointConnectionError", "region and network"),
        (Unauthorized("the secret is empty"), "error", "the secret is empty", "token-dead-rotation"),
        (UserError("no output X; deploy this version"), "error", "no output X", ""),
        (Retryable("HubSpot is away"), "warning", "HubSpot is away", "again in a minute"),
        (NotChecked("the token is refused"), "warning", "not checked: the token is refused", "first"),
        (KeyError("a customer's value"), "warning", "KeyError in the check", "report it"),
    ],
)
def test_a_check_that_fails_is_a_finding_and_what_it_found_before_stays(
    error: Exception, level: str, what: str, do: str
) -> None:
    first, second = findings_of(check(failing(error), needs="the:Permission"), None)
    assert first.level == "ok"
    assert (second.level, second.where) == (level, "one")
    assert what in second.what
    assert do in second.do
    assert "customer" not in f"{second.what} {second.do}"


def test_one_that_hangs_is_given_up_and_leaves_its_place_to_the_next() -> None:
    end = threading.Event()

    def hang(_subject: object) -> list[Finding]:
        end.wait()
        return []

    hanging = [check(hang, name=f"hangs {number}", seconds=0.01) for number in range(2)]
    found = list(examine([*hanging, check(lambda _: [ok("well")], name="next")], None, at_once=1))
    end.set()
    assert [one.findings[0].level for one in found] == ["warning", "warning", "ok"]
    assert "given up" in found[0].findings[0].what
    assert "--only area" in found[0].findings[0].do


def test_many_go_side_by_side_and_are_told_in_their_order() -> None:
    together = threading.Barrier(3)

    def meet(_subject: object) -> list[Finding]:
        together.wait(timeout=30)
        return [ok("met")]

    found = list(examine([check(meet, name=str(number)) for number in range(3)], None, at_once=3))
    assert [(one.name, one.findings[0].what) for one in found] == [("0", "met"), ("1", "met"), ("2", "met")]


def test_every_place_of_the_runbook_that_a_check_names_is_there() -> None:
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    there = {NO_CHARACTER_OF_AN_ANCHOR.sub("", title.lower()).replace(" ", "-") for title in titles}
    there |= set(re.findall(r'<a id="([\w-]+)">', text))
    sources = [*(ROOT / "cli/doctor_checks").glob("*.py"), ROOT / "cli/secret_kinds.py"]
    named = {anchor for source in sources for anchor in ANCHOR.findall(source.read_text("utf-8"))}
    assert len(named) > 5
    assert named - there == set()


def test_every_area_can_be_asked_for_alone_and_every_check_has_a_name_of_its_own() -> None:
    assert len({(each.area, each.name) for each in ALL}) == len(ALL)
    assert {each.area for each in ALL} == set(AREAS)


def test_the_runbook_is_named_by_the_stage_s_address(prod, monkeypatch: pytest.MonkeyPatch) -> None:
    led = [check(lambda _: [Finding("error", "is wrong", "here", "docs/operations.md#alarms")], name="one")]
    monkeypatch.setattr(cli.doctor, "ALL", led)
    changed = prod.deployment.stage.model_copy(update={"runbooks_url": "https://wiki.example/runbook"})
    stages = {**prod.deployment.configuration.stages, "prod": changed}
    prod.deployment.configuration = prod.deployment.configuration.model_copy(update={"stages": stages})
    ((finding,),) = [one.findings for one in cli.doctor.examined(prod.deployment)]
    assert finding.do == "https://wiki.example/runbook#alarms"


@pytest.mark.parametrize(("level", "status"), [("error", 1), ("warning", 0)])
def test_the_command_says_what_is_wrong_and_what_to_do_and_ends_accordingly(
    prod, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str, status: int
) -> None:
    found = [Finding(level, "is STOPPED", "pipe-1", "aws pipes start-pipe --name pipe-1"), ok("is well")]
    monkeypatch.setattr(cli.doctor, "ALL", [check(lambda _: found, name="pipes")])
    monkeypatch.setattr(cli.doctor, "place_of", lambda _stage: prod.deployment.place)
    assert main(["doctor", "--stage", "prod", "--json", "--quiet"]) == status
    said = capsys.readouterr()
    assert [json.loads(line) for line in said.out.splitlines()] == [
        {
            "area": "area",
            "check": "pipes",
            "level": level,
            "what": "is STOPPED",
            "where": "pipe-1",
            "do": "aws pipes start-pipe --name pipe-1",
        }
    ]
    assert "prod: 1 checks" in said.err
