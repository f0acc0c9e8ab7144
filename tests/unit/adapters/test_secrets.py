"""Secrets: a short cache, a way past it, and messages that say what to do and no value."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError

from lambdas.shared.adapters.secrets import Secrets, token_reader
from lambdas.shared.errors import Retryable, Throttled, Unauthorized, Unexpected
from tests.unit.adapters.vendor_fakes import TurnedClock


class Vault:
    """Stands for the Secrets Manager client."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def get_secret_value(self, SecretId):
        self.asked.append(SecretId)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, dict) else {"SecretString": answer}


def stored(token):
    return json.dumps({"access_token": token})


def refusal(code, status=400):
    response = {"Error": {"Code": code, "Message": "hush"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetSecretValue")


def test_a_value_is_kept_for_its_time_and_no_longer():
    vault, clock = Vault(stored("a"), stored("b")), TurnedClock(0)
    secrets = Secrets(vault, clock, ttl_seconds=60)
    assert secrets.get("s") == {"access_token": "a"}
    clock.time = 59_999
    assert secrets.get("s") == {"access_token": "a"}
    clock.time = 60_000
    assert secrets.get("s") == {"access_token": "b"}
    assert vault.asked == ["s", "s"]


def test_fresh_goes_past_the_cache_and_fills_it():
    secrets = Secrets(Vault(stored("a"), stored("b")), TurnedClock())
    secrets.get("s")
    assert secrets.get("s", fresh=True) == {"access_token": "b"}
    assert secrets.get("s") == {"access_token": "b"}


def test_names_do_not_share_a_value():
    secrets = Secrets(Vault(stored("a"), stored("b")), TurnedClock())
    assert secrets.get("one") != secrets.get("two")


@pytest.mark.parametrize("answer", ["", "  ", "not json", "[]", "{}", {"SecretBinary": b"x"}])
def test_a_secret_without_a_usable_value_says_how_to_set_it(answer):
    with pytest.raises(Unauthorized, match=r"secret cosell/dev/token .*cosell secrets set"):
        Secrets(Vault(answer), TurnedClock()).get("cosell/dev/token")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("ResourceNotFoundException"), Unauthorized),
        (refusal("InvalidRequestException"), Unauthorized),
        (refusal("AccessDeniedException"), Unauthorized),
        (refusal("DecryptionFailure"), Unauthorized),
        (refusal("ThrottlingException"), Throttled),
        (refusal("InternalServiceError", 500), Retryable),
        (refusal("SomethingNew", 503), Retryable),
        (refusal("SomethingNew"), Unexpected),
        (ConnectTimeoutError(endpoint_url="https://x"), Retryable),
        (ReadTimeoutError(endpoint_url="https://x"), Retryable),
        (NoCredentialsError(), Unexpected),
    ],
)
def test_each_failure_has_its_class_and_names_the_secret(error, expected):
    with pytest.raises(expected, match="cosell/dev/token") as raised:
        Secrets(Vault(error), TurnedClock()).get("cosell/dev/token")
    assert "hush" not in str(raised.value)


def test_a_failed_read_leaves_the_kept_value_for_the_next():
    secrets = Secrets(Vault(stored("a"), refusal("ThrottlingException")), TurnedClock())
    secrets.get("s")
    with pytest.raises(Throttled):
        secrets.get("s", fresh=True)
    assert secrets.get("s") == {"access_token": "a"}


def test_a_token_reader_gives_the_text_and_passes_freshness_on():
    read = token_reader(Secrets(Vault(stored("a\n"), stored("b")), TurnedClock()), "s")
    assert [read(False), read(False), read(True)] == ["a", "a", "b"]


@pytest.mark.parametrize("text", ['{"other": 1}', '{"access_token": ""}', '{"access_token": 5}'])
def test_a_secret_without_the_token_says_what_is_missing(text):
    with pytest.raises(Unauthorized, match=r"secret s has no access_token.*cosell secrets set"):
        token_reader(Secrets(Vault(text), TurnedClock()), "s")(False)
