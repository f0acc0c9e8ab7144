"""Alarms say where to read on; dashboards show everything there is, by metrics that are really sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk.assertions import Template
from pydantic import ValidationError

import config
from config.deployment import Stage
from constructs_lib.alarms import AlarmSettings, Thresholds
from constructs_lib.business_dashboard import BusinessDashboard, BusinessDashboardProps
from constructs_lib.engineering_dashboard import STATUSES, VENDORS, EngineeringDashboard, EngineeringDashboardProps
from constructs_lib.operator_alarms import OperatorAlarms, OperatorAlarmsProps
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps
from lambdas.shared.metric_names import DIMENSIONS, METRICS
from tests.infrastructure.assembly import Assembly

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = re.compile(r"What to do: (\S+)#(\S+)$")
OURS = "CosellSync"


def alarms(assembly: Assembly, stack: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, name, one in assembly.resources("AWS::CloudWatch::Alarm", stack=stack):
        yield f"{where}/{name}", one["Properties"]


def anchors() -> set[str]:
    text = (ROOT / "docs/operations.md").read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}
    named = re.findall(r'<a id="([^"]+)"></a>', text)
    assert len(named) == len(set(named)), "an anchor that is there twice leads nowhere in particular"
    return slugs | set(named)


def test_every_alarm_leads_to_a_place_of_the_runbook_that_there_is(assembly: Assembly):
    known, found = anchors(), list(alarms(assembly))
    assert len(found) > 60
    for name, alarm in found:
        link = RUNBOOK.search(alarm["AlarmDescription"])
        assert link, f"{name}: {alarm['AlarmDescription']}"
        assert link[1] == "docs/operations.md", name
        assert link[2] in known, f"{name}: docs/operations.md has no #{link[2]}"


def test_every_place_named_for_an_alarm_is_some_alarm_s(assembly: Assembly):
    text = (ROOT / "docs/operations.md").read_text().partition("\n## Alarms")[2].partition("\n## ")[0]
    named = set(re.findall(r'<a id="([^"]+)"></a>', text))
    used = {RUNBOOK.search(alarm["AlarmDescription"])[2] for _, alarm in alarms(assembly)}  # type: ignore[index]
    assert named == used


def test_the_runbook_s_address_is_the_stage_s(stack: Stack):
    SyncQueue(
        stack, "Q", SyncQueueProps(purpose="a try", alarms=AlarmSettings(runbooks_url="https://wiki.example/runbook"))
    )
    for one in Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values():
        assert RUNBOOK.search(one["Properties"]["AlarmDescription"])[1] == "https://wiki.example/runbook"  # type: ignore[index]


@pytest.mark.parametrize("address", ["http://wiki.example", "https://wiki.example/x#y", "wiki"])
def test_an_address_that_leads_nowhere_is_refused(address: str):
    stage = config.load().stage("dev").model_dump()
    with pytest.raises(ValidationError, match="runbooks_url"):
        Stage(**{**stage, "runbooks_url": address})


def test_thresholds_are_properties(stack: Stack):
    alarms = AlarmSettings(thresholds=Thresholds(unrecorded_minutes=3))
    SyncQueue(stack, "Q", SyncQueueProps(purpose="a try", max_age=Duration.minutes(5), alarms=alarms))
    props = OperatorAlarmsProps(
        service="cosell-try",
        partners=["aws"],
        poll_machine="arn:aws:states:eu-central-1:111111111111:stateMachine:p",
        quota_percent=60,
        oldest_work=Duration.hours(2),
        throttled_invocations=7,
        silent_polls=Duration.minutes(10),
    )
    OperatorAlarms(stack, "It", props)
    made = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    found = {name: one["Properties"] for name, one in made.items()}

    def of(part: str) -> Mapping[str, Any]:
        (alarm,) = [one for name, one in found.items() if part in name]
        return alarm

    assert of("NotRecorded")["EvaluationPeriods"] == 3
    assert of("QWaiting")["Threshold"] == 300
    assert of("QuotaNearlyUsed")["Threshold"] == 60
    assert (of("WorkWaiting")["Threshold"], of("WorkWaiting")["Period"]) == (7200, 3600)
    assert of("FunctionsThrottled")["Threshold"] == 7
    silent = of("PollsStopped")
    assert (silent["ComparisonOperator"], silent["TreatMissingData"], silent["Period"]) == (
        "LessThanThreshold",
        "breaching",
        600,
    )


def bodies(assembly: Assembly, stack: str) -> dict[str, str]:
    """Each dashboard as text, references to other stacks as their own text."""
    found = {}
    for _, _, one in assembly.resources("AWS::CloudWatch::Dashboard", stack=stack):
        body = one["Properties"]["DashboardBody"]
        parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
        text = "".join(
            part if isinstance(part, str) else "<" + re.sub(r"\W+", "", json.dumps(part)) + ">" for part in parts
        )
        found[one["Properties"]["DashboardName"]] = text
    return found


def drawn(body: str) -> list[dict[str, Any]]:
    """The metrics of a dashboard: namespace, name, dimensions."""
    found = []
    for widget in json.loads(body)["widgets"]:
        for entry in widget["properties"].get("metrics", ()):
            if isinstance(entry[0], str):
                words = [each for each in entry if isinstance(each, str)]
                found.append(
                    {
                        "namespace": words[0],
                        "name": words[1],
                        "dimensions": dict(zip(words[2::2], words[3::2], strict=True)),
                        "title": widget["properties"].get("title"),
                    }
                )
    return found


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_two_dashboards_a_stage(assembly: Assembly, stage: str):
    assert sorted(bodies(assembly, f"{stage}Seeing")) == [f"cosell-{stage}-business", f"cosell-{stage}-engineering"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_our_metrics_on_dashboards_and_in_alarms_are_sent_with_just_these_dimensions(assembly: Assembly, stage: str):
    shown = [one for body in bodies(assembly, f"{stage}Seeing").values() for one in drawn(body)]
    ours = [(one["name"], one["dimensions"]) for one in shown if one["namespace"] == OURS]
    assert len(ours) > 30
    for _, alarm in alarms(assembly, stage):
        if alarm.get("Namespace") == OURS:
            ours.append((alarm["MetricName"], {each["Name"]: each["Value"] for each in alarm["Dimensions"]}))
    for name, dimensions in ours:
        assert set(dimensions) == {"service", *METRICS[name].dimensions}, name
        assert dimensions["service"] == f"cosell-{stage}"
        assert all(word in DIMENSIONS[key] for key, word in dimensions.items() if key != "service"), (name, dimensions)


def test_engineering_shows_every_function_machine_queue_table_and_api(assembly: Assembly):
    shown = drawn(bodies(assembly, "devSeeing")["cosell-dev-engineering"])

    def dimension(namespace: str, name: str, key: str) -> set[str]:
        return {one["dimensions"][key] for one in shown if (one["namespace"], one["name"]) == (namespace, name)}

    functions = {
        one["Properties"]["FunctionName"] for _, _, one in assembly.resources("AWS::Lambda::Function", stack="dev")
    }
    for name in ("Errors", "Throttles", "Duration", "ConcurrentExecutions", "Invocations"):
        assert dimension("AWS/Lambda", name, "FunctionName") == functions, name
    machines = {
        one["Properties"]["StateMachineName"]
        for _, _, one in assembly.resources("AWS::StepFunctions::StateMachine", stack="dev")
    }
    for name in (
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionThrottled",
        "ExecutionTime",
        "ExpressExecutionBilledDuration",
    ):
        arns = dimension("AWS/States", name, "StateMachineArn")
        assert {arn.rpartition(":")[2] for arn in arns} == machines, name
    pairs = len([name for _, name, _ in assembly.resources("AWS::Pipes::Pipe", stack="dev") if "DeadLetters" in name])
    queues = len(dimension("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName"))
    ours = assembly.resources("AWS::SQS::Queue", stack=("devSync", "devAws", "devMicrosoft", "devGoogle"))
    assert queues == len(ours) // 2
    assert len(dimension("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName")) == queues + pairs
    for name in ("ReadThrottleEvents", "ConsumedWriteCapacityUnits"):
        tables = assembly.resources("AWS::DynamoDB::Table", stack="devData")
        assert len(dimension("AWS/DynamoDB", name, "TableName")) == len(tables)
    apis = {one["Properties"]["Name"] for _, _, one in assembly.resources("AWS::ApiGateway::RestApi", stack="dev")}
    assert dimension("AWS/ApiGateway", "5XXError", "ApiName") == apis
    assert dimension("AWS/Logs", "IncomingBytes", "LogGroupName") == {
        f"/aws/vendedlogs/states/{name}" for name in machines
    }
    calls = {
        (one["dimensions"]["vendor"], one["dimensions"]["status"]) for one in shown if one["name"] == "VendorCalls"
    }
    assert calls == {(vendor, status) for vendor in VENDORS for status in STATUSES}


def test_gigabyte_seconds_weigh_each_function_by_its_memory(stack: Stack):
    props = EngineeringDashboardProps(name="try", service="cosell-try", functions={"a": 256, "b": 512, "c": 256})
    EngineeringDashboard(stack, "It", props)
    text = json.dumps(Template.from_stack(stack).to_json())
    assert "SUM([d256x0,d256x1])/1000*0.25" in text
    assert "SUM([d512x0])/1000*0.5" in text


def test_a_dashboard_takes_the_namespace_and_partners_that_you_bring(stack: Stack):
    props = BusinessDashboardProps(name="try", service="mine", partners=["aws"], namespace="Mine")
    BusinessDashboard(stack, "It", props)
    (one,) = Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    body = one["Properties"]["DashboardBody"]
    text = (
        body
        if isinstance(body, str)
        else "".join(part if isinstance(part, str) else "x" for part in body["Fn::Join"][1])
    )
    shown = drawn(text)
    assert {one["namespace"] for one in shown} == {"Mine"}
    assert {one["dimensions"]["partner"] for one in shown} == {"aws"}
    titles = {one["title"] for one in shown}
    assert titles >= {"In sync now", "Waiting for somebody now", "From notice to write-back (ms)"}


def test_everything_is_traced(assembly: Assembly):
    for where, name, function in assembly.resources("AWS::Lambda::Function"):
        assert function["Properties"]["TracingConfig"] == {"Mode": "Active"}, f"{where}/{name}"
    for where, name, machine in assembly.resources("AWS::StepFunctions::StateMachine"):
        assert machine["Properties"]["TracingConfiguration"] == {"Enabled": True}, f"{where}/{name}"
    for where, name, api in assembly.resources("AWS::ApiGateway::Stage"):
        assert api["Properties"]["TracingEnabled"] is True, f"{where}/{name}"
