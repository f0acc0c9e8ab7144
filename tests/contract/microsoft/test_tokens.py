"""The token endpoint, and what a call needs of its token (fact sheet 10)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.contract.microsoft.sim_api import (
    CLIENT,
    PARTNER_CENTER,
    PATH,
    REFERRALS,
    REGISTRATION,
    TENANT,
    Api,
    refused,
)

Start = Callable[..., Api]
BACK = "http://localhost:4711/back"


def failed(answer: requests.Response, status: int, error: str) -> None:
    document = answer.json()
    assert (answer.status_code, document["error"]) == (status, error), document
    assert document["error_description"].endswith("[fact sheet 10]")


def encoded(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def test_a_refresh_token_rotates_and_the_old_one_stays_valid(api: Api) -> None:
    first = api.token().json()
    assert first["refresh_token"] != api.refresh_token
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 3600)
    assert api.token().status_code == 200
    assert api.token(refresh_token=first["refresh_token"]).status_code == 200


def test_an_access_token_lives_an_hour(api: Api) -> None:
    api.clock.advance(seconds=3599)
    assert api.list().status_code == 200
    api.clock.advance(seconds=1)
    refused(api.list(), 401, "10", "unauthenticated")
    api.bearer = api.access_token()
    assert api.list().status_code == 200


def test_a_refresh_token_lives_90_days_unless_it_is_redeemed(api: Api) -> None:
    api.clock.advance(hours=89 * 24)
    younger = api.token().json()["refresh_token"]
    api.clock.advance(hours=24)
    failed(api.token(), 400, "invalid_grant")
    assert api.token(refresh_token=younger).status_code == 200


def test_one_refresh_token_serves_both_audiences_and_each_token_only_its_own(api: Api) -> None:
    other = api.access_token(PARTNER_CENTER)
    refused(api.call("GET", REGISTRATION), 401, "1")
    refused(api.call("GET", PATH, bearer=other), 401, "1")
    refused(api.call("GET", REGISTRATION, bearer=other), 404, "9")
    assert api.token(scope=f"{PARTNER_CENTER}/user_impersonation").status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer made-up", "Basic abc", "Bearer"])
def test_a_call_without_a_living_token_is_a_401(api: Api, header: str | None) -> None:
    refused(api.call("GET", PATH, Authorization=header), 401, "7", "unauthenticated")


def test_a_401_is_named_as_in_the_sample_under_the_other_reading(start: Start) -> None:
    api = start(unauthenticated_code="unAuthorized")
    refused(api.call("GET", PATH, Authorization=None), 401, "7", "unAuthorized")


def test_dead_consent_is_invalid_grant_until_the_person_consents_again(api: Api) -> None:
    api.account.kill_consent()
    failed(api.token(), 400, "invalid_grant")
    assert api.list().status_code == 200  # the access token lives out its hour
    api.refresh_token = api.account.consent()
    assert api.token().status_code == 200


def test_consent_may_die_with_its_access_tokens(api: Api) -> None:
    api.account.kill_consent(access_tokens_too=True)
    refused(api.list(), 401, "7")


def test_interaction_required_lasts_until_the_person_signs_in(api: Api) -> None:
    api.account.require_interaction()
    failed(api.token(), 400, "interaction_required")
    api.refresh_token = api.account.consent()
    assert api.token().status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"refresh_token": "made-up"}, 400, "invalid_grant"),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_scope"),
        ({"scope": "openid"}, 400, "invalid_scope"),
        ({"scope": f"{REFERRALS}/.default {PARTNER_CENTER}/.default"}, 400, "invalid_scope"),
        ({"tenant": "other-tenant"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "made-up"}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_token_request_is_refused(api: Api, form: dict[str, str], status: int, error: str) -> None:
    failed(api.token(**form), status, error)


def test_a_certificate_client_shows_an_assertion_of_its_own(api: Api) -> None:
    now = api.clock.now_ms() // 1000

    def ask(claims: dict[str, Any]) -> requests.Response:
        assertion = f"{encoded({'alg': 'RS256'})}.{encoded(claims)}.c2ln"
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return api.token(client_secret=None, client_assertion_type=kind, client_assertion=assertion)

    assert ask({"iss": CLIENT, "sub": CLIENT, "exp": now + 60}).status_code == 200
    failed(ask({"iss": CLIENT, "sub": CLIENT, "exp": now}), 401, "invalid_client")
    failed(ask({"iss": "other", "sub": "other", "exp": now + 60}), 401, "invalid_client")


def authorize(api: Api, **query: str) -> requests.Response:
    base = {"client_id": CLIENT, "response_type": "code", "redirect_uri": BACK, "state": "s1"}
    place = f"{api.server.url}/{TENANT}/oauth2/v2.0/authorize"
    return api.http.get(place, params=base | query, allow_redirects=False)


def test_the_authorization_code_flow_gives_a_refresh_token_once(api: Api) -> None:
    api.account.require_interaction()
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    sent = authorize(api, code_challenge=challenge, code_challenge_method="S256", nonce="n1")
    back = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert sent.headers["Location"].startswith(f"{BACK}?")
    assert back["state"] == ["s1"]
    form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": BACK, "client_info": "1"}
    answer = api.token(**form, code_verifier=verifier)
    document = answer.json()
    claims = json.loads(base64.urlsafe_b64decode(document["id_token"].split(".")[1] + "=="))
    assert (claims["aud"], claims["nonce"]) == (CLIENT, "n1")
    assert document["client_info"]
    assert api.token(refresh_token=document["refresh_token"]).status_code == 200
    failed(api.token(**form, code_verifier=verifier), 400, "invalid_grant")


def test_a_code_is_bound_to_its_redirect_and_its_challenge(api: Api) -> None:
    def code(**query: str) -> str:
        return parse_qs(urlsplit(authorize(api, **query).headers["Location"]).query)["code"][0]

    form = {"grant_type": "authorization_code"}
    failed(api.token(**form, code=code(), redirect_uri="http://localhost:1/x"), 400, "invalid_grant")
    bound = code(code_challenge="abc", code_challenge_method="S256")
    failed(api.token(**form, code=bound, redirect_uri=BACK, code_verifier="v"), 400, "invalid_grant")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"client_id": "other"}, "unauthorized_client"),
        ({"response_type": "token"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_wrong_authorize_request_is_refused(api: Api, query: dict[str, str], error: str) -> None:
    failed(authorize(api, **query), 400, error)


def test_a_sign_in_without_a_second_factor_makes_tokens_that_are_refused(api: Api) -> None:
    api.account.entra.mfa = False
    api.refresh_token = api.account.consent()
    api.bearer = api.access_token()
    refused(api.list(), 401, "10", "900421")


def test_a_user_without_a_referrals_role_is_a_403(start: Start) -> None:
    refused(start({"role": None}).list(), 403, "10", "accessDenied")
    assert start({"role": "Referrals User"}).list().status_code == 200


def test_discovery_names_the_end_points(api: Api) -> None:
    place = f"{api.server.url}/{TENANT}/v2.0/.well-known/openid-configuration"
    secure = api.server.url.replace("http:", "https:")  # as Entra has it, and as msal wants it
    assert api.http.get(place).json()["token_endpoint"] == f"{secure}/{TENANT}/oauth2/v2.0/token"
    failed(api.http.get(place.replace(TENANT, "other-tenant")), 400, "invalid_request")
