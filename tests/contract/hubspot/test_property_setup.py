"""``cosell hubspot setup`` on the simulated HubSpot: once, again, only checked, and where something is in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import cli.hubspot
import config
from cli.main import main
from config.property_setup import set_up
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.adapters.read_only import read_only
from sandbox.hubspot import HubSpotAccount, Settings, direct, make_app

Send = Callable[[str, str, Mapping[str, str], bytes | None], Any]
DEALS = "/crm/properties/2026-09/deals"


@pytest.fixture(scope="module")
def configuration() -> config.Configuration:
    return config.load()


@pytest.fixture
def account() -> HubSpotAccount:
    return HubSpotAccount(settings=Settings(per_ten_seconds=None, per_day=None))


@pytest.fixture
def send(account: HubSpotAccount) -> Send:
    return direct(make_app(account, sleep=lambda _seconds: None))


def hubspot(send: Send) -> HubSpot:
    return HubSpot(lambda _fresh: "pat-na1-sandbox", "https://api.hubapi.test", send)


def test_the_first_run_creates_everything_and_the_second_one_nothing(
    send: Send, configuration: config.Configuration
) -> None:
    first = set_up(hubspot(send), configuration)
    every = configuration.hubspot_properties.properties
    assert sorted(first.created) == sorted(f"{each.object}.{each.name}" for each in every)
    assert first.wrong == []
    held = {each["name"]: each for each in hubspot(send).properties("deals")}
    assert held["aws_opportunity_id"]["hasUniqueValue"] is True, "unique right from the start"
    assert held["aws_opportunity_id"]["groupName"] == configuration.hubspot_properties.group.name
    second = set_up(hubspot(send), configuration)
    assert (second.created, second.wrong, sorted(second.present)) == ([], [], sorted(first.created))


def test_a_check_changes_nothing_and_names_what_is_missing(send: Send, configuration: config.Configuration) -> None:
    found = set_up(hubspot(read_only(send)), configuration, create=False)
    assert found.created == []
    assert "deal.aws_opportunity_id is missing; run `cosell hubspot setup`" in found.wrong
    assert len(found.wrong) == len(configuration.hubspot_properties.properties)


def test_what_stands_in_the_way_is_left_and_said_with_what_to_do(
    send: Send, configuration: config.Configuration
) -> None:
    client = hubspot(send)
    client.create_property_group("deals", "mine", "Mine")
    common = {"groupName": "mine", "type": "string", "fieldType": "text"}
    client.create_property("deals", {**common, "name": "aws_opportunity_id", "label": "By hand"})
    client.create_property("deals", {**common, "name": "aws_sync_status", "label": "By hand"})
    found = set_up(client, configuration)
    again = (
        "export its values if it has any, archive it in HubSpot's settings (and delete it there for good), "
        "then run `cosell hubspot setup`"
    )
    assert found.wrong == [
        f"deal.aws_opportunity_id must have unique values; HubSpot sets that only at creation: {again}",
        f"deal.aws_sync_status is of type string, must be enumeration; {again}",
    ]
    assert "deal.aws_sync_message" in found.created, "the others are made all the same"
    held = {each["name"]: each for each in client.properties("deals")}
    assert held["aws_opportunity_id"]["label"] == "By hand"


def test_an_option_that_a_property_lacks_is_added_and_what_people_made_of_the_others_stays(
    send: Send, configuration: config.Configuration
) -> None:
    client, path = hubspot(send), f"{DEALS}/aws_sync_status"
    set_up(client, configuration)
    first, second, *others = client.call("GET", path, "to read")["options"]
    theirs = {"label": "Ours by hand", "value": "by_hand", "displayOrder": 9}
    kept = [{**second, "label": "Renamed"}, theirs, *others]
    client.call("PATCH", path, "to change", body={"options": kept})
    lacks = f"deal.aws_sync_status lacks the options {first['value']}; run `cosell hubspot setup`, which adds them"
    assert set_up(hubspot(read_only(send)), configuration, create=False).wrong == [lacks]
    found = set_up(client, configuration)
    assert (found.gained, found.created, found.wrong) == ({"deal.aws_sync_status": [first["value"]]}, [], [])
    *before, added = client.call("GET", path, "to read")["options"]
    assert [{key: one[key] for key in theirs} for one in before] == [{key: one[key] for key in theirs} for one in kept]
    assert (added["value"], added["label"], added["displayOrder"]) == (first["value"], first["label"], 10)
    assert set_up(client, configuration).gained == {}


@pytest.mark.parametrize("words", [["check"], ["setup", "--check"]])
def test_the_command_checks_with_a_key_of_its_own(
    words: list[str], send: Send, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys: list[str] = []

    def made(token: Any, _url: str) -> HubSpot:
        keys.append(token(False))
        return hubspot(read_only(send))

    monkeypatch.setattr(cli.hubspot, "HubSpot", made)
    monkeypatch.setenv(cli.hubspot.TOKEN_VARIABLE, "short-lived")
    assert main(["hubspot", *words]) == 1
    assert keys == ["short-lived"]
    assert "0 created, 0 in order" in capsys.readouterr().out
    monkeypatch.delenv(cli.hubspot.TOKEN_VARIABLE)
    assert main(["hubspot", *words]) == 1
    assert "set HUBSPOT_SETUP_TOKEN to a service key with the schema scopes" in capsys.readouterr().err
