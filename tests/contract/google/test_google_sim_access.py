"""Tokens, scopes, quota, faults and the control."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from werkzeug.test import Client
from werkzeug.wrappers import Response

from sandbox.google import make_app
from sandbox.google.exchanges import ACCESS_TOKEN, AWS_REQUEST, GRANT, JWT_GRANT, TOKEN_URI
from sandbox.google.tokens import CHANNEL, CLOUD_PLATFORM, CRM, ServiceAccount
from tests.contract.google.sim_api import DENIED, INVALID, LEADS, MISSING, UNAUTHENTICATED, Api, Reply, refusal

EMAIL = "cosell-sync@sandbox.iam.gserviceaccount.com"
IMPERSONATE = f"/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken"


def aws_request(audience: str, **changes: Any) -> str:
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host;x-amz-date, Signature=x",
        "x-amz-date": "20260501T120000Z",
        "x-goog-cloud-target-resource": audience,
        **changes.pop("headers", {}),
    }
    request = {
        "url": "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
        "method": "POST",
        "headers": [{"key": name, "value": value} for name, value in headers.items()],
        **changes,
    }
    return quote(json.dumps(request))


def federate(api: Api, **changes: str) -> Reply:
    audience = api.account.settings.audience
    members = {
        "grant_type": GRANT,
        "audience": audience,
        "scope": CLOUD_PLATFORM,
        "requested_token_type": ACCESS_TOKEN,
        "subject_token_type": AWS_REQUEST,
        "subject_token": aws_request(audience),
    }
    return api.form("/v1/token", **{**members, **changes})


def signed(api: Api, key: dict[str, str], **changes: Any) -> str:
    now = api.clock.now_ms() // 1000
    claims = {"iss": EMAIL, "scope": CHANNEL, "aud": TOKEN_URI, "iat": now, "exp": now + 3600, **changes}
    header = {"alg": "RS256", "typ": "JWT", "kid": key["private_key_id"]}
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    private = serialization.load_pem_private_key(key["private_key"].encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    signature = private.sign(b".".join(parts), padding.PKCS1v15(), hashes.SHA256())
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_the_keyless_way_leads_to_the_api(api: Api) -> None:
    status, federated = federate(api)
    assert status == 200
    api.token = federated["access_token"]
    assert refusal(api.query()) == DENIED
    status, answer = api.post(IMPERSONATE, {"scope": [CHANNEL], "lifetime": "600s", "delegates": []})
    assert status == 200
    api.token = answer["accessToken"]
    assert api.query()[0] == 200
    assert refusal(api.post(LEADS, {})) == DENIED
    api.clock.advance(seconds=600)
    assert refusal(api.query()) == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "invalid_request"),
        ({"subject_token_type": "jwt"}, "invalid_request"),
        ({"audience": "//iam.googleapis.com/other"}, "invalid_target"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"subject_token": "text"}, "invalid_request"),
        ({"subject_token": aws_request("//other")}, "invalid_grant"),
    ],
)
def test_a_wrong_exchange_is_refused(api: Api, changes: dict[str, str], error: str) -> None:
    status, answer = federate(api, **changes)
    assert (status, answer["error"]) == (400, error)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://sts.example.com?Action=GetCallerIdentity"},
        {"method": "GET"},
        {"headers": {"Authorization": "Basic x"}},
        {"headers": {"Authorization": 5}},
        {"headers": {"Authorization": "AWS4-HMAC-SHA256 SignedHeaders=accept, Signature=x"}},
    ],
)
def test_the_subject_token_is_a_signed_request_to_aws(api: Api, changes: dict[str, Any]) -> None:
    token = aws_request(api.account.settings.audience, **changes)
    assert federate(api, subject_token=token)[1]["error"] == "invalid_grant"


def test_impersonation_is_checked(api: Api) -> None:
    assert refusal(api.post(IMPERSONATE, {"scope": [CHANNEL]})) == DENIED  # neither cloud-platform nor iam
    api.token = federate(api)[1]["access_token"]
    for body in (
        {},
        {"scope": ["x"]},
        {"scope": [{}]},
        {"scope": [CHANNEL], "lifetime": "3601s"},
        {"scope": [CHANNEL], "x": 1},
    ):
        assert refusal(api.post(IMPERSONATE, body)) == INVALID
    other = IMPERSONATE.replace("cosell-sync", "nobody")
    assert refusal(api.post(other, {"scope": [CHANNEL]})) == MISSING
    api.account.service_accounts[EMAIL].federated = False
    assert refusal(api.post(IMPERSONATE, {"scope": [CHANNEL]})) == DENIED


def test_a_key_gets_a_token(api: Api) -> None:
    key = api.account.make_key()
    status, answer = api.form("/token", grant_type=JWT_GRANT, assertion=signed(api, key))
    assert (status, answer["expires_in"]) == (200, 3600)
    api.token = answer["access_token"]
    assert api.query()[0] == 200
    own = signed(api, key, aud=f"{api.served.url}/token")
    assert api.form("/token", grant_type=JWT_GRANT, assertion=own)[0] == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "other@example.com"}, "invalid_grant"),
        ({"aud": "https://example.com"}, "invalid_grant"),
        ({"exp": 1}, "invalid_grant"),
        ({"exp": "soon"}, "invalid_grant"),
        ({"scope": ""}, "invalid_scope"),
        ({"sub": "admin@example.com"}, "unauthorized_client"),
    ],
)
def test_a_wrong_assertion_is_refused(api: Api, changes: dict[str, Any], error: str) -> None:
    assertion = signed(api, api.account.make_key(), **changes)
    assert api.form("/token", grant_type=JWT_GRANT, assertion=assertion)[1]["error"] == error


def test_a_key_that_is_not_the_accounts_is_refused(api: Api) -> None:
    key = api.account.make_key()
    api.account.service_accounts[EMAIL].keys.clear()
    assert api.form("/token", grant_type=JWT_GRANT, assertion=signed(api, key))[1]["error"] == "invalid_grant"
    assert api.form("/token", grant_type=JWT_GRANT, assertion="x")[1]["error"] == "invalid_grant"
    assert api.form("/token", grant_type="password")[1]["error"] == "unsupported_grant_type"


def test_each_api_has_its_own_scope(both: Api) -> None:
    both.token = both.account.token(CLOUD_PLATFORM)
    assert refusal(both.query()) == refusal(both.post(LEADS, {})) == DENIED
    both.token = both.account.token(CRM)
    assert refusal(both.query()) == DENIED


def test_a_revoked_missing_or_unknown_token_is_401(both: Api) -> None:
    assert both.account.revoke("nobody") == 0
    assert both.account.revoke() == 1
    assert refusal(both.query()) == UNAUTHENTICATED
    both.token = None
    assert refusal(both.query()) == UNAUTHENTICATED


def test_the_partner_must_be_let_in_and_hold_the_role(api: Api) -> None:
    api.account.service_accounts["new@example.com"] = ServiceAccount("new@example.com", integrator=False)
    api.token = api.account.token(email="new@example.com")
    assert refusal(api.query()) == DENIED
    api.token = api.account.token()
    api.account.change(settings={"allow_listed": False})
    assert refusal(api.query()) == DENIED


def test_over_quota_is_a_403_until_the_next_minute(api: Api) -> None:
    api.account.change(settings={"channel_per_minute": 3})
    assert refusal(api.query(pageSize="-1")) == INVALID
    assert [api.query()[0], api.read("opportunities/x")[0]] == [200, 404]
    reply = api.query()
    assert refusal(reply) == DENIED
    assert reply[1]["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    api.switch(quota_reason_in="details")
    assert api.query()[1]["error"]["details"][0]["reason"] == "rateLimitExceeded"
    api.clock.advance(seconds=60)
    assert api.query()[0] == 200


def test_the_quota_counts_over_all_methods_or_each(api: Api) -> None:
    api.account.change(settings={"channel_per_minute": 1})
    assert [api.query()[0], api.read("opportunities/x")[0]] == [200, 403]
    api.clock.advance(seconds=60)
    api.switch(quota_counts="method")
    assert [api.query()[0], api.read("opportunities/x")[0], api.query()[0]] == [200, 404, 403]


def test_faults_are_worded_as_the_vendor_does(api: Api) -> None:
    api.served.faults.add("opportunities.query", status=503)
    api.served.faults.add("opportunities.query", status=403, code="rateLimitExceeded")
    api.served.faults.add("sts.token", status=400, code="invalid_grant")
    assert refusal(api.query()) == (503, "UNAVAILABLE")
    assert api.query()[1]["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert federate(api)[1]["error"] == "invalid_grant"


def test_a_lost_answer_leaves_the_opportunity_behind(api: Api) -> None:
    api.served.faults.add("opportunities.create", answer_lost=True)
    with pytest.raises(AssertionError):
        api.create()
    assert len(api.query()[1]["opportunities"]) == 1


def test_a_person_drives_it_over_http(api: Api) -> None:
    name = api.create(state="SUBMITTED")["name"]
    assert api.post("/_sandbox/review", {"name": name, "accept": True})[0] == 204
    assert api.post("/_sandbox/edit", {"name": name, "edits": {"stage": "CLOSED"}})[0] == 204
    assert api.get("/_sandbox/records")[1]["opportunities"][name]["document"]["stage"] == "CLOSED"
    assert api.post("/_sandbox/review", {"name": name, "accept": True})[0] == 400
    assert api.post("/_sandbox/detach", {"name": "opportunities/none"})[0] == 404
    assert api.post("/_sandbox/opportunities", {"shoeSize": 1})[0] == 400
    assert api.get("/_sandbox/calls")[1]["calls"] == {"opportunities.create": 1}
    assert api.call("PATCH", "/_sandbox/settings", {"switches": {"speed": 1}})[0] == 400
    assert api.call("PATCH", "/_sandbox/settings", {"settings": {"limited_view": True}})[0] == 200
    assert api.post("/_sandbox/revoke", {})[1] == {"revoked": 1}
    assert api.get("/_sandbox/nothing")[0] == 404


def test_a_body_is_json(api: Api) -> None:
    assert refusal(api.send("POST", LEADS, b"{", "application/json", {})) == INVALID
    assert refusal(api.send("POST", LEADS, b"{}", "text/plain", {})) == INVALID
    assert refusal(api.post(LEADS, [])) == INVALID


def test_a_slow_vendor_is_a_setting(api: Api) -> None:
    slept: list[float] = []
    api.account.change(settings={"latency_ms": 250})
    answer = Client(make_app(api.account, sleep=slept.append), Response).get("/v1alpha1/opportunities:query")
    assert (answer.status_code, slept) == (401, [0.25])
