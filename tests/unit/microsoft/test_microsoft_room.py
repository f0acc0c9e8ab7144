"""The room as a deployed function finds it: from the environment and the settings, and nothing asked of anybody yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdas.microsoft import room, wiring
from lambdas.microsoft.domain.partner import plan_run
from lambdas.shared import wiring as shared_wiring
from lambdas.shared.errors import Unexpected
from lambdas.shared.room import this_room
from tests.unit.microsoft.microsoft_support import PartnerCenterScript, deal, run, settings

CREATED = {"id": "1", "eTag": '"1"', "updatedDateTime": "2026-09-21T10:00:00Z"}


def _forget() -> None:
    room.opportunities.cache_clear()
    wiring.referrals.cache_clear()
    shared_wiring.secrets.cache_clear()
    shared_wiring.client.cache_clear()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    _forget()
    for name, value in {
        "COSELL_ROOM": "lambdas.microsoft.room",
        "COSELL_MICROSOFT_ACCESS_SECRET": "access",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("COSELL_MICROSOFT_API_URL", raising=False)
    yield monkeypatch
    _forget()


def configure(environment: pytest.MonkeyPatch, folder: Path, **changes: Any) -> None:
    file = folder / "settings.json"
    file.write_text(json.dumps({"partners": {"microsoft": settings(**changes)}}))
    environment.setenv("COSELL_SETTINGS_FILE", str(file))


def test_a_function_of_this_room_finds_partner_decision_and_records(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(environment, tmp_path)
    found = this_room()
    assert (found.PARTNER, found.plan_run) == ("microsoft", plan_run)
    assert found.opportunities() is found.opportunities()


def test_another_address_takes_the_token_in_the_clear_on_this_machine_only(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(environment, tmp_path)
    environment.setenv("COSELL_MICROSOFT_API_URL", "http://partner.example")
    with pytest.raises(Unexpected, match="COSELL_MICROSOFT_API_URL"):
        room.opportunities()
    environment.setenv("COSELL_MICROSOFT_API_URL", "http://127.0.0.1:9")
    assert room.opportunities()


def test_the_switches_of_the_settings_reach_the_wire(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configure(
        environment,
        tmp_path,
        send_status=True,
        filter_by_time=True,
        filter_by_reference=True,
        solution_names={"SOL-00000-AAA": "Ours"},
    )
    vendor = PartnerCenterScript()
    environment.setattr("lambdas.shared.adapters.http.urllib3_transport", lambda *_given, **_more: vendor.send)
    environment.setattr("lambdas.microsoft.adapters.access_token.AccessToken.__call__", lambda *_given: "token")
    records = room.opportunities()
    vendor.say({"value": []}).say({"value": []}).say(CREATED)
    records.list_changed("2026-09-21T10:00:00Z", None)
    records.find_created({"token": "t", "at": 1_790_000_000_000, "deal_id": "500"})
    records.create({"token": "t", "at": 0, "deal_id": "500"}, run(deal()).as_dict(), _NO_MEMORY)
    listed, looked_for, made = vendor.requests
    assert listed.url.startswith("https://api.partner.microsoft.com/")
    assert "updatedDateTime ge 2026-09-21T10:00:00.0000000Z" in listed.query
    assert "externalReferenceId eq '500'" in looked_for.query
    assert made.body["status"] == "Active"
    assert made.body["details"]["requirements"]["solutions"][0]["name"] == "Ours"


_NO_MEMORY: Any = None
