"""Microsoft's door: what is let in, what is refused and how, and that nothing but an id gets past it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.microsoft.adapters.notice_certificates import NoticeCertificates, public_roots
from lambdas.microsoft.domain.notice_signature import CERTIFICATE_URL_PREFIX, NoticeRefused
from lambdas.microsoft.domain.notification import MAX_BYTES
from lambdas.microsoft.handlers.receive_notification import Collaborators, _collaborators, receive_notification
from lambdas.shared import wiring
from lambdas.shared.errors import Retryable
from lambdas.shared.runtime import metrics
from sandbox.fakes import FakeClock, FakeQueue
from tests.unit.microsoft.microsoft_support import REFERRAL
from tests.unit.microsoft.notices import (
    URL,
    certificates,
    headers,
    issue,
    issuing,
    leaf,
    notice,
    pem_of,
    root,
    rsa_key,
)

WHOLE = pem_of([leaf(), issuing()])


class Files:
    def __init__(self, content: bytes | Exception = WHOLE) -> None:
        self.content = content
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


class Quarantine:
    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []

    def put(self, reason: str, body: str) -> None:
        self.kept.append((reason, body))


class Broken:
    def send(self, *_: Any, **__: Any) -> None:
        raise Retryable("the queue is away")

    put = send


def door(files: Files | None = None, **changes: Any) -> Collaborators:
    clock = FakeClock()
    given: dict[str, Any] = {
        "certificates": NoticeCertificates(certificates(root()), files or Files(), clock),
        "notices": FakeQueue(),
        "quarantine": Quarantine(),
        "clock": clock,
    }
    return Collaborators(**{**given, **changes})


def request(body: bytes, said: dict[str, str] | None = None, /, **more: Any) -> dict[str, Any]:
    return {
        "path": "/notices/microsoft",
        "httpMethod": "POST",
        "headers": headers(body) if said is None else said,
        "body": body.decode(),
        "requestContext": {"requestId": "r-1"},
        **more,
    }


def status(event: dict[str, Any], c: Collaborators) -> int:
    return receive_notification(event, c)["statusCode"]


@pytest.mark.parametrize("event", ["referral-created", "referral-updated"])
def test_a_proven_notice_becomes_one_record_to_read(event: str) -> None:
    c = door()
    assert status(request(notice(EventName=event)), c) == 200
    assert c.notices.messages == [
        {"source": "partner", "partner": "microsoft", "correlation_id": "r-1", "opportunities": [REFERRAL]}
    ]


def test_the_body_may_come_in_base64_and_the_signature_in_authorization() -> None:
    c, body = door(), notice()
    said = headers(body)
    said["Authorization"] = f"Signature {said.pop('x-ms-signature')}"
    assert status(request(body, said, body=base64.b64encode(body).decode(), isBase64Encoded=True), c) == 200
    assert len(c.notices.messages) == 1


def test_a_replayed_notice_asks_for_the_same_read_and_nothing_else() -> None:
    files = Files()
    c = door(files)
    first, again = (receive_notification(request(notice()), c) for _ in range(2))
    assert first == again
    assert c.notices.messages[0] == c.notices.messages[1]
    assert files.asked == [URL]


def test_a_test_event_is_answered_and_not_stored() -> None:
    c = door()
    body = notice(EventName="test-created", ResourceName="test", ResourceUri="http://localhost:16722/v1/webhooks/test")
    assert status(request(body), c) == 200
    assert (c.notices.messages, c.quarantine.kept) == ([], [])


@pytest.mark.parametrize(
    "edits",
    [
        {"EventName": "subscription-updated", "ResourceName": "subscription"},
        {"ResourceName": "invoice"},
        {"ResourceUri": "https://attacker.example/engagements/v1/referrals/" + REFERRAL},
        {"ResourceUri": None},
    ],
)
def test_microsoft_s_own_that_we_cannot_read_is_quarantined_not_sent_back(edits: dict[str, Any]) -> None:
    c, body = door(), notice(**edits)
    assert status(request(body), c) == 200
    assert c.notices.messages == []
    ((reason, kept),) = c.quarantine.kept
    assert reason.startswith("notice of Microsoft: ")
    assert kept == body.decode()


def test_an_altered_body_is_refused() -> None:
    c, body = door(), notice()
    assert status(request(body, body=body.decode().replace("updated", "created")), c) == 401
    assert c.notices.messages == []


def test_another_key_is_refused_even_below_the_same_authority() -> None:
    c, body = door(), notice()
    other = issue("another signer", issuing())
    assert status(request(body, headers(body, other)), c) == 401
    assert c.notices.messages == []


def test_a_forged_certificate_is_refused_although_it_signed_the_body() -> None:
    forged = issue("pcnotifications.microsoft.com", issue("Example Issuing CA", authority=True, key=rsa_key("forged")))
    c, body = door(Files(forged.pem)), notice()
    assert status(request(body, headers(body, forged)), c) == 401


def test_another_host_is_refused_without_being_asked() -> None:
    files, body = Files(), notice()
    c = door(files)
    for url in ("https://attacker.example/cert/a.cer", "http://169.254.169.254/cert/a.cer", URL + "?x"):
        assert status(request(body, headers(body, **{"X-MS-Certificate-Url": url})), c) == 401
    assert files.asked == []


@pytest.mark.parametrize("said", [{}, {"x-ms-signature": "x"}, {"x-ms-certificate-url": URL}])
def test_missing_headers_are_refused(said: dict[str, str]) -> None:
    assert status(request(notice(), said), door()) == 401
    assert status(request(notice(), headers={}) | {"headers": None}, door()) == 401


def test_a_refusal_says_nothing_about_its_reason_and_is_counted() -> None:
    metrics.clear_metrics()
    answer = receive_notification(request(notice(), {}), door())
    assert json.loads(answer["body"]) == {"message": "the signature could not be verified"}
    assert "NoticeRefused" in metrics.metric_set
    metrics.clear_metrics()


def test_a_renewed_certificate_costs_one_more_fetch_and_bad_signatures_do_not_repeat_it() -> None:
    files = Files()
    c = door(files)
    assert status(request(notice()), c) == 200
    renewed = issue("renewed signer", issuing())
    files.content = pem_of([renewed, issuing()])
    assert status(request(notice(), headers(notice(), renewed)), c) == 200
    for _ in range(5):
        assert status(request(notice(), headers(notice(), leaf())), c) == 401
    assert files.asked == [URL] * 2


@pytest.mark.parametrize("path", ["", "/", "/webhook/hubspot", "/notices", "/notices/microsoft/x"])
def test_other_paths_are_not_found(path: str) -> None:
    assert status(request(notice(), path=path), door()) == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(method: str) -> None:
    answer = receive_notification(request(notice(), httpMethod=method), door())
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "POST")


def test_a_body_over_the_limit_is_refused_before_anything_is_verified() -> None:
    files = Files()
    c = door(files)
    for size in (MAX_BYTES + 1, 10 * MAX_BYTES):
        body = b"x" * size
        assert status(request(body, {}), c) == 413
        assert status(request(body, {}, body=base64.b64encode(body).decode(), isBase64Encoded=True), c) == 413
    assert files.asked == []
    assert status(request(b"x" * MAX_BYTES, {}), c) == 401


@pytest.mark.parametrize("edits", [{"body": None}, {"body": "a", "isBase64Encoded": True}, {"body": "\ud800"}])
def test_a_body_that_is_none_is_refused(edits: dict[str, Any]) -> None:
    assert status(request(notice()) | edits, door()) == 401


def test_what_cannot_be_stored_is_asked_for_again() -> None:
    assert status(request(notice()), door(notices=Broken())) == 503
    assert status(request(notice(ResourceName="invoice")), door(quarantine=Broken())) == 503


def test_a_certificate_out_of_reach_is_asked_for_again_and_a_missing_one_is_not() -> None:
    assert status(request(notice()), door(Files(Retryable("away")))) == 503
    assert status(request(notice()), door(Files(NoticeRefused("there is no such certificate")))) == 401


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name, value in {
        "COSELL_NOTICES_QUEUE_URL": "https://sqs.example/1/notices",
        "COSELL_LEDGER_TABLE": "ledger",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }.items():
        monkeypatch.setenv(name, value)
    wiring.client.cache_clear()
    yield monkeypatch
    wiring.client.cache_clear()


def test_deployed_it_trusts_microsoft_s_address_and_public_roots_only(environment: pytest.MonkeyPatch) -> None:
    c = _collaborators()
    assert c.prefix == CERTIFICATE_URL_PREFIX
    assert c.certificates._roots == public_roots()  # type: ignore[attr-defined]


def test_the_local_cloud_names_its_own_address_and_one_more_root(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("COSELL_MICROSOFT_CERTIFICATE_URL_PREFIX", "http://127.0.0.1:4000/cert/")
    environment.setenv("COSELL_MICROSOFT_CERTIFICATE_ROOTS", root().pem.decode())
    c = _collaborators()
    assert c.prefix == "http://127.0.0.1:4000/cert/"
    assert c.certificates._roots == (*public_roots(), root().certificate)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COSELL_MICROSOFT_CERTIFICATE_URL_PREFIX", "http://hooks.example/cert/"),
        ("COSELL_MICROSOFT_CERTIFICATE_ROOTS", "no certificate"),
    ],
)
def test_a_wrong_setting_lets_nothing_in(environment: pytest.MonkeyPatch, variable: str, value: str) -> None:
    environment.setenv(variable, value)
    with pytest.raises((ValueError, NoticeRefused)):
        _collaborators()
