"""msal, the refresh function and a worker against the simulated Entra, over HTTP."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from lambdas.microsoft.adapters.access_token import AccessToken
from lambdas.microsoft.adapters.partner_center import PartnerCenter
from lambdas.microsoft.adapters.sign_in import SignIn
from lambdas.microsoft.handlers.refresh_token import Collaborators, refresh_token
from lambdas.shared.adapters.secrets import Secrets
from lambdas.shared.errors import Retryable, Throttled, Unauthorized
from sandbox.microsoft.account import CLIENT, TENANT
from tests.contract.microsoft.sim_api import PATH, Api
from tests.contract.microsoft.vault import REGISTRATION, Vault

MINUTES = 60


class Sync:
    """The deployed parts: the refresh function and a worker, on one clock."""

    def __init__(self, api: Api, vault: Vault) -> None:
        self.api, self.vault, self.clock = api, vault, api.clock
        secrets = Secrets(vault, api.clock)
        self.worker = PartnerCenter(AccessToken(secrets, vault.access, api.clock), api.server.url, clock=api.clock)

    def sign_in(self) -> SignIn:
        return SignIn(self.vault.store.app(), self.api.server.url, clock=self.clock)

    def log_in(self) -> str:
        token = self.api.account.consent()
        self.vault.store.put_consent(token, self.clock.now_ms())
        return token

    def refresh(self) -> int:
        return refresh_token({}, Collaborators(self.vault.store, self.sign_in, self.clock))["count"]

    def list(self) -> dict[str, Any]:
        return self.worker.call("GET", PATH, "for referrals")[0]


@pytest.fixture
def sync(api: Api, vault: Vault) -> Sync:
    made = Sync(api, vault)
    made.log_in()
    return made


def test_a_login_is_all_that_the_workers_need(api: Api, vault: Vault) -> None:
    sync = Sync(api, vault)
    assert sync.refresh() == 0
    with pytest.raises(Unauthorized, match="cosell microsoft login"):
        sync.list()
    sync.log_in()
    assert sync.refresh() == 1
    assert sync.list()["value"] == []


def test_workers_are_served_for_half_a_year_of_rotating_tokens(sync: Sync) -> None:
    seen = {sync.vault.refresh_token()}
    for _ in range(9):
        assert sync.refresh() == 1
        sync.list()
        seen.add(sync.vault.refresh_token())
        sync.clock.advance(hours=20 * 24)
    assert len(seen) == 10


def test_an_answer_lost_after_the_rotation_leaves_a_token_that_works(sync: Sync) -> None:
    sync.api.faults.add("Token", answer_lost=True)
    before = sync.vault.refresh_token()
    with pytest.raises(Retryable):
        sync.refresh()
    assert sync.vault.refresh_token() == before
    assert sync.refresh() == 1
    assert sync.list()["value"] == []


def test_a_login_during_the_refresh_wins_and_is_used(sync: Sync) -> None:
    sync.vault.ahead["update_secret_version_stage"] = sync.log_in
    sync.api.account.entra.mfa = False  # the login will be of somebody whose tokens can be told apart
    assert sync.refresh() == 1
    with pytest.raises(Unauthorized, match="900421"):
        sync.list()


@pytest.mark.parametrize("access_tokens_too", [True, False])
def test_a_revoked_consent_stops_until_a_person_signs_in_and_no_longer(sync: Sync, access_tokens_too: bool) -> None:
    sync.refresh()
    sync.api.account.kill_consent(access_tokens_too=access_tokens_too)
    sync.clock.advance(seconds=60 * MINUTES)
    for _ in range(2):
        with pytest.raises(Unauthorized, match=r"invalid_grant.*cosell microsoft login"):
            sync.refresh()
    with pytest.raises(Unauthorized, match=r"has expired.*cosell microsoft login"):
        sync.list()
    sync.log_in()
    assert sync.refresh() == 1
    assert sync.list()["value"] == []


def test_required_interaction_stops_until_a_person_signs_in(sync: Sync) -> None:
    sync.api.account.require_interaction()
    with pytest.raises(Unauthorized, match=r"interaction_required.*cosell microsoft login"):
        sync.refresh()
    sync.log_in()
    assert sync.refresh() == 1


def test_a_changed_client_secret_is_taken_from_the_next_call_on(sync: Sync) -> None:
    sync.api.account.entra.client_secret = "rotated"
    with pytest.raises(Unauthorized, match=r"invalid_client.*client secret or certificate"):
        sync.refresh()
    sync.vault.store.put_app({**REGISTRATION, "client_secret": "rotated"})
    assert sync.refresh() == 1


def test_a_tenant_that_does_not_exist_is_named(sync: Sync) -> None:
    sync.vault.store.put_app({**REGISTRATION, "tenant_id": "elsewhere.example"})
    with pytest.raises(Unauthorized, match="tenant_id"):
        sync.refresh()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 503}, Retryable),
        ({"status": 500, "code": "server_error"}, Retryable),
        ({"status": 400, "code": "temporarily_unavailable"}, Retryable),
        ({"status": 429, "headers": {"Retry-After": "7"}}, Throttled),
    ],
)
def test_a_passing_fault_is_over_when_it_is_over(sync: Sync, fault: dict[str, Any], kind: type[Exception]) -> None:
    sync.api.faults.add("Token", **fault)
    with pytest.raises(kind):
        sync.refresh()
    assert sync.refresh() == 1


def test_a_worker_whose_kept_token_was_renewed_meanwhile_goes_on(sync: Sync) -> None:
    sync.refresh()
    sync.list()
    sync.clock.advance(seconds=30 * MINUTES)
    sync.refresh()
    sync.clock.advance(seconds=31 * MINUTES)
    assert sync.list()["value"] == []


def made_certificate() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cosell-sync")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=365))
    certificate = builder.sign(key, hashes.SHA256())
    return {
        "private_key": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        "public_certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(":"),  # noqa: S303 - a thumbprint, no signature
    }


CERTIFICATES: list[Callable[[dict[str, str]], dict[str, str]]] = [
    lambda whole: whole,
    lambda whole: {name: whole[name] for name in ("private_key", "thumbprint")},
]


@pytest.mark.parametrize("members", CERTIFICATES, ids=["certificate", "thumbprint"])
def test_a_certificate_signs_in_and_another_s_does_not(
    sync: Sync, members: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    own, other = made_certificate(), made_certificate()
    sync.api.account.entra.certificate = own["public_certificate"]
    app = {"tenant_id": TENANT, "client_id": CLIENT}
    sync.vault.store.put_app({**app, "certificate": members(other)})
    with pytest.raises(Unauthorized, match="invalid_client"):
        sync.refresh()
    sync.vault.store.put_app({**app, "certificate": members(own)})
    assert sync.refresh() == 1
    assert sync.list()["value"] == []
