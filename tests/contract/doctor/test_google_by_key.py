"""A stage with a service account's key: the doctor asks Google itself, on the simulated one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cli.doctor_checks import google
from sandbox.fakes import FakeSecretsManager
from sandbox.google.account import INTEGRATOR
from tests.contract.adapters.google_sign_in import Google
from tests.unit.doctor.examining import Examining


@pytest.fixture
def running() -> Iterator[Google]:
    served = Google("key")
    yield served
    served.served.stop()


@pytest.fixture
def examining(running: Google) -> Examining:
    examining = Examining("sandbox", GoogleKeySecret="key")
    examining.deployment.place.vendors["google"] = running.served.url
    configuration, stage = examining.deployment.configuration, examining.deployment.stage
    assert stage.google is not None
    keyed = stage.model_copy(update={"google": stage.google.model_copy(update={"key": True, "identity": None})})
    stages = {**configuration.stages, "sandbox": keyed}
    examining.deployment.configuration = configuration.model_copy(update={"stages": stages})
    manager = FakeSecretsManager(key=json.dumps(running.account.make_key()))
    examining.deployment.once(("client", "secretsmanager", None), lambda: manager)
    return examining


def test_a_key_that_google_takes_is_well(examining: Examining) -> None:
    assert examining.said(google.access) == [("ok", "partner SANDBOX001")]


def test_a_key_that_google_refuses_is_an_error_with_the_way_to_set_it_up(running: Google, examining: Examining) -> None:
    running.account.service_accounts[INTEGRATOR].keys.clear()
    (found,) = examining.found(google.access)
    assert (found.level, found.where) == ("error", "partner SANDBOX001")
    assert "docs/operations.md#setting-up-google" in found.do
