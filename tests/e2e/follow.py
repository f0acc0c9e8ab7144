"""One change, followed by its correlation id as docs/seeing.md says."""

from __future__ import annotations

import json
from typing import Any

from lambdas.shared.vendor_calls import as_guid
from sandbox.scenarios import Stage
from tests.e2e.unhappy import TOLD

PARTNERS = ("aws", "microsoft", "google")
WRITES = {"aws": "UpdateOpportunity", "microsoft": "PATCH", "google": "PATCH"}


def one_change(stage: Stage) -> None:
    """A rep's edit of a deal with three partners: from the door to each vendor's call and each audit record."""
    world = stage.world
    (deal,) = [
        one.id for one in world.hubspot.records("deals") if world.deal(one.id).get("dealname", "").startswith(TOLD)
    ]
    links = world.links()
    keys = {name: links.for_deals(name, [deal])[deal] for name in PARTNERS}
    before = {name: len(_audit(stage, key)) for name, key in keys.items()}
    stage.edit(deal, amount="94333")
    stage.wait(
        lambda: all(len(_audit(stage, keys[name])) > before[name] + 1 for name in PARTNERS), "audit of all three"
    )
    world.settle(stage.patience)
    for name, key in keys.items():
        fresh = _audit(stage, key)[before[name] :]
        (found,) = {one["correlation_id"]["S"] for one in fresh if "correlation_id" in one}
        assert as_guid(found) == found, "API Gateway's request ids are GUIDs: Microsoft is given the id as it is"
        lines = _lines(stage, found)
        said = {line["message"] for line in lines}
        assert {"delivery stored", "links woken", "vendor call"} <= said, (name, said)
        woken = [line["links"] for line in lines if line["message"] == "links woken"]
        assert any(key in each for each in woken), (name, woken)
        calls = {(line["vendor"], line["operation"]) for line in lines if line["message"] == "vendor call"}
        assert (name, WRITES[name]) in calls, (name, calls)
        runs = [one for one in world.cloud.executions(f"{name}-sync") if found in json.dumps(one.input)]
        assert runs, name
        traced = [json.loads(one)["annotations"] for one in world.cloud.traces.documents() if found in one]
        assert any(one.get("link") == key for one in traced), name


def _audit(stage: Stage, key: str) -> list[dict[str, Any]]:
    """The link's records, oldest first."""
    answer = stage.world.cloud.client("dynamodb").query(
        TableName=stage.world.outputs["AuditTableName"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": key}},
        ConsistentRead=True,
    )
    return answer["Items"]


def _lines(stage: Stage, found: str) -> list[dict[str, Any]]:
    """What functions logged under that id."""
    telemetry = stage.world.cloud.telemetry
    lines = [line for group in telemetry.groups() for line in telemetry.lines(group) if found in line]
    documents = [json.loads(line) for line in lines if line.startswith("{")]
    return [one for one in documents if one.get("correlation_id") == found and "message" in one]
