"""A deployment that is looked at without a cloud: AWS's answers are lined up, HubSpot is whatever is put there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import boto3
from botocore.stub import Stubber

import config
from cli.doctor_checks import Check, Deployment, Finding
from cli.doctor_checks.check import findings_of
from cli.stage import Place

NOW_MS = 1_790_000_000_000
REGION = {"region_name": "eu-west-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


@cache
def _configuration() -> config.Configuration:
    """Read once: nothing changes it in place."""
    return config.load()


class Examining:
    """One deployment stage. ``answer`` and ``refuse`` line up what AWS says next, ``found`` runs one check."""

    def __init__(self, stage: str, **outputs: str) -> None:
        self.deployment = Deployment(Place(stage, outputs, dict(REGION)), _configuration(), lambda: NOW_MS)
        self._stubs: dict[str, Stubber] = {}

    def answer(self, service: str, method: str, response: Mapping[str, Any], **expected: Any) -> None:
        self._stub(service).add_response(method, dict(response), expected or None)

    def refuse(self, service: str, method: str, code: str, message: str = "") -> None:
        self._stub(service).add_client_error(method, code, message)

    def found(self, check: Callable[[Deployment], Any], needs: str = "") -> list[Finding]:
        return findings_of(Check(area="area", name="name", run=check, needs=needs), self.deployment)

    def said(self, check: Callable[[Deployment], Any]) -> list[tuple[str, str]]:
        """Level and place of what one check finds."""
        return [(each.level, each.where) for each in self.found(check)]

    def close(self) -> None:
        for stub in self._stubs.values():
            stub.assert_no_pending_responses()

    def _stub(self, service: str) -> Stubber:
        if service not in self._stubs:
            client = boto3.client(service, **REGION)  # type: ignore[call-overload]
            self._stubs[service] = Stubber(client)
            self._stubs[service].activate()
            self.deployment.once(("client", service, None), lambda: client)
        return self._stubs[service]
