"""msal over our transport: where it may send to, what each refusal means, and that no message holds a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest

from lambdas.microsoft.adapters.sign_in import SignIn
from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized, Unexpected
from sandbox.fakes.clock import FakeClock

TENANT = "44444444-4444-4444-8444-444444444444"
APP = {"tenant_id": TENANT, "client_id": "client-1", "client_secret": "hush-secret"}
HOST = "https://login.microsoftonline.com"
END_POINTS = {
    "token_endpoint": f"{HOST}/{TENANT}/oauth2/v2.0/token",
    "authorization_endpoint": f"{HOST}/{TENANT}/oauth2/v2.0/authorize",
    "issuer": f"{HOST}/{TENANT}/v2.0",
}
TOKENS = {"access_token": "hush-at", "refresh_token": "hush-rt-2", "expires_in": 4500, "token_type": "Bearer"}


class Entra:
    """A transport: discovery, then what it was told to say. ``asked`` keeps every request."""

    def __init__(self, body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.answer = (status, headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode())
        self.discovery: Any = (200, {}, json.dumps(END_POINTS).encode())
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def __call__(self, method: str, url: str, _headers: Mapping[str, str], body: bytes | None) -> Any:
        self.asked.append((method, url, dict(parse_qsl((body or b"").decode()))))
        answer = self.discovery if method == "GET" else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sign_in(self, app: Mapping[str, Any] = APP, **more: Any) -> SignIn:
        return SignIn(app, http=self, clock=FakeClock(), **more)


def refused(entra: Entra, kind: type[CosellError], match: str) -> str:
    with pytest.raises(kind, match=match) as seen:
        entra.sign_in().refresh("hush-rt-1")
    assert type(seen.value) is kind
    assert "hush" not in str(seen.value)
    assert seen.value.__suppress_context__ or seen.value.__context__ is None
    return str(seen.value)


def test_a_refresh_token_is_redeemed_for_the_referrals_api() -> None:
    entra = Entra(TOKENS)
    tokens = entra.sign_in().refresh("hush-rt-1")
    assert (tokens.access_token, tokens.refresh_token) == ("hush-at", "hush-rt-2")
    assert tokens.expires_at == FakeClock().now_ms() // 1000 + 4500
    assert "hush" not in repr(tokens)
    assert [(method, url) for method, url, _ in entra.asked] == [
        ("GET", f"{HOST}/{TENANT}/v2.0/.well-known/openid-configuration"),
        ("POST", END_POINTS["token_endpoint"]),
    ]
    form = entra.asked[-1][2]
    assert (form["grant_type"], form["refresh_token"], form["client_secret"]) == (
        "refresh_token",
        "hush-rt-1",
        "hush-secret",
    )
    assert "https://api.partner.microsoft.com/.default" in form["scope"].split()
    assert "offline_access" in form["scope"].split()


def test_an_answer_without_a_new_refresh_token_keeps_the_old_one() -> None:
    entra = Entra({**TOKENS, "refresh_token": None})
    assert entra.sign_in().refresh("hush-rt-1").refresh_token == "hush-rt-1"


@pytest.mark.parametrize(
    ("error", "kind", "advice"),
    [
        ("invalid_grant", Unauthorized, "cosell microsoft login"),
        ("interaction_required", Unauthorized, "cosell microsoft login"),
        ("consent_required", Unauthorized, "cosell microsoft login"),
        ("invalid_client", Unauthorized, "client secret or certificate"),
        ("unauthorized_client", Unauthorized, "client_id"),
        ("temporarily_unavailable", Retryable, "temporarily_unavailable"),
        ("server_error", Retryable, "server_error"),
        ("invalid_scope", Unexpected, "invalid_scope"),
    ],
)
def test_each_refusal_has_its_class_and_says_what_to_do(error: str, kind: type[CosellError], advice: str) -> None:
    said = {"error": error, "error_description": "hush jane@example.com", "error_codes": [700082, "hush"]}
    text = refused(Entra(said, 400), kind, advice)
    assert f"({error}, AADSTS700082, HTTP 400)" in text


def test_a_made_up_error_name_is_not_repeated() -> None:
    assert "no reason" not in refused(Entra({"error": "Hush hush!"}, 400), Unexpected, "HTTP 400")


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("body", [{"error": "invalid_grant"}, b"<html>hush</html>", []])
def test_a_5xx_is_retried_whatever_its_body_says(status: int, body: Any) -> None:
    refused(Entra(body, status), Retryable, f"HTTP {status}")


def test_a_throttled_call_says_how_long_to_wait() -> None:
    with pytest.raises(Throttled) as seen:
        Entra({"error": "temporarily_unavailable"}, 429, {"Retry-After": "17"}).sign_in().refresh("hush-rt-1")
    assert seen.value.retry_after_seconds == 17


@pytest.mark.parametrize("body", [b"<html>hush</html>", [], {"token_type": "Bearer"}, {**TOKENS, "access_token": ""}])
def test_a_success_that_cannot_be_read_is_unexpected(body: Any) -> None:
    refused(Entra(body), Unexpected, "Microsoft's sign-in")


def test_a_refusal_is_asked_again_the_next_time() -> None:
    entra = Entra({"error": "invalid_grant"}, 400)
    sign_in = entra.sign_in()
    with pytest.raises(Unauthorized):
        sign_in.refresh("rt")
    entra.answer = (200, {}, json.dumps(TOKENS).encode())
    assert sign_in.refresh("rt").access_token == "hush-at"


def test_discovery_that_fails_is_no_dead_consent() -> None:
    entra = Entra(TOKENS)
    entra.discovery = (503, {}, b"")
    refused(entra, Retryable, "HTTP 503")
    entra.discovery = Retryable("No answer came.")
    refused(entra, Retryable, "No answer came")
    entra.discovery = (200, {}, b"{}")
    refused(entra, Unexpected, "could not be understood")


def test_an_unknown_tenant_is_named_as_such() -> None:
    entra = Entra(TOKENS)
    entra.discovery = (400, {}, b'{"error": "invalid_tenant"}')
    refused(entra, Unauthorized, "tenant_id")


def test_credentials_go_to_no_other_host_whatever_discovery_says() -> None:
    entra = Entra(TOKENS)
    elsewhere = {**END_POINTS, "token_endpoint": f"https://login.example.com/{TENANT}/oauth2/v2.0/token"}
    entra.discovery = (200, {}, json.dumps(elsewhere).encode())
    refused(entra, Unexpected, "another host")
    assert [method for method, _, _ in entra.asked] == ["GET"]


def test_another_address_must_be_secure_or_on_this_machine() -> None:
    with pytest.raises(Unexpected, match="COSELL_MICROSOFT_LOGIN_URL"):
        Entra().sign_in(login_url="http://login.example.com")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"tenant_id": ""}, "tenant_id"),
        ({"tenant_id": "a/../b"}, "tenant_id"),
        ({"client_id": None}, "client_id"),
        ({"client_secret": ""}, "neither certificate nor client_secret"),
        ({"certificate": "text"}, "JSON object"),
        ({"certificate": {"thumbprint": "AB"}}, "private_key"),
        ({"certificate": {"private_key": "hush", "thumbprint": "AB"}}, "PEM"),
    ],
)
def test_an_app_secret_that_cannot_work_says_what_it_lacks(change: dict[str, Any], named: str) -> None:
    with pytest.raises(Unauthorized, match=named) as seen:
        Entra().sign_in({**APP, **change})
    assert "hush" not in str(seen.value)


def test_the_browser_posts_its_answer_and_pkce_and_state_go_along() -> None:
    flow = Entra().sign_in().begin("http://localhost:4711/cosell")
    query = dict(parse_qsl(flow["auth_uri"].partition("?")[2]))
    assert flow["auth_uri"].startswith(END_POINTS["authorization_endpoint"])
    assert (query["response_mode"], query["code_challenge_method"], query["state"]) == (
        "form_post",
        "S256",
        flow["state"],
    )
    assert query["code_challenge"] != flow["code_verifier"]


def test_an_answer_of_another_sign_in_is_not_redeemed() -> None:
    entra = Entra(TOKENS)
    flow = entra.sign_in().begin("http://localhost:4711/cosell")
    with pytest.raises(Unauthorized, match="state"):
        entra.sign_in().finish(flow, {"code": "c", "state": "other"})
    assert [method for method, _, _ in entra.asked] == ["GET"]


def test_a_person_who_declines_is_told_how_to_go_on() -> None:
    entra = Entra(TOKENS)
    flow = entra.sign_in().begin("http://localhost:4711/cosell")
    said = {"error": "access_denied", "error_description": "AADSTS65004: hush, User declined", "state": flow["state"]}
    with pytest.raises(Unauthorized, match=r"access_denied, AADSTS65004\).*cosell microsoft login") as seen:
        entra.sign_in().finish(flow, said)
    assert "hush" not in str(seen.value)


def test_a_sign_in_without_a_refresh_token_is_no_consent() -> None:
    entra = Entra({**TOKENS, "refresh_token": None})
    flow = entra.sign_in().begin("http://localhost:4711/cosell")
    with pytest.raises(Unauthorized, match="offline_access"):
        entra.sign_in().finish(flow, {"code": "c", "state": flow["state"]})
