"""The scenes of the main job over the product's real path, and again while things go wrong."""

from __future__ import annotations

import time

import pytest
import urllib3

from cli.audit import reader_of, seals_of
from cli.audit_verify import Verification
from cli.stage import Place
from lambdas.shared.domain.link import Link
from sandbox.demo import figures
from sandbox.figures import count_all
from sandbox.samples import customer_values, secret_values
from sandbox.scenarios import SCENES, Scene, Stage
from sandbox.searching import SOURCES, amounts, search, unheard_of
from sandbox.soak import play_round
from sandbox.world import APP_TOKEN, CLIENT_SECRET, PATIENCE, World
from tests.e2e import follow, unhappy

PARTS = {"pat.example", "Moving forty servers", "harbour-authority", "pat-na1-sandbox", "Vineyard Forecasting"}
PARTS |= {"Exampleville", "Invite the architect", "Contoso Migration", "Their architect joins", "Book the workshop"}
PARTS |= {"Aurora Retail", "Wants to move shops", "Summit", "Dashboards for lift operators", "kim@", "Ridge Monitoring"}
PARTS |= {"not in our program yet"}
"""Of what the scenes let people say, so that a value does not pass because it was cut short."""
ENOUGH = {"log groups": 1000, "execution histories": 100, "error causes": 3, "queue bodies": 100, "traces": 500}

pytestmark = pytest.mark.xdist_group("e2e-main-job")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.number}-{scene.play.__name__}")
def test_scene_holds(stage: Stage, scene: Scene) -> None:
    scene.play(stage)


def test_nothing_is_doubled_lost_or_astray_after_all_scenes(stage: Stage) -> None:
    stage.world.settle()
    counted = figures(stage)
    assert {name: counted[name] for name in ("duplicates", "lost", "stray_dead_letters")} == {
        "duplicates": 0,
        "lost": 0,
        "stray_dead_letters": 0,
    }
    for one in count_all(stage.world, stage.deals):
        assert one.tagged == one.records > 0, one.partner
    assert stage.world.cloud.problems == []


def test_every_link_is_settled_and_nothing_is_due(stage: Stage) -> None:
    links = stage.world.links()
    for partner in ("aws", "microsoft", "google"):
        found = links.for_deals(partner, stage.deals)
        assert found, partner
        for deal_id, key in found.items():
            what = f"deal {deal_id} settled at {partner}"
            stage.world.wait_for(lambda key=key: _settled(links.get(key)), what)


def _settled(link: Link) -> bool:
    """A scheduled sweep may be looking at it just now, so this is waited for."""
    return (link.state, link.lease_owner, link.due_at, link.done) == ("open", None, None, link.wanted)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/elsewhere", "POST", 404), ("", "GET", 405), ("", "POST", 401), ("/aws", "POST", 401)],
)
def test_the_deployed_door_refuses_what_is_not_hubspots(world: World, path: str, method: str, status: int) -> None:
    answer = urllib3.request(
        method, world.webhook_url + path, body=b"[]" if method == "POST" else None, timeout=PATIENCE
    )
    assert answer.status == status


def test_ways_on_which_values_come_back_in_failures_are_walked(stage: Stage) -> None:
    """Refusals that repeat what was sent, lost answers, unreadable and unproven webhooks, for the search below."""
    unhappy.walk(stage)


def test_one_correlation_id_leads_from_the_webhook_to_the_vendors_and_the_audit_record(stage: Stage) -> None:
    follow.one_change(stage)


def test_nothing_that_operators_read_holds_a_customers_value_or_a_secret(world: World) -> None:
    values, secrets = customer_values(world), secret_values(world)
    assert values >= {"BigCorp Cloud Migration", "Moving forty servers and two databases to the cloud this year."}
    assert values >= {"Aurora Retail Example", "alex@customer.example", "Lakeside Telemetry", unhappy.TOLD}
    assert secrets >= {CLIENT_SECRET, APP_TOKEN, world.microsoft.entra.client_secret}
    there_is = amounts(world)
    assert {name: number for name, number in there_is.items() if number < ENOUGH.get(name, 1)} == {}
    assert search(world, values | secrets | PARTS | unhappy.VALUES) == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_value_that_is_planted_in_a_source_is_found_there(world: World, name: str) -> None:
    value = unheard_of()
    assert search(world, [value], [name]) == []
    SOURCES[name].plant(world, value)
    assert {one.source for one in search(world, [value], [name])} == {name}


@pytest.mark.slow
@pytest.mark.xdist_group("e2e-faults")
def test_all_scenes_hold_while_things_go_wrong() -> None:
    """One round here; ``cosell soak`` plays twenty."""
    wrong, counted = play_round(seed=1)
    assert wrong == []
    assert counted["faults"] > 0, "faults were met at all"


def test_the_audit_of_all_scenes_is_whole_and_is_sealed(stage: Stage) -> None:
    """With the deployed function, its key and its bucket; the command line reads what they made."""
    world = stage.world
    world.settle()
    place = Place(
        "sandbox",
        world.outputs,
        {
            "endpoint_url": world.cloud.endpoint,
            "region_name": world.cloud.region,
            "aws_access_key_id": world.cloud.account,
            "aws_secret_access_key": "sandbox",
        },
    )
    answer = world.cloud.functions.invoke(world.outputs["SealAuditFunction"], {})
    assert (len(answer["sealed"]), answer["left"]) == (1, 0)
    assert verify_all(place) == ([], 1)


def verify_all(place: Place) -> tuple[list[str], int]:
    """What `cosell audit verify` finds, and how many seals it read."""
    now = time.time_ns() // 1_000_000
    seals = seals_of(place, now)
    with Verification(reader_of(place), now) as verification:
        found = [str(one) for one in (*verification.sealed(seals), *verification.everything())]
        assert verification.done.records > 50
        return found, verification.done.seals
