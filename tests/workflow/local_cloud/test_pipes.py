"""The contract of pipes, on a deployed queue, pipe and Express machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.local_cloud.pipes import apply_template, record
from tests.workflow.local_cloud.tiny import Deployed, eventually


@pytest.fixture
def patient(tiny: Deployed) -> Iterator[Deployed]:
    """Whose queue gives even a busy machine's first run the time that it takes: its message does not come twice."""
    sqs, queue = tiny.cloud.client("sqs"), {"QueueUrl": tiny.outputs["QueueUrl"]}
    before = sqs.get_queue_attributes(**queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(**queue, Attributes={"VisibilityTimeout": "600"})
    yield tiny
    sqs.set_queue_attributes(**queue, Attributes=before)


def test_machine_gets_an_array_of_one_record_in_the_shape_of_pipes(patient: Deployed):
    tiny = patient
    message_id = tiny.send(do="answer")
    (run,) = eventually(lambda: tiny.runs_of(message_id))
    assert run.status == "SUCCEEDED"
    (got,) = run.input
    assert set(got) == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert got["body"] == '{"do": "answer"}'
    assert got["attributes"]["ApproximateReceiveCount"] == "1"
    assert (got["eventSource"], got["awsRegion"]) == ("aws:sqs", "eu-central-1")
    assert got["eventSourceARN"].startswith("arn:aws:sqs:eu-central-1:111111111111:Test-Tiny-Queue")


def test_direct_integration_writes_to_the_deployed_table(patient: Deployed):
    tiny = patient
    message_id = tiny.send(do="answer")
    eventually(lambda: tiny.runs_of(message_id))
    table = tiny.cloud.client("dynamodb")
    item = table.get_item(TableName=tiny.outputs["TableName"], Key={"pk": {"S": message_id}})["Item"]
    assert item == {"pk": {"S": message_id}, "receives": {"N": "1"}}


def test_named_error_is_caught_and_the_message_is_gone(tiny: Deployed):
    message_id = tiny.send(do="reject")
    (run,) = eventually(lambda: tiny.runs_of(message_id))
    assert (run.status, run.result.output, run.result.states) == ("SUCCEEDED", {"why": "Rejected"}, ["Work", "Told"])
    time.sleep(1.2)
    assert len(tiny.runs_of(message_id)) == 1


def test_failed_execution_leaves_the_message_for_the_visibility_timeout_then_to_the_dlq(tiny: Deployed):
    message_id = tiny.send(do="fail")
    first, second = eventually(lambda: len(tiny.runs_of(message_id)) == 2 and tiny.runs_of(message_id))
    assert [first.status, second.status] == ["FAILED", "FAILED"]
    assert [entry.input[0]["attributes"]["ApproximateReceiveCount"] for entry in (first, second)] == ["1", "2"]
    # Received at the earliest one visibility timeout after the first receive, and promptly after it.
    received_at = int(first.input[0]["attributes"]["ApproximateFirstReceiveTimestamp"]) / 1000
    assert second.result.started_at - received_at >= 1.0
    dead = eventually(lambda: [m for m in tiny.received("DeadUrl") if m["MessageId"] == message_id])
    assert json.loads(dead[0]["Body"]) == {"do": "fail"}
    assert len(tiny.runs_of(message_id)) == 2


def test_a_hundred_executions_run_at_once_and_no_more(tiny: Deployed):
    inside, most, lock = [0], [0], threading.Lock()
    full, go_on = threading.Event(), threading.Event()

    def gate(_name: str, state: str, _resource: str, phase: str) -> None:
        if state != "Work" or phase != "before":
            return
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            if inside[0] == 100:
                full.set()
        assert go_on.wait(120)
        with lock:
            inside[0] -= 1

    sent: set[str] = set()
    sqs = tiny.cloud.client("sqs")
    queue = {"QueueUrl": tiny.outputs["QueueUrl"]}
    visibility = sqs.get_queue_attributes(**queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    # A hundred may take longer to come in than the queue hides a message, and the same one twice is not meant.
    sqs.set_queue_attributes(**queue, Attributes={"VisibilityTimeout": "600"})
    tiny.cloud.engine.gate = gate
    try:
        for start in range(0, 110, 10):
            entries = [{"Id": str(n), "MessageBody": '{"do": "reject"}'} for n in range(start, start + 10)]
            answer = sqs.send_message_batch(**queue, Entries=entries)
            sent |= {one["MessageId"] for one in answer["Successful"]}
        assert full.wait(60), f"only {most[0]} executions ran at once"
        go_on.set()
        eventually(lambda: sent <= {r.input[0]["messageId"] for r in tiny.cloud.executions(status="SUCCEEDED")})
    finally:
        go_on.set()
        tiny.cloud.engine.gate = None
        sqs.set_queue_attributes(**queue, Attributes=visibility)
    assert (len(sent), most[0]) == (110, 100)


def test_input_template_looks_into_a_json_body():
    message = {
        "MessageId": "m",
        "ReceiptHandle": "r",
        "Body": '{"link": "l\\"1", "n": 2}',
        "MD5OfBody": "x",
        "Attributes": {"ApproximateReceiveCount": "3"},
    }
    item = record(message, "arn:aws:sqs:eu-central-1:111111111111:inbox")
    template = '{"link": <$.body.link>, "text": "is <$.body.link>", "n": <$.body.n>, "id": "<$.messageId>"}'
    assert apply_template(template, item) == {"link": 'l"1', "text": 'is l"1', "n": 2, "id": "m"}
    assert apply_template("only <$.body.n>", item) == "only 2"


def test_a_schedule_s_own_id_is_filled_in_and_stays_when_the_message_comes_again():
    message = {"MessageId": "m-1", "ReceiptHandle": "r", "MD5OfBody": "x"}
    body = json.dumps({"poll": "aws.due", "correlation_id": "<aws.scheduler.execution-id>"})
    got = [record({**message, "Body": body}, "arn:aws:sqs:eu-central-1:1:q")["body"] for _ in range(2)]
    assert [json.loads(one)["correlation_id"] for one in got] == ["m-1", "m-1"]
