"""Deploying assemblies: order, updates, deletion and what ministack does not know."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.local_cloud.assembly import read_assembly
from sandbox.local_cloud.deploy import Deployer, without_unknown_types
from sandbox.local_cloud.executions import ExecutionLog, ExecutionRecord
from sandbox.local_cloud.interpreter import ExecutionResult
from tests.workflow.local_cloud.tiny import Deployed


def write_assembly(directory: Path, stacks: dict[str, dict[str, Any]], needs: dict[str, list[str]]) -> Path:
    """An assembly of these templates, by stack name."""
    artifacts = {}
    for name, template in stacks.items():
        (directory / f"{name}.json").write_text(json.dumps(template))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "dependencies": needs.get(name, []),
            "properties": {"templateFile": f"{name}.json", "stackName": name},
        }
    (directory / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return directory


def queue(seconds: int) -> dict[str, Any]:
    """A template with one queue and its URL."""
    properties = {"QueueName": "changing", "VisibilityTimeout": seconds}
    return {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}},
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
    }


def test_stacks_come_in_the_order_they_depend_on_each_other(tmp_path: Path):
    assembly = write_assembly(tmp_path, {"sync": {}, "data": {}, "alone": {}}, {"sync": ["data"]})
    stacks = read_assembly(assembly, account="111111111111", region="eu-central-1")
    assert [stack.name for stack in stacks] == ["data", "sync", "alone"]
    assert {(stack.account, stack.region) for stack in stacks} == {("111111111111", "eu-central-1")}


def test_stacks_in_a_circle_are_told(tmp_path: Path):
    assembly = write_assembly(tmp_path, {"a": {}, "b": {}}, {"a": ["b"], "b": ["a"]})
    with pytest.raises(ValueError, match="a -> b -> a"):
        read_assembly(assembly, account="111111111111", region="eu-central-1")


def test_nested_assembly_of_a_stage_names_its_accounts_and_assets(assembly: Path):
    stacks = {stack.name: stack for stack in read_assembly(assembly, account="0" * 12, region="us-west-2")}
    assert (stacks["Test-Partner"].account, stacks["Test-Partner"].region) == ("222222222222", "us-east-1")
    buckets = {asset.bucket for asset in stacks["Test-Tiny"].assets}
    assert buckets == {"cdk-hnb659fds-assets-111111111111-eu-central-1"}
    assert all(asset.path.exists() for asset in stacks["Test-Tiny"].assets)


def test_changed_stack_is_updated_in_place_and_deleted(tiny: Deployed, tmp_path: Path):
    deployer, sqs = Deployer(tiny.cloud.clients, cache=tmp_path), tiny.cloud.client("sqs")
    for seconds in (7, 8, 8):
        (deployed,) = deployer.deploy(write_assembly(tmp_path, {"changing": queue(seconds)}, {}))
        url = deployed.outputs["Url"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        assert answer["Attributes"]["VisibilityTimeout"] == str(seconds)
    deployer.delete(tmp_path)
    assert url not in sqs.list_queues().get("QueueUrls", [])


def test_types_that_only_grant_permission_are_left_out_of_the_template():
    policy = {"Type": "AWS::Events::EventBusPolicy", "Properties": {}}
    template = {
        "Resources": {"P": policy, "Q": {"Type": "AWS::SQS::Queue", "DependsOn": ["P", "R"]}, "R": {"Type": "X"}}
    }
    assert json.loads(without_unknown_types(json.dumps(template))) == {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue", "DependsOn": ["R"]}, "R": {"Type": "X"}}
    }


def test_alarms_on_a_sum_of_metrics_are_left_out_and_others_are_not():
    summed = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": []}}
    plain = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "M"}}
    template = json.dumps({"Resources": {"Summed": summed, "Plain": plain}})
    assert json.loads(without_unknown_types(template)) == {"Resources": {"Plain": plain}}


def test_busy_function_gets_more_workers_up_to_the_bound_and_then_waits(tiny: Deployed):
    tiny.cloud.cold()
    counters = tiny.cloud.counters[tiny.outputs["WorkName"]]
    before = counters.cold_starts
    answers: list[str] = []

    def one() -> None:
        answers.append(tiny.cloud.functions.invoke(tiny.outputs["WorkName"], {"do": "slow"})["do"])

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["slow"] * 10
    assert counters.cold_starts - before == 4


def test_execution_log_keeps_the_newest_and_writes_every_one(tmp_path: Path):
    log = ExecutionLog(keep=3, keep_events=1, file=tmp_path / "executions.jsonl")
    for number in range(5):
        result = ExecutionResult("SUCCEEDED", number, None, None, str(number), "arn", 1.0, 1.5, [], [{"id": 1}])
        log.add(ExecutionRecord("sync", {"n": number}, result))
    assert [(entry.result.name, len(entry.result.events)) for entry in log.find("sync")] == [
        ("2", 0),
        ("3", 0),
        ("4", 1),
    ]
    lines = [json.loads(line) for line in (tmp_path / "executions.jsonl").read_text().splitlines()]
    assert [(line["name"], line["status"], line["duration_ms"]) for line in lines][-1] == ("4", "SUCCEEDED", 500.0)
    assert len(lines) == 5
