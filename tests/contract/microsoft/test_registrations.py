"""The webhook registration against the simulator, in both readings of what is not verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.microsoft.adapters.registrations import OUR_EVENTS, Registration, Registrations, TestResult
from lambdas.shared.errors import Conflict, NotFound, Throttled, Unauthorized, Unexpected
from sandbox.microsoft.switches import Switches
from tests.contract.microsoft.sim_api import PARTNER_CENTER, Api
from tests.contract.microsoft.test_webhooks import call, settle

Start = Callable[..., Api]
URL = "https://hooks.partner.example/v1/notices/microsoft"
OURS = Registration(URL, OUR_EVENTS, own_header=True)


def registrations(api: Api, audience: str = PARTNER_CENTER) -> Registrations:
    return Registrations(lambda _fresh: api.access_token(audience), api.server.url, clock=api.clock)


def theirs(api: Api, **edits: Any) -> None:
    body = {"WebhookUrl": URL, "WebhookEvents": ["referral-created"], "SignatureTokenToMsSignatureHeader": True}
    assert call(api, "POST", body=body | edits).status_code == 200


def writes(api: Api) -> list[str]:
    return [name for name, _ in api.account.calls if name in ("CreateRegistration", "UpdateRegistration")]


@pytest.fixture(params=[False, True], ids=["defaults", "other-readings"])
def either(start: Start, request: pytest.FixtureRequest) -> Api:
    switches = Switches.other_readings() if request.param else Switches()
    names = ("put_registration_merges", "second_registration_refused", "client_request_id_fresh")
    return start(**{name: getattr(switches, name) for name in names})


def test_the_first_registration_asks_for_our_events_and_the_own_header(either: Api) -> None:
    ours = registrations(either)
    assert ours.read() is None
    assert ours.register(URL) == OURS == ours.read()


def test_registering_twice_changes_nothing(either: Api) -> None:
    ours = registrations(either)
    ours.register(URL)
    assert ours.register(URL) == OURS
    assert writes(either) == ["CreateRegistration"]


def test_events_that_others_listed_for_the_address_stay(either: Api) -> None:
    theirs(either, WebhookEvents=["test-created"], SignatureTokenToMsSignatureHeader=False)
    assert set(registrations(either).register(URL).events) == set(OUR_EVENTS)
    assert registrations(either).read().own_header  # type: ignore[union-attr]
    assert writes(either) == ["CreateRegistration", "UpdateRegistration"]


def test_the_registration_of_another_address_is_only_replaced_on_order(either: Api) -> None:
    theirs(either, WebhookUrl="https://crm.partner.example/hook?key=secret")
    ours = registrations(either)
    with pytest.raises(Conflict, match=r"sends referral-created to crm\.partner\.example") as refused:
        ours.register(URL)
    assert "secret" not in str(refused.value)
    assert writes(either) == ["CreateRegistration"]
    assert set(ours.register(URL, replace=True).events) == set(OUR_EVENTS)


def test_a_test_event_is_sent_and_its_result_read(either: Api) -> None:
    ours = registrations(either)
    ours.register(URL)
    correlation = ours.send_test()
    settle(either, 1)
    assert ours.test_result(correlation) == TestResult("completed", ("200",))
    ours.send_test()
    with pytest.raises(Throttled) as slowly:
        ours.send_test()
    assert slowly.value.retry_after_seconds == 60
    with pytest.raises(NotFound):
        ours.test_result("none")


def test_nothing_registered_means_nothing_to_test(either: Api) -> None:
    with pytest.raises(NotFound):
        registrations(either).send_test()


def test_a_token_of_the_other_audience_and_a_missing_role_are_refused(api: Api) -> None:
    with pytest.raises(Unauthorized):
        registrations(api, "https://api.partner.microsoft.com").read()
    api.account.role = None
    with pytest.raises(Unauthorized):
        registrations(api).register(URL)


def test_events_of_other_products_stay_for_our_address_and_go_with_another() -> None:
    written: list[Any] = []

    def http(url: str) -> Any:
        def answer(method: str, _url: str, _headers: Any, body: bytes | None) -> Any:
            before = {"webhookUrl": url, "webhookEvents": ["invoice-ready"], "signatureTokenToMsSignatureHeader": True}
            if body is not None:
                written.append((method, json.loads(body)["WebhookEvents"]))
            return 200, {}, body or json.dumps(before).encode()

        return answer

    assert Registrations(lambda _fresh: "t", http=http(URL)).register(URL).events == ("invoice-ready", *OUR_EVENTS)
    other = http("https://crm.partner.example/hook")
    assert Registrations(lambda _fresh: "t", http=other).register(URL, replace=True).events == OUR_EVENTS
    assert written == [("PUT", ["invoice-ready", *OUR_EVENTS]), ("PUT", list(OUR_EVENTS))]


@pytest.mark.parametrize("answer", [b"{}", b"[]", b"", b'{"WebhookUrl": "https://x.example", "WebhookEvents": []}'])
def test_an_answer_that_does_not_hold_what_was_asked_for_is_unexpected(answer: bytes) -> None:
    def http(method: str, _url: str, _headers: Any, _body: bytes | None) -> Any:
        return (404, {}, b"") if method == "GET" else (200, {}, answer)

    with pytest.raises(Unexpected):
        Registrations(lambda _fresh: "t", http=http).register(URL)
