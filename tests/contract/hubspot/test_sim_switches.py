"""Settings and switches are checked, and there are two readings of each."""

from __future__ import annotations

from dataclasses import fields

import pytest

from sandbox.hubspot import HubSpotAccount, Settings, Switches, other_reading, workflow
from sandbox.hubspot.switches import from_mapping
from tests.contract.hubspot.sim_api import DEAL


def test_the_other_reading_turns_every_switch() -> None:
    hard, other = Switches(), other_reading()
    same = [one.name for one in fields(Switches) if getattr(hard, one.name) == getattr(other, one.name)]
    assert same == []


def test_plain_data_is_checked_by_name_and_value() -> None:
    assert from_mapping(Settings, {"search_lag_ms": 5}).search_lag_ms == 5
    with pytest.raises(ValueError, match="unknown settings key 'speed'; allowed: associations_per_ten_seconds"):
        from_mapping(Settings, {"speed": 5})
    with pytest.raises(ValueError, match="creation_flag is 'MADE'; allowed: CREATED, NEW"):
        from_mapping(Switches, {"creation_flag": "MADE"})
    with pytest.raises(ValueError, match="allowed: generic, classic"):
        HubSpotAccount(settings=Settings(webhook_format="both"))


def test_a_workflow_is_neither_a_person_nor_an_app() -> None:
    account = HubSpotAccount()
    account.feed.subscriptions.add("creation", "deals")
    account.create("deals", DEAL, workflow())
    assert account.feed.events[0]["changeSource"] == "AUTOMATION_PLATFORM"
