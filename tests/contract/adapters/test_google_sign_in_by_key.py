"""Signing in at Google with a service account's key: rotated, deleted, damaged, out of reach."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized, Unexpected
from sandbox.google.account import INTEGRATOR
from tests.contract.adapters.google_sign_in import KEY_SECRET, OPPORTUNITY, Google, ask


@pytest.fixture
def by_key() -> Iterator[Google]:
    running = Google("key")
    yield running
    running.served.stop()


def test_a_rotated_key_is_taken_up_at_the_next_token(by_key: Google):
    channel = by_key.channel()
    ask(channel)
    by_key.account.service_accounts[INTEGRATOR].keys.clear()
    by_key.secrets.values[KEY_SECRET] = by_key.account.make_key()
    by_key.account.revoke()
    ask(channel)
    assert by_key.secrets.reads[-1] == (KEY_SECRET, True)


def test_a_key_is_used_at_our_address_whatever_address_it_names(by_key: Google):
    by_key.secrets.values[KEY_SECRET]["token_uri"] = "https://token.example.com/"
    ask(by_key.channel())


def test_a_deleted_key_is_refused_by_google(by_key: Google):
    by_key.account.service_accounts[INTEGRATOR].keys.clear()
    with pytest.raises(Unauthorized):
        by_key.channel().get_opportunity(OPPORTUNITY)


@pytest.mark.parametrize(
    ("error", "wanted"),
    [(Unauthorized("gone"), Unauthorized), (Retryable("lost"), Retryable), (Throttled("slow"), Retryable)],
)
def test_a_secret_that_can_no_longer_be_read_is_sorted_by_its_cause(
    by_key: Google, error: CosellError, wanted: type[CosellError]
):
    channel = by_key.channel()
    by_key.secrets.values[KEY_SECRET] = error
    with pytest.raises(wanted):
        channel.get_opportunity(OPPORTUNITY)


@pytest.mark.parametrize("key", [{"client_email": "a@example.com"}, {"client_email": "", "private_key": 5}])
def test_a_secret_that_is_no_key_is_named_and_not_shown(by_key: Google, key: dict[str, Any]):
    by_key.secrets.values[KEY_SECRET] = key
    with pytest.raises(Unauthorized, match=r"google-key is no service account's JSON key: .*private_key") as caught:
        by_key.session()
    assert "a@example.com" not in str(caught.value)


def test_a_private_key_that_is_damaged_is_a_matter_for_a_person(by_key: Google):
    damaged = base64.b64encode(b"nothing").decode()
    by_key.secrets.values[KEY_SECRET]["private_key"] = (
        f"-----BEGIN PRIVATE KEY-----\n{damaged}\n-----END PRIVATE KEY-----\n"
    )
    with pytest.raises(Unauthorized) as caught:
        by_key.channel().get_opportunity(OPPORTUNITY)
    assert damaged not in str(caught.value)


def test_an_assertion_is_never_sent_in_the_clear(by_key: Google):
    by_key.environ["COSELL_GOOGLE_TOKEN_URL"] = "http://token.example.com/token"
    with pytest.raises(Unexpected, match="https"):
        by_key.session()
