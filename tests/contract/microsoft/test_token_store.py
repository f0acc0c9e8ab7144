"""The consent's versions, as two independent emulations of Secrets Manager keep them."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from lambdas.shared.errors import Conflict, Unauthorized
from sandbox.local_cloud.ministack import Ministack
from tests.contract.microsoft.vault import OPTIONS, Vault


@pytest.fixture(params=["ministack", "moto"])
def kept(request: pytest.FixtureRequest, ministack: Ministack) -> Iterator[Vault]:
    if request.param == "ministack":
        yield Vault(boto3.client("secretsmanager", endpoint_url=ministack.endpoint, **OPTIONS))
        return
    with mock_aws():
        yield Vault(boto3.client("secretsmanager", **OPTIONS))


def test_before_any_login_there_is_neither_consent_nor_token(kept: Vault) -> None:
    assert kept.store.consent().refresh_token == ""
    access = kept.store.access()
    assert (access.expires_at, access.consent_at) == (0, 0)


def test_a_rotation_keeps_the_one_before_readable_and_can_be_repeated(kept: Vault) -> None:
    kept.store.put_consent("rt-1", 1)
    for turn in range(2, 5):
        kept.store.rotate_consent(kept.store.consent(), f"rt-{turn}", turn)
        assert (kept.refresh_token(), kept.refresh_token("AWSPREVIOUS")) == (f"rt-{turn}", f"rt-{turn - 1}")
    assert kept.store.consent().obtained_at == 4


def test_a_login_after_the_reading_wins_over_the_rotation(kept: Vault) -> None:
    kept.store.put_consent("rt-1", 1)
    read = kept.store.consent()
    kept.store.put_consent("rt-of-a-login", 2)
    with pytest.raises(Conflict):
        kept.store.rotate_consent(read, "rt-2", 3)
    assert (kept.refresh_token(), kept.refresh_token("AWSPREVIOUS")) == ("rt-of-a-login", "rt-1")
    kept.store.rotate_consent(kept.store.consent(), "rt-3", 4)
    assert kept.refresh_token() == "rt-3"


def test_a_login_between_the_two_steps_of_a_rotation_wins_too(kept: Vault) -> None:
    kept.store.put_consent("rt-1", 1)
    kept.ahead["update_secret_version_stage"] = lambda: kept.store.put_consent("rt-of-a-login", 2)
    with pytest.raises(Conflict):
        kept.store.rotate_consent(kept.store.consent(), "rt-2", 3)
    assert kept.refresh_token() == "rt-of-a-login"


def test_a_rotation_whose_answer_was_lost_is_found_done(kept: Vault) -> None:
    kept.store.put_consent("rt-1", 1)
    kept.lost.add("update_secret_version_stage")
    kept.store.rotate_consent(kept.store.consent(), "rt-2", 2)
    assert (kept.refresh_token(), kept.refresh_token("AWSPREVIOUS")) == ("rt-2", "rt-1")


@pytest.mark.parametrize("kept", ["moto"], indirect=True)  # ministack takes the repeated call for another one
def test_a_put_whose_answer_was_lost_makes_no_second_version(kept: Vault) -> None:
    kept.lost.add("put_secret_value")
    kept.store.put_access("at-1", 100, 7)
    access = kept.store.access()
    assert (access.expires_at, access.consent_at) == (100, 7)
    assert kept.document(kept.access, "AWSPREVIOUS")["access_token"] == ""


def test_a_secret_that_is_gone_is_named_and_no_value_with_it(kept: Vault) -> None:
    kept.client.delete_secret(SecretId=kept.consent, ForceDeleteWithoutRecovery=True)
    with pytest.raises(Unauthorized, match=f"ResourceNotFoundException to put_secret_value .*{kept.consent}") as seen:
        kept.store.put_consent("hush", 1)
    assert "hush" not in str(seen.value)
