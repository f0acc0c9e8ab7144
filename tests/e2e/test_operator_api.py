"""The operator's command on the local cloud: signed calls of the deployed API, what the gateway refuses, the doctor."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

import cli.doctor
from cli.doctor_checks import AREAS
from cli.main import UserError, main
from cli.operator_calls import api_url, call
from cli.stage import Place
from sandbox.scenarios import Stage
from sandbox.vendors import CATALOG
from sandbox.world import World
from tests.e2e import browser, sick
from tests.unit.api.openapi_document import check_schema

pytestmark = pytest.mark.xdist_group("e2e-main-job")

SUBMITTABLE = {
    "aws_use_case": "Database",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Initialized discussions with customer",
    "aws_primary_needs": "Co-Sell - Deal Support",
    "hs_next_step": "A call with the architects",
}


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """As ``cosell`` finds the sandbox."""
    keys = {"aws_access_key_id": world.cloud.account, "aws_secret_access_key": "sandbox"}
    options = {"endpoint_url": world.cloud.endpoint, "region_name": world.cloud.region, **keys}
    servers = {
        "hubspot": world.hubspot_server,
        "partner_central": world.central_server,
        "microsoft": world.microsoft_server,
        "google": world.google_server,
    }
    return Place("sandbox", world.outputs, options, {name: one.url for name, one in servers.items()})


@pytest.fixture(scope="module")
def catalogue(world: World, place: Place) -> None:
    """Solutions at AWS, read by the poll."""
    for number in range(2, 5):
        world.central.add_solution(f"S-{number}", catalog=CATALOG, name="Database Mover", category="Consulting")
    world.poll("aws.solutions")
    world.wait_for(lambda: _ask(lambda: call(place, "GET", "/solutions")), "the catalogue", 60)


def _ask(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except UserError:
        return None


def test_unsigned_it_is_refused_as_a_problem(place: Place) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{api_url(place)}/solutions")  # noqa: S310 - the local cloud
    assert caught.value.code == 403
    assert caught.value.headers["Content-Type"] == "application/problem+json"
    check_schema(json.loads(caught.value.read()), {"$ref": "#/components/schemas/Problem"})


@pytest.mark.usefixtures("catalogue")
def test_solutions_are_listed_page_by_page_searched_and_shown(place: Place) -> None:
    first = call(place, "GET", "/solutions", {"limit": 3})
    rest = call(place, "GET", "/solutions", {"limit": 3, "next": first["next"]})
    check_schema(first, {"$ref": "#/components/schemas/SolutionPage"})
    ids = [one["id"] for page in (first, rest) for one in page["items"]]
    assert {"S-2", "S-3", "S-4", "S-1234567"} <= set(ids)
    assert len(ids) == len(set(ids)) == first["total"]
    assert len(call(place, "GET", "/solutions/search", {"q": "database"})["items"]) == 3
    assert call(place, "GET", "/solutions/S-2")["name"] == "Database Mover"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("/solutions/S-99", {}, "404"),
        ("/solutions", {"limit": 1000}, "400"),
        ("/solutions", {"next": "foreign"}, "400"),
        ("/solutions/search", {}, "400"),
        ("/deals/999999/solutions", {}, "404"),
        ("/nowhere", {}, "403"),
    ],
)
def test_bad_calls_are_told(place: Place, path: str, query: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        call(place, "GET", path, query)


@pytest.mark.usefixtures("catalogue")
def test_a_deal_is_matched_found_incomplete_and_submitted(place: Place, stage: Stage) -> None:
    world = stage.world
    deal = stage.new_deal("Submitted by the API #AWS")
    opportunity = stage.opportunity_of(deal.deal_id)
    world.settle(60)
    with pytest.raises(UserError, match=r"422[\s\S]*aws_use_case"):
        call(place, "POST", f"/deals/{deal.deal_id}/submit")
    assert "aws_submit" not in world.deal(deal.deal_id)
    stage.edit(deal.deal_id, **SUBMITTABLE)
    world.settle(60)
    matches = call(place, "GET", f"/deals/{deal.deal_id}/solutions")
    check_schema(matches, {"$ref": "#/components/schemas/Matches"})
    assert matches["matches"][0]["solution"]["id"] == "S-2"
    assert matches["associated"] == ["S-1234567"]
    answer = call(place, "POST", f"/deals/{deal.deal_id}/submit")
    check_schema(answer, {"$ref": "#/components/schemas/Submission"})
    assert answer["opportunity_id"] == opportunity.id
    world.wait_for(lambda: opportunity.review_status != "Pending Submission", "the submission", 60)
    world.settle(60)
    with pytest.raises(UserError, match="409"):
        call(place, "POST", f"/deals/{deal.deal_id}/submit")


type Examine = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def examine(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Examine:
    """``cosell doctor`` as it is typed: its exit status and its findings."""
    monkeypatch.setattr(cli.doctor, "place_of", lambda _stage: place)

    def run(*areas: str) -> tuple[int, list[dict[str, Any]]]:
        only = [word for area in areas for word in ("--only", area)]
        status = main(["doctor", "--json", *only])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_the_doctor_finds_nothing_wrong_with_a_healthy_stage(world: World, examine: Examine) -> None:
    for poll in ("aws.settings", "google.opportunities"):
        world.poll(poll)
    world.settle()
    world.cloud.telemetry.flush()
    status, found = examine()
    assert [each for each in found if each["level"] == "error"] == []
    assert status == 0
    assert {each["area"] for each in found if each["level"] == "ok"} == set(AREAS)
    assert {each["check"] for each in found if each["level"] == "warning"} <= {"heard", "webhooks"}
    assert [each["do"] for each in found if each["level"] != "ok" and not each["do"]] == []


def test_the_doctor_finds_each_of_what_is_broken_and_says_what_to_do(world: World, examine: Examine) -> None:
    with sick.sick(world) as names:
        status, found = examine("hubspot", "mappings", "microsoft", "flow", "work")
    wrong = {(each["check"], each["where"]): each for each in found if each["level"] == "error"}
    assert status == 1
    expected = {
        ("properties", f"deal.{sick.PROPERTY}"): (f"lacks the options {names['option']}", "cosell hubspot setup"),
        ("pipes", names["pipe"]): ("is STOPPED", f"aws pipes start-pipe --name {names['pipe']}"),
        ("consent", "consent"): ("invalid_grant", "cosell microsoft login --stage sandbox"),
        ("access", "access token"): ("Microsoft refuses it", "cosell microsoft login --stage sandbox"),
        ("schedules", sick.SCHEDULE): ("is DISABLED", "docs/operations.md#polls-stopped"),
        ("dead letters", "dead letters"): ("1 wait for a person", "cosell dlq list --state waiting --kind permanent"),
    }
    for partner in ("aws", "microsoft", "google"):
        at = f"config/{partner}.yaml pipelines.default.stages.{sick.STAGE}"
        expected["stages", at] = (f"HubSpot has no stage {sick.STAGE}", f"correct it in config/{partner}.yaml")
    assert set(wrong) == set(expected)
    for key, (what, do) in expected.items():
        assert what in wrong[key]["what"]
        assert do in wrong[key]["do"]
    assert [each["what"] for each in found if each["check"] == "webhook"] == ["not checked: the consent is no good"]


def test_a_person_sees_and_drives_it_all_in_a_browser(world: World) -> None:
    """The last one of this module: it leaves a dead letter that was replayed."""
    seen = browser.play(world, "Coastline Imaging")
    deal, record = seen["created"]["deal"], seen["created"]["record"]
    assert world.deal(deal)["aws_opportunity_id"] == record in world.opportunities()
    assert "Take the lease → Fetch both sides" in seen["execution"]["way"]
    assert f"link#aws#d{deal}" in seen["execution"]["link"]
    assert seen["execution"]["states"] == len(seen["execution"]["way"].split(" → "))
    assert "503, 3 left" in " ".join(seen["fault"].split())
    letter = next(one for one in world.dead_letters().newest() if one.link == f"link#aws#d{deal}")
    assert (letter.state, letter.error) == ("replayed", seen["letter"]["error"])
    assert world.central_server.faults.as_list() == []
    assert "51000" in seen["audit"]
    assert "Coastline Imaging" in seen["listed"]["At the partners"]
    assert record in seen["listed"]["Links"]
    assert seen["hostile"] == {"title": "cosell-sync sandbox: deals", "scripts": 1}
    assert (seen["unscripted"], seen["problems"]) == (1, [])
