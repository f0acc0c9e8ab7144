"""The scenes of the main job over the product's real path, and again while things go wrong."""

from __future__ import annotations

import json
import time

import pytest
import urllib3

from cli.audit import reader_of, seals_of
from cli.audit_verify import Verification
from cli.stage import Place
from lambdas.shared.domain.link import Link
from sandbox.demo import figures
from sandbox.figures import count_all
from sandbox.scenarios import SCENES, Scene, Stage
from sandbox.soak import play_round
from sandbox.world import CLIENT_SECRET, PATIENCE, World

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


def test_logs_and_executions_hold_no_customer_value(world: World) -> None:
    """What a person typed into HubSpot or Partner Central must not turn up where operators look."""
    values = [
        "BigCorp Cloud Migration",
        "pat.example",
        "Moving forty servers",
        "harbour-authority",
        "Sam",
        CLIENT_SECRET,
    ]
    values += ["pat-na1-sandbox", "Vineyard Forecasting", "Exampleville", "Invite the architect"]
    values += ["Contoso Migration", "Their architect joins", "Book the workshop"]
    values += ["Aurora Retail", "Wants to move shops", "alex@customer.example", "Lakeside Telemetry"]
    values += ["Summit", "Dashboards for lift operators", "kim@", "Ridge Monitoring", "not in our program yet"]
    values += [world.microsoft.entra.client_secret, *_secrets_of(world)]
    world.cloud.telemetry.flush()
    logs = world.cloud.client("logs")
    seen = 0
    groups = [one for page in logs.get_paginator("describe_log_groups").paginate() for one in page["logGroups"]]
    for group in groups:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                seen += 1
                found = [value for value in values if value in event["message"]]
                assert not found, (group["logGroupName"], found, event["message"][:500])
    assert seen > 100, "logs were written at all"
    for execution in world.cloud.executions():
        text = json.dumps(execution.as_dict(), default=str)
        assert not [value for value in values if value in text], (execution.machine, execution.result.states)


def _secrets_of(world: World) -> list[str]:
    """The tokens at Microsoft, as they stand in the secrets."""
    manager = world.cloud.client("secretsmanager")
    names = [world.outputs["MicrosoftConsentSecret"], world.outputs["MicrosoftAccessSecret"]]
    documents = [json.loads(manager.get_secret_value(SecretId=name)["SecretString"]) for name in names]
    return [one[name] for one in documents for name in ("refresh_token", "access_token") if name in one]


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
