"""Ways on which a customer's values come back to us in failures, walked in a world that has played its scenes."""

from __future__ import annotations

import json

import urllib3

from sandbox.faults import FaultRules
from sandbox.hubspot.signatures import delivery_headers
from sandbox.scenarios import Stage
from sandbox.world import CLIENT_SECRET, PATIENCE, World

TOLD = "Quixotic Harbour Works"
QUARANTINED, UNPROVEN, ECHOED = "Quixquarantine", "Quixunproven", "Quixechoed"
VALUES = {QUARANTINED, UNPROVEN, ECHOED, "quix@customer.example"}
"""What only a failure says; the deal's own name is among the customers' values."""

_ECHO = f"{ECHOED} <quix@customer.example> is not good"
_REFUSALS = {
    "aws": {
        "__type": "ValidationException",
        "Message": _ECHO,
        "Reason": "REQUEST_VALIDATION_FAILED",
        "ErrorList": [{"FieldName": "Project.Title", "Message": _ECHO, "Code": "INVALID_VALUE"}],
    },
    "microsoft": {"error": {"code": "BadRequest", "message": _ECHO, "details": [{"target": "name", "message": _ECHO}]}},
    "google": {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": _ECHO}},
    "hubspot": {"status": "error", "category": "VALIDATION_ERROR", "message": _ECHO},
}
_STATUS = {"aws": "aws_sync_status", "microsoft": "microsoft_sync_status", "google": "gcp_sync_status"}


def walk(stage: Stage) -> None:
    """All of them; the deal is in sync with its three partners afterwards."""
    _webhooks(stage.world)
    deal = stage.new_deal(f"{TOLD} #AWS #Microsoft #GCP").deal_id
    _all(stage, deal, "synced")
    rules = {name: _server(stage.world, name) for name in _REFUSALS}
    refusals = [
        (rules[name], rules[name].add(match="94321", status=400, count=None, body=json.dumps(_REFUSALS[name])))
        for name in _STATUS
    ]
    stage.edit(deal, amount="94321")
    _all(stage, deal, "blocked")
    for each, rule in refusals:
        each.clear(rule.id)
    rules["hubspot"].add(match='"aws_sync_status":', status=400, body=json.dumps(_REFUSALS["hubspot"]))
    for name in _STATUS:
        rules[name].add(match="94322", answer_lost=True, count=1)
    stage.edit(deal, amount="94322")
    _all(stage, deal, "synced")
    stage.world.settle(stage.patience)


def _webhooks(world: World) -> None:
    """One that is HubSpot's and cannot be read, and one that is nobody's."""
    odd = [{"subscriptionType": "deal.propertyChange", "objectId": {"name": QUARANTINED}, "portalId": 300}]
    for body, secret, status in ((odd, CLIENT_SECRET, 200), ([{"said": UNPROVEN}], "not ours", 401)):
        raw = json.dumps(body).encode()
        headers = delivery_headers(secret, world.webhooks.target_url, raw, world.hubspot.clock.now_ms())
        answer = urllib3.request("POST", world.webhook_url, body=raw, headers=headers, timeout=PATIENCE)
        assert answer.status == status, answer.data


def _all(stage: Stage, deal: str, status: str) -> None:
    for name in _STATUS.values():
        stage.wait(lambda name=name: stage.world.deal(deal).get(name) == status, f"{name} {status}")


def _server(world: World, name: str) -> FaultRules:
    servers = {"aws": world.central_server, "microsoft": world.microsoft_server, "google": world.google_server}
    return servers.get(name, world.hubspot_server).faults
