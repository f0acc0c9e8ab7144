"""Signature vectors: made up for this project, and the ones HubSpot publishes."""

from __future__ import annotations

import pytest

from lambdas.shared.domain.signature import SignatureRejected, sign, verify

SECRET = "11111111-2222-3333-4444-555555555555"
URL = "https://hooks.example.com/hubspot/webhook"
NOW = 1790000001234
VENDOR = {"secret": "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "uri": "https://www.example.com/webhook_uri"}


def signed(body: bytes = b"[]", *, secret: str = SECRET, uri: str = URL, at: int = NOW) -> dict[str, str]:
    return {
        "X-HubSpot-Signature-v3": sign(secret=secret, method="POST", uri=uri, body=body, timestamp=str(at)),
        "X-HubSpot-Request-Timestamp": str(at),
    }


def check(headers: dict[str, str], body: bytes = b"[]", now: int = NOW, urls: tuple[str, ...] = (URL,)) -> str:
    return verify(headers=headers, method="POST", body=body, target_urls=urls, secrets=(SECRET,), now_ms=now)


@pytest.mark.parametrize(
    ("uri", "body", "expected"),
    [
        (URL + "?src=hs%3Adeal%2Fv3&q=a%20b", b"[]", "HBEg6iNRcqPt2S+BrDRelMQnmMykYyoRuDc96b2F9SY="),
        (
            URL,
            '[{"propertyName":"dealname","propertyValue":"Zürich – Größe €5"}]'.encode(),
            "b8Qs6ozQP1emhTQLKPkcha97SwQFrN/Qz3MztFNzRg0=",
        ),
        (
            "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/hubspot/webhook",
            b"[]",
            "CCA2xedJJp4yYZpPBaFzzMINoWqNiupZnlS+5PB2Xw8=",
        ),
    ],
)
def test_signs_as_hubspot_does(uri: str, body: bytes, expected: str) -> None:
    assert sign(secret=SECRET, method="post", uri=uri, body=body, timestamp=str(NOW)) == expected


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("1693657560000", "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="),
        ("1700000300000", "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="),
    ],
)
def test_signs_as_the_vendors_sdk_tests_say(timestamp: str, expected: str) -> None:
    body = b"{'example_field':'example_value'}"
    assert sign(method="POST", body=body, timestamp=timestamp, **VENDOR) == expected


def test_names_the_url_that_was_signed_for() -> None:
    assert check(signed(uri=URL + "/aws"), urls=(URL, URL + "/aws")) == URL + "/aws"


def test_header_names_in_any_case() -> None:
    assert check({name.lower(): value for name, value in signed().items()}) == URL


def test_accepts_either_secret_during_a_rotation() -> None:
    headers = signed(secret="the-new-one")
    secrets = (SECRET, "the-new-one")
    assert verify(headers=headers, method="POST", body=b"[]", target_urls=[URL], secrets=secrets, now_ms=NOW) == URL


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-HubSpot-Request-Timestamp": str(NOW)},
        {"X-HubSpot-Signature-v3": "x"},
        signed() | {"X-HubSpot-Signature-v3": "bm90IGl0"},
        signed() | {"X-HubSpot-Signature-v3": "nicht-ascii-ß"},
        signed() | {"X-HubSpot-Request-Timestamp": "soon"},
        signed() | {"X-HubSpot-Request-Timestamp": "²"},
        signed(secret="another"),
        signed(uri=URL + "/elsewhere"),
        signed(at=NOW - 300_001),
        signed(at=NOW + 60_001),
    ],
)
def test_rejects(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureRejected):
        check(headers)


def test_exactly_five_minutes_still_passes() -> None:
    assert check(signed(at=NOW - 300_000)) == URL


def test_rejects_a_changed_body() -> None:
    with pytest.raises(SignatureRejected):
        check(signed(b"[]"), body=b"[ ]")


def test_fails_closed_without_any_secret_or_url() -> None:
    for urls, secrets in [((), (SECRET,)), ((URL,), ())]:
        with pytest.raises(SignatureRejected):
            verify(headers=signed(), method="POST", body=b"[]", target_urls=urls, secrets=secrets, now_ms=NOW)
