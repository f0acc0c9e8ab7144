"""Switches, settings and enumerations are data, checked by name and value."""

from __future__ import annotations

from dataclasses import fields

import pytest

from sandbox.google import GoogleAccount, Switches, other_reading
from sandbox.google.enums import sandbox_enums


def test_the_other_reading_turns_every_switch() -> None:
    hard, other = Switches(), other_reading()
    assert [one.name for one in fields(Switches) if getattr(hard, one.name) == getattr(other, one.name)] == []


def test_a_wrong_switch_is_named() -> None:
    with pytest.raises(ValueError, match="time_digits is 6; allowed: 9, 3"):
        Switches(time_digits=6)
    with pytest.raises(ValueError, match="unknown settings key 'speed'; allowed: channel_per_minute"):
        GoogleAccount().change(settings={"speed": 5})


def test_what_is_not_documented_is_marked_as_the_sandboxes_own() -> None:
    documented = {"DRAFT", "SUBMITTED", "ACCEPTED", "REJECTED", "CLOSED"}
    values = {value for members in sandbox_enums().values() for value in members}
    assert {value for value in values if not value.startswith("SANDBOX_")} == documented


def test_real_members_can_be_put_in_place() -> None:
    assert GoogleAccount(enums={"Need": ["REAL"]}).enums["Need"] == ("REAL",)
    with pytest.raises(ValueError, match="unknown enumeration 'Shoe'"):
        GoogleAccount(enums={"Shoe": []})
