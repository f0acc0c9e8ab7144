"""The protected stage, looked at without a cloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.doctor.examining import Examining


@pytest.fixture
def prod() -> Iterator[Examining]:
    """The protected stage."""
    outputs = {
        "LedgerTableName": "ledger",
        "RunsTableName": "runs",
        "AuditTableName": "audit",
        "AlarmTopicArn": "arn:aws:sns:eu-west-1:222222222222:alarms",
        "AuditVaultBucket": "vault",
        "HubspotTokenSecret": "hubspot-token",
        "HubspotWebhookSecret": "hubspot-webhook",
        "WebhookUrl": "https://api.example/v1/webhook/hubspot",
    }
    examining = Examining("prod", **outputs)
    yield examining
    examining.close()
