"""The properties that ``config/`` declares, created in the account as setup does it."""

from __future__ import annotations

import pytest

from config import hubspot_setup, loader
from lambdas.shared.adapters.hubspot import HubSpot
from tests.contract.hubspot.sim_api import OURS, Api

PLURALS = {"deal": "deals", "company": "companies", "contact": "contacts"}


@pytest.fixture(scope="module")
def configuration() -> loader.Configuration:
    return loader.load()


def test_every_declared_property_is_taken_once(both: Api, configuration: loader.Configuration) -> None:
    client = HubSpot(lambda fresh: OURS, "https://hubspot.example", both.send, both.clock)
    group = hubspot_setup.property_group(configuration)
    for singular, kind in PLURALS.items():
        definitions = hubspot_setup.property_definitions(configuration, singular)
        client.create_property_group(kind, group["name"], group["label"])
        assert sorted(client.create_properties(kind, definitions)) == sorted(one["name"] for one in definitions)
        assert client.create_properties(kind, definitions) == []
        live = {one["name"]: one for one in client.properties(kind)}
        for definition in definitions:
            assert live[definition["name"]]["type"] == definition["type"]
            assert live[definition["name"]]["hasUniqueValue"] is definition.get("hasUniqueValue", False)


def test_every_standard_property_that_config_names_exists(api: Api, configuration: loader.Configuration) -> None:
    standard = configuration.hubspot_properties.standard
    for singular, kind in PLURALS.items():
        names = set(standard[singular])
        known = {one["name"] for one in api.get(f"/crm/properties/2026-09/{kind}")[1]["results"]}
        assert names - known == set()
