from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot.facts import FACTS
from sandbox.hubspot.signatures import delivery_headers, sign_v1, sign_v2, sign_v3

VECTORS = FACTS["signature"]["vectors"]


def sign(vector: dict[str, Any]) -> str:
    if vector["version"] == 1:
        return sign_v1(vector["secret"], vector["body"])
    if vector["version"] == 2:
        return sign_v2(vector["secret"], vector["method"], vector["uri"], vector["body"])
    return sign_v3(vector["secret"], vector["method"], vector["uri"], vector["body"], vector["timestamp"])


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{v['name']} v{v['version']}" for v in VECTORS])
def test_every_vector(vector: dict[str, Any]) -> None:
    assert (sign(vector) == vector["signature"]) is vector["valid"]


def test_the_query_is_decoded_only_where_the_vendor_does() -> None:
    base = "https://hooks.example.com/w?a=x%20y%26z%3D%25&b="
    assert sign_v3("s", "POST", f"{base}%40%3a", "", 1) == sign_v3("s", "POST", f"{base}@:", "", 1)
    assert sign_v3("s", "POST", base, "", 1) != sign_v3("s", "POST", base.replace("%20", " "), "", 1)


def test_a_delivery_carries_v1_and_v3() -> None:
    headers = delivery_headers("secret", "https://hooks.example.com/w", b"[]", 17)
    assert headers["X-HubSpot-Request-Timestamp"] == "17"
    assert headers["X-HubSpot-Signature"] == sign_v1("secret", "[]")
    assert headers["X-HubSpot-Signature-v3"] == sign_v3("secret", "POST", "https://hooks.example.com/w", "[]", 17)
