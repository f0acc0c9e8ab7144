"""The worker's token: a short cache, a way past it, and a text that says what to do when there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.microsoft.adapters.access_token import AccessToken
from lambdas.shared.adapters.secrets import Secrets
from lambdas.shared.errors import Unauthorized
from sandbox.fakes.clock import FakeClock

NAME = "cosell/dev/microsoft-access"


class Vault:
    """Stands for the Secrets Manager client."""

    def __init__(self, document: Any) -> None:
        self.document, self.reads = document, 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        assert SecretId == NAME
        self.reads += 1
        return {"SecretString": json.dumps(self.document)}


class Worker:
    def __init__(self, **document: Any) -> None:
        self.clock = FakeClock()
        self.vault = Vault(document)
        self.token = AccessToken(Secrets(self.vault, self.clock, ttl_seconds=60), NAME, self.clock)

    def now(self) -> int:
        return self.clock.now_ms() // 1000


def worker(seconds_left: int = 3600, token: str = "at-1") -> Worker:  # noqa: S107
    made = Worker()
    made.vault.document = {"access_token": token, "expires_at": made.now() + seconds_left}
    return made


def test_a_living_token_is_read_once_while_it_is_kept() -> None:
    w = worker()
    assert [w.token(False), w.token(False)] == ["at-1", "at-1"]
    assert w.vault.reads == 1


def test_after_a_401_the_secret_is_read_again() -> None:
    w = worker()
    w.token(False)
    w.vault.document = {"access_token": "at-2", "expires_at": w.now() + 3600}
    assert w.token(True) == "at-2"


def test_a_kept_token_that_ran_out_is_read_again_before_it_is_called_expired() -> None:
    w = worker(seconds_left=30)
    w.token(False)
    w.vault.document = {"access_token": "at-2", "expires_at": w.now() + 3600}
    w.clock.advance(seconds=30)
    assert w.token(False) == "at-2"


@pytest.mark.parametrize("fresh", [True, False])
def test_an_expired_token_says_that_a_person_has_to_sign_in(fresh: bool) -> None:
    w = worker(seconds_left=0)
    with pytest.raises(Unauthorized, match=rf"{NAME} has expired.*cosell microsoft login") as seen:
        w.token(fresh)
    assert "at-1" not in str(seen.value)


@pytest.mark.parametrize("document", [{"unused": "x"}, {"access_token": "", "expires_at": 0, "unused": "x"}])
def test_a_token_that_was_never_made_says_that_a_person_has_to_sign_in(document: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized, match=r"is missing.*cosell microsoft login"):
        Worker(**document).token(False)


def test_a_token_without_its_end_is_not_trusted() -> None:
    with pytest.raises(Unauthorized):
        Worker(access_token="at-1").token(False)
