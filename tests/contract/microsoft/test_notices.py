"""Partner Center's notices against our door: real signatures over real HTTP, and everything that is not one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from lambdas.microsoft.adapters.notice_certificates import NoticeCertificates, limited_fetch
from lambdas.microsoft.domain.notice_signature import CERTIFICATE_URL_PREFIX, NoticeRefused, checked_prefix
from lambdas.microsoft.handlers.receive_notification import PATH, Collaborators, receive_notification
from lambdas.shared.clock import AtMostEvery
from lambdas.shared.errors import Retryable
from sandbox.fakes import FakeQueue
from sandbox.microsoft.account import CERTIFICATE_URL
from sandbox.microsoft.signing import Signer
from sandbox.serving import ServingThread
from tests.contract.microsoft.sim_api import Api
from tests.contract.microsoft.test_webhooks import call, register, settle

Start = Callable[..., Api]


class Kept:
    """A quarantine that must stay empty."""

    def put(self, reason: str, body: str) -> None:
        raise AssertionError(f"{reason}: {body}")


class Receiver:
    """Our handler behind the simulator's deliveries, as API Gateway would call it."""

    def __init__(self, api: Api) -> None:
        server = api.server
        api.account.webhooks.certificate_url = server.certificate_url
        api.account.webhooks.deliver = self.deliver
        root = x509.load_pem_x509_certificate(api.control("GET", "webhooks").json()["root_pem"].encode())
        self.api = api
        self.answers: list[int] = []
        self.last: tuple[dict[str, str], bytes] = ({}, b"")
        self.c = Collaborators(
            certificates=NoticeCertificates([root], limited_fetch(), api.clock),
            notices=FakeQueue(),
            quarantine=Kept(),
            prefix=checked_prefix(f"{server.url}/cert/"),
            clock=api.clock,
            refetch=AtMostEvery(0),
        )

    def deliver(self, _url: str, headers: Any, body: bytes) -> int:
        self.last = (dict(headers), body)
        self.answers.append(self.post(self.last[0], body))
        self.api.notices.append((_url, dict(headers), body))
        return self.answers[-1]

    def post(self, headers: dict[str, str], body: bytes) -> int:
        event = {"path": PATH, "httpMethod": "POST", "headers": headers, "body": body.decode()}
        return receive_notification({**event, "requestContext": {"requestId": "r-1"}}, self.c)["statusCode"]


@pytest.fixture
def door(api: Api) -> Receiver:
    return Receiver(api)


def one_notice(door: Receiver) -> str:
    """Have one delivered; the referral that it is about."""
    register(door.api)
    referral = door.api.create()
    settle(door.api, 1)
    assert door.answers == [200]
    return referral["id"]


def test_the_real_address_is_the_one_that_we_pin() -> None:
    assert CERTIFICATE_URL.startswith(CERTIFICATE_URL_PREFIX)


@pytest.mark.parametrize("own_header", [True, False])
def test_a_real_notice_becomes_one_record_to_read(door: Receiver, own_header: bool) -> None:
    register(door.api, SignatureTokenToMsSignatureHeader=own_header)
    referral = door.api.create()
    settle(door.api, 1)
    assert door.answers == [200]
    assert door.c.notices.messages == [
        {"source": "partner", "partner": "microsoft", "correlation_id": "r-1", "opportunities": [referral["id"]]}
    ]


def test_a_validation_event_is_taken_and_stores_nothing(door: Receiver) -> None:
    register(door.api)
    correlation = call(door.api, "POST", "/validationEvents").json()["correlationId"]
    settle(door.api, 1)
    assert call(door.api, "GET", f"/validationEvents/{correlation}").json()["results"] == [{"responseCode": "200"}]
    assert door.c.notices.messages == []


def test_a_replay_is_harmless(door: Receiver) -> None:
    identifier = one_notice(door)
    assert [door.post(*door.last) for _ in range(3)] == [200] * 3
    assert {tuple(each["opportunities"]) for each in door.c.notices.messages} == {(identifier,)}


def test_an_altered_body_a_wrong_key_and_another_host_are_refused(door: Receiver) -> None:
    one_notice(door)
    headers, body = door.last
    said = json.loads(body)
    said["ResourceUri"] = said["ResourceUri"][:-1] + ("0" if said["ResourceUri"][-1] != "0" else "1")
    assert door.post(headers, json.dumps(said).encode()) == 401
    assert door.post({**headers, "x-ms-signature": Signer().sign(body)}, body) == 401
    for url in (CERTIFICATE_URL, f"{door.api.server.url}/other/sandbox.cer", "https://attacker.example/cert/a.cer"):
        assert door.post({**headers, "x-ms-certificate-url": url}, body) == 401
    assert door.post({**headers, "x-ms-certificate-url": f"{door.c.prefix}none.cer"}, body) == 401
    assert len(door.c.notices.messages) == 1


@pytest.mark.parametrize("organisation", ["Microsoft Corporation", "Attacker Ltd"])
def test_a_chain_of_anybody_else_s_is_refused_although_it_signs_well(door: Receiver, organisation: str) -> None:
    door.api.account.webhooks.signer = Signer(organisation)
    register(door.api)
    door.api.create()
    settle(door.api, 1)
    assert door.answers == [401]
    assert door.c.notices.messages == []


def test_an_expired_certificate_is_refused(door: Receiver) -> None:
    one_notice(door)
    door.api.clock.advance(ms=int(datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1000) - door.api.clock.now_ms())
    assert door.post(*door.last) == 401


def test_an_oversized_body_is_refused(door: Receiver) -> None:
    one_notice(door)
    assert door.post(door.last[0], door.last[1] + b" " * 20_000) == 413


def test_a_notice_that_cannot_be_stored_comes_again(door: Receiver) -> None:
    class Away:
        def __init__(self) -> None:
            self.failures = 1

        def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None:
            if self.failures:
                self.failures -= 1
                raise Retryable("the queue is away")
            stored.append(message)

    stored: list[dict[str, Any]] = []
    object.__setattr__(door.c, "notices", Away())
    register(door.api)
    door.api.create()
    settle(door.api, 1)
    door.api.clock.advance(seconds=2)
    settle(door.api, 2)
    assert (door.answers, len(stored)) == ([503, 200], 1)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("200 OK", b"x" * 100, NoticeRefused),
        ("404 Not Found", b"", NoticeRefused),
        ("302 Found", b"", NoticeRefused),
        ("403 Forbidden", b"", NoticeRefused),
        ("503 Busy", b"", Retryable),
        ("429 Slowly", b"", Retryable),
    ],
)
def test_a_file_is_fetched_within_limits_and_never_through_a_redirect(
    status: str, body: bytes, error: type[Exception]
) -> None:
    asked: list[str] = []

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        asked.append(environ["PATH_INFO"])
        start_response(status, [("Content-Length", str(len(body))), ("Location", "/elsewhere")])
        return [body]

    serving = ServingThread(answer, "files")
    try:
        assert limited_fetch(largest_bytes=100)(f"{serving.url}/a") == body if status == "200 OK" else True
        with pytest.raises(error):
            limited_fetch(largest_bytes=99)(f"{serving.url}/b")
        if body:
            with pytest.raises(Retryable, match="in time"):
                limited_fetch(seconds=-1.0)(f"{serving.url}/c")
    finally:
        serving.stop()
    assert "/elsewhere" not in asked


def test_a_host_out_of_reach_is_no_refusal() -> None:
    with pytest.raises(Retryable, match="could not be fetched"):
        limited_fetch()("http://127.0.0.1:9/a.cer")
