"""The checked-in HubSpot project is the one that the configuration asks for, and HubSpot would take it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import config
from config.hubspot_app import TARGET_URL, as_text, render_app
from config.webhooks import EVENTS, HUB_EVENTS, watched_properties
from sandbox.hubspot.subscriptions import Subscriptions

FOLDER = Path(__file__).resolve().parents[3] / "hubspot_app"
WEBHOOKS = "src/app/webhooks/webhooks-hsmeta.json"


@pytest.fixture(scope="module")
def configuration() -> config.Configuration:
    return config.load()


def test_the_files_checked_in_are_those_rendered(configuration: config.Configuration) -> None:
    rendered = render_app(configuration, "prod", before=json.loads((FOLDER / WEBHOOKS).read_text()))
    there = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*.json")}
    assert there == {path: as_text(document) for path, document in rendered.items()}, (
        "run `.venv/bin/python -m config.hubspot_app`"
    )


@pytest.mark.parametrize("stage", ["sandbox", "dev", "prod"])
def test_every_stage_needs_the_same_subscriptions(configuration: config.Configuration, stage: str) -> None:
    assert render_app(configuration, stage) == render_app(configuration, "prod")


def test_the_simulated_hubspot_subscribes_to_all_that_is_watched_and_nothing_else(
    configuration: config.Configuration,
) -> None:
    component = render_app(configuration, "prod")[WEBHOOKS]
    taken = Subscriptions("generic")
    assert taken.load(component) == TARGET_URL
    plural = {"deal": "deals", "company": "companies", "contact": "contacts", "note": "notes"}
    watched = watched_properties(config.render_settings(configuration, "sandbox"))
    wanted = {(plural[one], "propertyChange", name) for one, names in watched.items() for name in names}
    wanted |= {(plural[one], kind, "") for one, kinds in EVENTS.items() for kind in kinds}
    wanted |= {(plural[one.partition(".")[0]], one.partition(".")[2], "") for one in HUB_EVENTS}
    assert {(one.object_type, one.kind, one.property_name) for one in taken.all} == wanted
    assert len(taken.all) == len(wanted)
    assert all(one.active for one in taken.all)
    assert {one.kind for one in taken.all if one.classic} == {"privacyDeletion"}  # it has no generic form


def test_what_a_person_is_asked_to_correct_is_watched(configuration: config.Configuration) -> None:
    watched = watched_properties(config.render_settings(configuration, "sandbox"))
    assert {"microsoft_acceptance", "microsoft_deal_kind", "gcp_submit"} <= set(watched["deal"])
    assert {"dealname", "aws_opportunity_id", "aws_solution_ids"} <= set(watched["deal"])
    assert "aws_sync_status" not in watched["deal"], "only the sync writes it"


def test_a_target_url_can_be_given_instead_of_the_variable(configuration: config.Configuration) -> None:
    url = "https://hooks.example.com/webhook/hubspot"
    assert render_app(configuration, "dev", url)[WEBHOOKS]["config"]["settings"]["targetUrl"] == url


def test_an_unknown_stage_is_named(configuration: config.Configuration) -> None:
    with pytest.raises(KeyError, match=r"no deployment stage 'nowhere'.*prod"):
        render_app(configuration, "nowhere")


def test_components_hold_only_what_the_platform_reads() -> None:
    uids = set()
    for path in FOLDER.rglob("*-hsmeta.json"):
        document = json.loads(path.read_text())
        assert set(document) <= {"uid", "type", "config", "dependencies"}
        assert document["type"] in ("app", path.parent.name)
        uids.add(document["uid"])
    assert len(uids) == 2


def test_the_app_is_private_and_may_not_change_schemas() -> None:
    app = json.loads((FOLDER / "src/app/app-hsmeta.json").read_text())["config"]
    assert (app["distribution"], app["auth"]["type"]) == ("private", "static")
    assert not [scope for scope in app["auth"]["requiredScopes"] if "schemas" in scope and scope.endswith("write")]


def test_what_is_needed_no_longer_stays_switched_off(configuration: config.Configuration) -> None:
    """A removal may make HubSpot refuse the upload, so an entry that was deployed once is never taken out."""
    before = render_app(configuration, "prod")[WEBHOOKS]
    gone = {"subscriptionType": "object.propertyChange", "objectType": "deal", "propertyName": "old", "active": True}
    there = json.loads(json.dumps(before))
    there["config"]["subscriptions"]["crmObjects"].insert(0, gone)
    after = render_app(configuration, "prod", before=there)[WEBHOOKS]
    listed = after["config"]["subscriptions"]["crmObjects"]
    assert listed[:-1] == before["config"]["subscriptions"]["crmObjects"]
    assert listed[-1] == {**gone, "active": False}
    assert render_app(configuration, "prod", before=after)[WEBHOOKS] == after, "rendering again changes nothing"


def test_the_project_is_as_the_developer_platform_wants_it() -> None:
    """What the vendor's documentation says of the files; its own validation needs an account."""
    project = json.loads((FOLDER / "hsproject.json").read_text())
    assert set(project) == {"name", "srcDir", "platformVersion"}
    assert (FOLDER / project["srcDir"]).is_dir()
    for path in FOLDER.rglob("*-hsmeta.json"):
        assert re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", json.loads(path.read_text())["uid"])
    app = json.loads((FOLDER / "src/app/app-hsmeta.json").read_text())["config"]
    assert len(app["name"]) <= 200
    assert app["name"] == app["name"].strip()
    assert len(app["description"]) <= 8192
    assert "redirectUrls" not in app["auth"]
    assert all(url.startswith("https://") for urls in app["permittedUrls"].values() for url in urls)
    component = json.loads((FOLDER / WEBHOOKS).read_text())["config"]
    assert component["settings"]["targetUrl"] == TARGET_URL
    listed = component["subscriptions"]["crmObjects"]
    kinds = {"creation", "deletion", "merge", "restore", "propertyChange", "associationChange"}
    assert {each["subscriptionType"] for each in listed} <= {f"object.{kind}" for kind in kinds}
    assert all(("propertyName" in each) == (each["subscriptionType"] == "object.propertyChange") for each in listed)
    assert len({tuple(sorted(each.items())) for each in listed}) == len(listed)
    assert list(FOLDER.rglob("*secret*")) == list(FOLDER.rglob("hsprofile.*")) == []
