"""Webhook registration, signed notices, retries, trouble (fact sheet 9)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import NameOID
from werkzeug.wrappers import Request, Response

from sandbox.microsoft.signing import Signer
from sandbox.microsoft.switches import EventTrouble
from sandbox.microsoft.webhooks import http_deliver
from sandbox.serving import ServingThread
from tests.contract.microsoft.sim_api import PARTNER_CENTER, REGISTRATION, Api, operation, refused

Start = Callable[..., Api]
HOOK: dict[str, Any] = {
    "WebhookUrl": "https://hooks.partner.example/microsoft",
    "WebhookEvents": ["test-created", "referral-created", "referral-updated"],
    "SignatureTokenToMsSignatureHeader": True,
}


def call(api: Api, method: str, path: str = "", body: Any = None) -> Any:
    return api.call(method, REGISTRATION + path, body, bearer=api.access_token(PARTNER_CENTER))


def register(api: Api, **edits: Any) -> None:
    answer = call(api, "POST", body=HOOK | edits)
    assert answer.status_code == 200, answer.text


def settle(api: Api, notices: int) -> list[dict[str, Any]]:
    """Wait until so many notices went out and none is under way."""
    for _ in range(500):
        if len(api.notices) >= notices and api.account.webhooks._in_flight == 0:
            break
        time.sleep(0.01)
    assert len(api.notices) == notices
    return [json.loads(body) for _, _, body in api.notices]


def verify(signer_pem: bytes, root_pem: bytes, signature: str, body: bytes) -> None:
    leaf, root = (x509.load_pem_x509_certificate(pem) for pem in (signer_pem, root_pem))
    leaf.verify_directly_issued_by(root)
    key: Any = leaf.public_key()
    key.verify(base64.b64decode(signature), body, padding.PKCS1v15(), hashes.SHA256())


def test_a_registration_is_read_back_and_lists_its_events(api: Api) -> None:
    refused(call(api, "GET"), 404, "9")
    refused(call(api, "PUT", body=HOOK), 404, "9")
    register(api)
    assert call(api, "GET").json() == HOOK
    assert call(api, "GET", "/events").json() == HOOK["WebhookEvents"]


def test_there_is_one_registration_per_tenant(start: Start) -> None:
    api = start()
    register(api)
    refused(call(api, "POST", body=HOOK), 409, "9")
    lenient = start(second_registration_refused=False)
    register(lenient)
    register(lenient, WebhookEvents=["referral-created"])
    assert call(lenient, "GET").json()["WebhookEvents"] == ["referral-created"]


@pytest.mark.parametrize(
    ("merges", "events"), [(False, ["referral-updated"]), (True, ["referral-created", "referral-updated"])]
)
def test_put_replaces_or_merges_the_events(start: Start, merges: bool, events: list[str]) -> None:
    api = start(put_registration_merges=merges)
    register(api, WebhookEvents=["referral-created"])
    assert call(api, "PUT", body=HOOK | {"WebhookEvents": ["referral-updated"]}).json()["WebhookEvents"] == events


@pytest.mark.parametrize(
    "edits",
    [
        {"WebhookUrl": "http://hooks.partner.example/x"},
        {"WebhookUrl": None},
        {"WebhookEvents": []},
        {"WebhookEvents": ["referral-deleted"]},
        {"WebhookEvents": "referral-created"},
        {"SignatureTokenToMsSignatureHeader": "yes"},
        {"Other": 1},
    ],
)
def test_a_wrong_registration_is_refused(api: Api, edits: dict[str, Any]) -> None:
    refused(call(api, "POST", body=HOOK | edits), 400, "9", "invalidRequest")
    refused(call(api, "GET"), 404, "9")


def test_creation_and_change_are_told_without_any_field(api: Api) -> None:
    register(api)
    referral = api.create()
    settle(api, 1)
    api.patch(referral["id"], operation("/details/notes", "x"))
    created, updated = settle(api, 2)
    assert set(created) == {"EventName", "ResourceUri", "ResourceName", "AuditUri", "ResourceChangeUtcDate"}
    assert (created["EventName"], updated["EventName"]) == ("referral-created", "referral-updated")
    assert created["ResourceUri"] == (
        f"https://api.partnercenter.microsoft.com/engagements/v1/referrals/{referral['id']}"
    )
    assert api.notices[0][0] == HOOK["WebhookUrl"]


def test_microsoft_s_changes_and_expiry_are_told_too(api: Api) -> None:
    register(api)
    one = api.account.new_incoming_referral()
    settle(api, 1)
    api.account.edit_as_microsoft(one["id"], name="x")
    settle(api, 2)
    api.clock.advance(hours=14 * 24)
    assert [notice["EventName"] for notice in settle(api, 3)][1:] == ["referral-updated"] * 2


def test_only_events_that_were_asked_for_are_told(api: Api) -> None:
    api.create()
    register(api, WebhookEvents=["referral-updated"])
    referral = api.create()
    api.patch(referral["id"], operation("/details/notes", "x"))
    assert [notice["EventName"] for notice in settle(api, 1)] == ["referral-updated"]


@pytest.mark.parametrize("own_header", [True, False])
def test_a_notice_is_signed_over_its_raw_body(api: Api, own_header: bool) -> None:
    register(api, SignatureTokenToMsSignatureHeader=own_header)
    api.create()
    settle(api, 1)
    _, headers, body = api.notices[0]
    page = api.control("GET", "webhooks").json()
    signature = headers["x-ms-signature"] if own_header else headers["Authorization"].removeprefix("Signature ")
    assert ("x-ms-signature" in headers, "Authorization" in headers) == (own_header, not own_header)
    assert headers["x-ms-signature-algorithm"] == "rsa-sha256"
    assert headers["x-ms-certificate-url"] == page["certificate_url"]
    leaf, root = page["certificate_pem"].encode(), page["root_pem"].encode()
    verify(leaf, root, signature, body)
    with pytest.raises(InvalidSignature):
        verify(leaf, root, signature, body + b" ")
    issuer = x509.load_pem_x509_certificate(leaf).issuer
    assert issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "Microsoft Corporation"


def test_a_forger_s_chain_does_not_end_at_our_root(api: Api) -> None:
    forger, body = Signer("Microsoft Corporation"), b"{}"
    root = api.control("GET", "webhooks").json()["root_pem"].encode()
    with pytest.raises((ValueError, InvalidSignature)):
        verify(forger.leaf_pem, root, forger.sign(body), body)


def test_ten_failed_attempts_lose_the_notice(api: Api) -> None:
    register(api)
    api.receiver_status = 500
    api.create()
    for attempt in range(1, 11):
        settle(api, attempt)
        api.clock.advance(seconds=2)
    settle(api, 10)
    page = api.control("GET", "webhooks").json()
    assert (page["pending"], page["delivered"], page["dropped"]) == (0, 0, 1)


def test_a_receiver_that_recovers_gets_the_notice(api: Api) -> None:
    register(api)
    api.receiver_status = 503
    api.create()
    settle(api, 1)
    api.receiver_status = 202
    api.clock.advance(seconds=2)
    settle(api, 2)
    assert api.account.webhooks.delivered == 1


def test_notices_come_twice_late_or_never_on_order(start: Start) -> None:
    twice = start({"trouble": EventTrouble(copies=2)})
    register(twice)
    twice.create()
    assert len(settle(twice, 2)) == 2
    late = start({"trouble": EventTrouble(delay_min_ms=5_000, delay_max_ms=5_000)})
    register(late)
    late.create()
    late.account.tick()
    assert (late.notices, late.account.webhooks.pending()) == ([], 1)
    late.clock.advance(seconds=5)
    settle(late, 1)
    never = start({"trouble": EventTrouble(drop=1.0)})
    register(never)
    never.create()
    assert (never.account.webhooks.dropped, never.account.webhooks.pending()) == (1, 0)


def test_a_validation_event_is_delivered_and_reported_twice_a_minute_at_most(api: Api) -> None:
    refused(call(api, "POST", "/validationEvents"), 404, "9")
    register(api)
    correlation = call(api, "POST", "/validationEvents").json()["correlationId"]
    assert settle(api, 1)[0]["EventName"] == "test-created"
    result = call(api, "GET", f"/validationEvents/{correlation}").json()
    assert (result["status"], result["results"]) == ("completed", [{"responseCode": "200"}])
    assert call(api, "POST", "/validationEvents").status_code == 200
    assert call(api, "POST", "/validationEvents").headers["Retry-After"] == "60"
    api.clock.advance(seconds=60)
    assert call(api, "POST", "/validationEvents").status_code == 200
    refused(call(api, "GET", "/validationEvents/none"), 404, "9")


def test_notices_travel_over_http(start: Start) -> None:
    got: list[tuple[Mapping[str, str], bytes]] = []

    def receiver(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        got.append((dict(request.headers), request.get_data()))
        return Response(status=204)(environ, start_response)

    serving = ServingThread(receiver, "receiver")
    try:
        api = start({"deliver": http_deliver()})
        register(api, WebhookUrl=f"{serving.url}/hook")
        api.create()
        for _ in range(500):
            if api.account.webhooks.delivered:
                break
            time.sleep(0.01)
        (headers, body) = got[0]
        page = api.control("GET", "webhooks").json()
        verify(page["certificate_pem"].encode(), page["root_pem"].encode(), headers["X-Ms-Signature"], body)
    finally:
        serving.stop()
