"""The room as a deployed function puts it together: its addresses, ids, switches and identity."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdas.google import room, wiring
from lambdas.google.adapters.opportunities import GoogleOpportunities
from lambdas.shared.errors import Unauthorized, Unexpected
from lambdas.shared.room import VARIABLE, this_room
from tests.unit.google.google_support import SETTINGS, field, google

IDENTITY = {"audience": "//iam.example/pool", "service_account": "cosell@partner.iam.gserviceaccount.com"}
VECTOR = "0014M00001abcDEFGH"
LEAD = {"enabled": True, "fields": [field("summary", "opportunitySummary", "plain_text", "description")]}
CACHED = (room.opportunities, wiring.channel, wiring.leads)

Configure = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Configure]:
    """Settings of this partner, as the layer would hold them."""

    def put(**changes: Any) -> None:
        ours = google(partner_hub_id="AB12cd34EF", identity=IDENTITY, **changes)
        path = tmp_path / f"settings-{len(changes)}.json"
        path.write_text(json.dumps({**SETTINGS, "partners": {"google": ours}}), encoding="utf-8")
        monkeypatch.setenv("COSELL_SETTINGS_FILE", str(path))

    for name in ("COSELL_GOOGLE_CHANNEL_URL", "COSELL_GOOGLE_CRM_URL", "COSELL_GOOGLE_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for each in CACHED:
        each.cache_clear()
    yield put
    for each in CACHED:
        each.cache_clear()


def test_the_functions_find_the_room_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "lambdas.google.room")
    found = this_room()
    assert (found.PARTNER, found.plan_run) == ("google", room.plan_run)


def test_opportunities_are_made_of_the_settings_and_no_token_is_asked_for(configure: Configure) -> None:
    configure()
    made = room.opportunities()
    assert isinstance(made, GoogleOpportunities)
    assert made is room.opportunities()
    assert wiring.service_account() == IDENTITY["service_account"]
    assert wiring.leads() is None


def test_an_address_may_be_replaced_and_never_by_an_open_one(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure()
    monkeypatch.setenv("COSELL_GOOGLE_CHANNEL_URL", "http://vendor.example.com")
    with pytest.raises(Unexpected, match="COSELL_GOOGLE_CHANNEL_URL"):
        wiring.channel()
    monkeypatch.setenv("COSELL_GOOGLE_CHANNEL_URL", "http://127.0.0.1:9")
    assert wiring.channel() is wiring.channel()


def test_leads_need_the_vector_id(configure: Configure) -> None:
    configure(lead=LEAD, vector_id=None)
    with pytest.raises(Unauthorized, match="vector_id"):
        wiring.leads()


def test_leads_need_a_property_that_shows_their_name(configure: Configure) -> None:
    names = {name: text for name, text in google()["status_properties"].items() if name != "lead_name"}
    configure(lead=LEAD, vector_id=VECTOR, status_properties=names)
    with pytest.raises(Unexpected, match="lead_name"):
        wiring.leads()


def test_leads_are_made_where_the_settings_want_them(configure: Configure) -> None:
    configure(lead=LEAD, vector_id=VECTOR)
    assert wiring.leads() is not None


def test_with_a_stored_key_the_key_says_who_we_are(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    class Secrets:
        def get(self, name: str, fresh: bool = False) -> dict[str, Any]:
            return {"client_email": "keyed@partner.iam.gserviceaccount.com", "private_key": name}

    configure()
    monkeypatch.setenv("COSELL_GOOGLE_KEY_SECRET", "the-key")
    monkeypatch.setattr("lambdas.shared.wiring.secrets", Secrets)
    assert wiring.service_account() == "keyed@partner.iam.gserviceaccount.com"
