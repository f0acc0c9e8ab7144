"""What `cosell sandbox` prints: commands that can be pasted, of the partners that the stage has on."""

from __future__ import annotations

import itertools
import json
import shlex
from typing import Any

import pytest

from cli.sandbox import _guide

PLACES = ("endpoint", "hubspot", "partner_central", "microsoft", "google", "webhook", "page", "region", "account")


def guide(*partners: str) -> str:
    running: dict[str, Any] = {name: f"http://127.0.0.1/{name}" for name in PLACES}
    return _guide({**running, "partners": list(partners)}, "token-1", "Sandbox")


def bodies(text: str) -> list[Any]:
    """The bodies of the curl commands, as a shell would hand them over."""
    words = shlex.split(text.replace("\\\n", " ").replace("'s ", "s "), comments=False)
    return [json.loads(word) for before, word in itertools.pairwise(words) if before == "-d" and word[0] == "{"]


@pytest.mark.parametrize("partners", [("aws",), ("aws", "microsoft"), ("aws", "microsoft", "google")])
def test_partners_that_are_off_are_not_tried(partners: tuple[str, ...]) -> None:
    text = guide(*partners)
    assert ("Microsoft sends a referral" in text) == ("microsoft" in partners)
    assert ("Google brings an opportunity" in text) == ("google" in partners)
    assert ("off in this stage" in text) == (partners == ("aws",))


def test_every_body_is_json_and_the_first_deal_is_for_aws_alone() -> None:
    found = bodies(guide("aws", "microsoft", "google"))
    assert found[0]["properties"]["dealname"] == "Try it #AWS"
    assert next(one for one in found if "customerInfo" in one)["opportunityInfo"]["displayName"] == "Brought by Google"
    assert len(found) == 5


def test_a_property_that_was_added_can_be_made_here() -> None:
    assert "HUBSPOT_SETUP_TOKEN=token-1 .venv/bin/cosell hubspot setup --url http://127.0.0.1/hubspot" in guide("aws")
