"""What a deployed app may expect of the local cloud: its functions, ways in, alarms, logs and other accounts."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.local_cloud.deploy import Deployer, DeployFailed
from sandbox.local_cloud.functions import FunctionPool
from sandbox.local_cloud.interpreter import FunctionFailed
from tests.workflow.local_cloud.tiny import Deployed, eventually


def invoke(tiny: Deployed, do: str):
    return tiny.cloud.functions.invoke(tiny.outputs["WorkName"], {"do": do})


def test_function_runs_on_its_bundle_layer_and_environment_alone(tiny: Deployed):
    answer = invoke(tiny, "answer")
    assert answer["settings"] == {"tiny": True}
    assert answer["own"] == tiny.outputs["TableName"]
    assert answer["override"] == "from the caller"
    assert answer["endpoint"] == tiny.cloud.endpoint
    assert answer["site_packages"] == []


def test_function_gets_lambdas_context(tiny: Deployed):
    answer = invoke(tiny, "answer")
    name = tiny.outputs["WorkName"]
    assert (answer["name"], answer["memory"], answer["log_group"]) == (name, "256", f"/aws/lambda/{name}")
    assert answer["arn"] == f"arn:aws:lambda:eu-central-1:111111111111:function:{name}"
    assert 0 < answer["remaining"] <= 1000
    assert answer["request_id"] != invoke(tiny, "answer")["request_id"]


@pytest.mark.parametrize(
    ("do", "error", "message"),
    [
        ("reject", "Rejected", "no country"),
        ("hang", "Sandbox.Timedout", "timed out after 1.00 seconds"),
        ("exit", "Runtime.ExitError", "without an answer"),
    ],
)
def test_failing_function_is_reported_as_lambda_does(tiny: Deployed, do: str, error: str, message: str):
    with pytest.raises(FunctionFailed) as failed:
        invoke(tiny, do)
    assert failed.value.payload["errorType"] == error
    assert message in failed.value.payload["errorMessage"]
    assert invoke(tiny, "answer")["do"] == "answer"  # the next invocation gets a healthy worker


def test_handlers_stack_trace_names_its_line(tiny: Deployed):
    with pytest.raises(FunctionFailed) as failed:
        invoke(tiny, "fail")
    assert "poison" in failed.value.payload["errorMessage"]
    assert "handlers.py" in failed.value.payload["stackTrace"][-1]


def test_workers_stay_warm_until_cold_is_asked_for(tiny: Deployed):
    invoke(tiny, "answer")
    counters = tiny.cloud.counters[tiny.outputs["WorkName"]]
    before = counters.cold_starts
    invoke(tiny, "answer")
    assert counters.cold_starts == before
    tiny.cloud.cold()
    invoke(tiny, "answer")
    assert counters.cold_starts == before + 1


def test_account_concurrency_of_nothing_throttles(tiny: Deployed):
    pool: FunctionPool = tiny.cloud.functions
    pool.concurrency_limit = 0
    try:
        with pytest.raises(ClientError) as refused:
            invoke(tiny, "answer")
    finally:
        pool.concurrency_limit = None
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"


def test_api_reaches_the_function_with_overrides(tiny: Deployed):
    url = tiny.cloud.http_url(tiny.outputs["HookUrl"])
    request = urllib.request.Request(url, data=b"{}", method="POST")  # noqa: S310  # loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
        assert json.load(answer) == {"override": "from the caller"}


def test_queue_batch_reaches_the_function_and_its_failed_items_go_to_the_dlq(tiny: Deployed):
    sqs = tiny.cloud.client("sqs")
    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=tiny.outputs["FeedUrl"], MessageBody=body)
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def depth() -> list[str]:
        answer = sqs.get_queue_attributes(QueueUrl=tiny.outputs["FeedUrl"], AttributeNames=attributes)
        return sorted(answer["Attributes"].values())

    eventually(lambda: depth() == ["0", "1"])  # the good one is gone, the bad one waits out its timeout
    assert eventually(lambda: [m for m in tiny.received("DeadUrl", 2) if m["Body"] == "bad"])


def test_embedded_metrics_become_metrics(tiny: Deployed):
    tiny.cloud.functions.invoke(tiny.outputs["MeasureName"], {"seen": 1})
    tiny.cloud.telemetry.flush()
    metrics = tiny.cloud.client("cloudwatch").list_metrics(Namespace="Tiny")["Metrics"]
    assert [(m["MetricName"], m["Dimensions"]) for m in metrics] == [("Seen", [{"Name": "service", "Value": "tiny"}])]


def test_printed_lines_reach_the_functions_log_group(tiny: Deployed):
    invoke(tiny, "answer")
    tiny.cloud.telemetry.flush()
    group = f"/aws/lambda/{tiny.outputs['WorkName']}"
    events = tiny.cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    assert any(json.loads(e["message"]).get("message") == "working" for e in events if e["message"].startswith("{"))


def test_failed_machine_raises_its_alarm_and_is_logged_without_data(tiny: Deployed):
    arn = tiny.outputs["MachineArn"]
    records = [
        {
            "messageId": "m",
            "body": '{"do": "fail", "secret": "customer"}',
            "attributes": {"ApproximateReceiveCount": "1"},
        }
    ]
    assert tiny.cloud.run_machine(arn, records).error == "RuntimeError"
    assert tiny.cloud.alarm_state("FailedAlarm") == "ALARM"
    lines = tiny.cloud.telemetry.lines(tiny.outputs["LogGroup"])
    kinds = {json.loads(line)["type"] for line in lines}
    assert {"TaskFailed", "ExecutionFailed"} <= kinds
    assert "ExecutionStarted" not in kinds  # the configured level is ERROR
    assert not [line for line in lines if "customer" in line]


def test_event_of_another_account_and_region_reaches_the_home_bus(tiny: Deployed):
    far = tiny.cloud.client("events", region="us-east-1", account="222222222222")
    far.put_events(Entries=[{"Source": "tiny.partner", "DetailType": "Changed", "Detail": '{"id": "O1"}'}])
    (message,) = eventually(lambda: tiny.received("CaughtUrl"))
    event = json.loads(message["Body"])
    assert (event["source"], event["detail-type"], event["detail"]) == ("tiny.partner", "Changed", {"id": "O1"})


def test_deploying_again_changes_nothing_and_keeps_running(tiny: Deployed, assembly: Path):
    outputs = tiny.cloud.deploy(assembly)["Test-Tiny"]
    assert outputs == tiny.outputs
    message_id = tiny.send(do="answer")
    assert eventually(lambda: tiny.runs_of(message_id))[0].status == "SUCCEEDED"


def test_stack_that_cannot_be_created_is_told_with_its_reason(tiny: Deployed, tmp_path: Path):
    alarm = {"MetricName": "M", "Namespace": "N", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
    template = {"Resources": {"Odd": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}}}
    (tmp_path / "odd.json").write_text(json.dumps(template))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "odd.json", "stackName": "odd"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"odd": artifact}}))
    with pytest.raises(DeployFailed, match=r"stack odd .*\n.*Odd \(AWS::CloudWatch::Alarm\): .*Threshold"):
        Deployer(tiny.cloud.clients, cache=tmp_path).deploy(tmp_path)


def test_ministack_ends_when_its_parent_is_killed():
    program = (
        "import os, signal, sys\n"
        "from sandbox.local_cloud.ministack import Ministack\n"
        "started = Ministack(region='us-east-1', account='111111111111').start()\n"
        "print(started.endpoint, started._home, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    endpoint = done.stdout.split()[0]

    def gone() -> bool:
        try:
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1)  # noqa: S310  # loopback
        except OSError:
            return True
        return False

    assert eventually(gone)
