"""What somebody else deploys in the sandbox: templates of any form, stacks that go, a terminal that outlives both."""

from __future__ import annotations

import json
import threading
from typing import Any, cast

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.by_hand import Followed, follow
from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.executions import ExecutionRunner
from sandbox.local_cloud.pipes import PipeRunner
from sandbox.local_cloud.templates import resources_of
from sandbox.schedules import POLLS, schedules
from sandbox.world import World

DATA, SYNC = "cosell-sandbox-data", "cosell-sandbox-sync"
PLACE = ("111111111111", "eu-central-1")
# As the CDK's bootstrap writes it, in each form that a short tag takes.
YAML = """
Description: Not ours
Parameters: {Qualifier: {Type: String, Default: hnb659fds}}
Conditions:
  HasQualifier: !Not [!Equals ["", !Ref Qualifier]]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Condition: HasQualifier
    Properties:
      BucketName: !Sub "cdk-${Qualifier}-assets-${AWS::AccountId}"
      Owner: !GetAtt Role.Arn
      Key: !If [HasQualifier, !Ref Qualifier, !Sub ["${One}", {One: !Ref "AWS::NoValue"}]]
      Policy: {Version: "2012-10-17"}
"""
PIPE = {
    "Type": "AWS::Pipes::Pipe",
    "Properties": {
        "SourceParameters": {"SqsQueueParameters": {"BatchSize": 7}},
        "TargetParameters": {"InputTemplate": '{"link": <$.body.link>}'},
    },
}
PIPE_AS_YAML = """
Resources:
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Source: !GetAtt Queue.Arn
      SourceParameters: {SqsQueueParameters: {BatchSize: 7}}
      TargetParameters: {InputTemplate: '{"link": <$.body.link>}'}
"""


def refused(code: str, operation: str = "GetQueueAttributes") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "gone"}}, operation)


class Stacks:
    """The services that are asked for pipes, with stacks of one resource each: (stack, type, body)."""

    def __init__(self, *stacks: tuple[str, str, Any]) -> None:
        self.stacks = {name: (kind, body) for name, kind, body in stacks}
        self.read: list[str] = []
        self.polled = threading.Event()

    def get(self, *_: Any, **__: Any) -> Any:
        return self

    for_arn = get

    def describe_stacks(self) -> Any:
        return {"Stacks": [{"StackName": name} for name in [*self.stacks, "just-gone"]]}

    def describe_stack_resources(self, *, StackName: str) -> Any:
        if StackName not in self.stacks:
            raise refused("ValidationError", "DescribeStackResources")
        kind, _ = self.stacks[StackName]
        one = {"LogicalResourceId": "Pipe", "PhysicalResourceId": f"{StackName}-pipe", "ResourceType": kind}
        return {"StackResources": [one]}

    def get_template(self, *, StackName: str) -> Any:
        self.read.append(StackName)
        return {"TemplateBody": self.stacks[StackName][1]}

    def list_pipes(self) -> Any:
        arn = "arn:aws:{}:eu-central-1:111111111111:{}".format
        return {
            "Pipes": [
                {
                    "Name": f"{name}-pipe",
                    "Arn": arn("pipes", f"pipe/{name}"),
                    "CurrentState": "RUNNING",
                    "Source": arn("sqs", name),
                    "Target": arn("states", f"stateMachine:{name}"),
                }
                for name, (kind, _) in self.stacks.items()
                if kind == PIPE["Type"]
            ]
        }

    def describe_pipe(self, **_: Any) -> Any:
        return {}  # ministack drops the parameters

    def get_queue_url(self, **_: Any) -> Any:
        return {"QueueUrl": "queue"}

    def receive_message(self, **_: Any) -> Any:
        self.polled.set()
        threading.Event().wait(0.01)
        return {}


def test_short_forms_are_read_as_what_they_stand_for() -> None:
    with pytest.raises(yaml.YAMLError):  # what makes this a template that needs a reader of its own
        yaml.safe_load(YAML)
    assert resources_of(YAML)["Bucket"] == {
        "Type": "AWS::S3::Bucket",
        "Condition": "HasQualifier",
        "Properties": {
            "BucketName": {"Fn::Sub": "cdk-${Qualifier}-assets-${AWS::AccountId}"},
            "Owner": {"Fn::GetAtt": ["Role", "Arn"]},
            "Key": {
                "Fn::If": [
                    "HasQualifier",
                    {"Ref": "Qualifier"},
                    {"Fn::Sub": ["${One}", {"One": {"Ref": "AWS::NoValue"}}]},
                ]
            },
            "Policy": {"Version": "2012-10-17"},
        },
    }


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"Resources": {"Pipe": PIPE}}, id="as boto3 reads JSON"),
        pytest.param(json.dumps({"Resources": {"Pipe": PIPE}}), id="JSON"),
        pytest.param(PIPE_AS_YAML, id="YAML"),
    ],
)
def test_pipes_are_found_in_every_form_of_template_beside_a_stack_that_is_not_ours(body: Any) -> None:
    stacks = Stacks(("CDKToolkit", "AWS::S3::Bucket", "not: [a template"), ("ours", "AWS::Pipes::Pipe", body))
    runner = PipeRunner(cast(Clients, stacks), cast(ExecutionRunner, None), wait_seconds=1)
    (pipe,) = runner.discover({PLACE})
    assert stacks.polled.wait(10)
    runner.stop()
    assert (pipe.batch_size, pipe.input_template) == (7, '{"link": <$.body.link>}')
    assert stacks.read == ["ours"]


class Polled:
    """A world whose poll queue goes and comes back, and is read at once while it is there."""

    def __init__(self) -> None:
        self.outputs = {"PollQueueUrl": "queue"}
        self.gone: Exception | None = None
        self.asked = 0
        self.sent: list[str] = []
        self._now = threading.Condition()

    def is_empty(self, output: str) -> bool:
        with self._now:
            self.asked += 1
            self._now.notify_all()
        if self.gone:
            raise self.gone
        return bool(self.outputs[output])

    def poll(self, what: str) -> None:
        with self._now:
            self.sent.append(what)
            self._now.notify_all()

    def more_asked(self, times: int) -> bool:
        with self._now:
            until = self.asked + times
            return self._now.wait_for(lambda: self.asked >= until, 10)

    def more_sent(self) -> bool:
        with self._now:
            until = len(self.sent) + len(POLLS)
            return self._now.wait_for(lambda: len(self.sent) >= until, 10)


@pytest.mark.parametrize("code", ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"])
def test_the_clock_outlives_its_queue_says_so_once_and_goes_on_when_it_is_back(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = Polled()
    with schedules(cast(World, world), every_seconds=0.001):
        world.gone = refused(code)
        assert world.more_asked(3)
        world.outputs, world.gone = {}, None  # the stack is gone too
        assert world.more_asked(3)
        assert [one.getMessage() for one in caplog.records] == [
            "The poll queue is gone: nothing is polled until the sync is deployed again."
        ]
        world.outputs = {f"{one}InboxUrl": "inbox" for one in ("Aws", "Microsoft", "Google")} | {"PollQueueUrl": "new"}
        assert world.more_sent()
    assert set(world.sent) == set(POLLS)


class Cloud:
    """Adopting fails as often as told. ``sync`` is the status of that stack; all others are complete."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.adopted = 0
        self.sync: str | None = "CREATE_COMPLETE"
        self.begins: str | None = None

    def client(self, _: str) -> Any:
        return self

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self) -> Any:
        standing = {"CDKToolkit": "CREATE_COMPLETE", DATA: "CREATE_COMPLETE", SYNC: self.sync}
        return [
            {
                "Stacks": [
                    {"StackName": name, "StackStatus": status, "CreationTime": 1}
                    for name, status in standing.items()
                    if status
                ]
            }
        ]

    def adopt(self) -> Any:
        self.adopted += 1
        if self.adopted <= self.failures:
            raise refused("NotFoundException", "DescribePipe")
        self.sync, self.begins = self.begins or self.sync, None
        return {DATA: {}} | (
            {SYNC: {"WebhookUrl": "url"} if self.sync == "CREATE_COMPLETE" else {}} if self.sync else {}
        )


class Taken:
    def __init__(self, failures: int) -> None:
        self.cloud = Cloud(failures)
        self.taken: list[Any] = []

    def take_over(self, outputs: Any) -> None:
        self.taken.append(outputs)


def test_a_deployment_that_could_not_be_taken_over_is_looked_at_again() -> None:
    world = Taken(failures=1)
    followed = Followed(cast(World, world))
    with pytest.raises(ClientError):
        followed.look()
    assert followed.look()
    assert not followed.look()
    assert len(world.taken) == 1


def test_a_stack_that_is_begun_while_one_looks_is_taken_over_when_it_is_complete() -> None:
    world = Taken(failures=0)
    world.cloud.sync, world.cloud.begins = None, "CREATE_IN_PROGRESS"
    followed = Followed(cast(World, world))
    assert not followed.look()  # began with the data's stack alone
    assert not followed.look()
    assert not world.taken
    world.cloud.sync = "CREATE_COMPLETE"
    assert followed.look()
    assert world.taken == [{DATA: {}, SYNC: {"WebhookUrl": "url"}}]


def test_following_goes_on_after_a_failure_and_says_it_once(caplog: pytest.LogCaptureFixture) -> None:
    world, done = Taken(failures=3), threading.Event()
    follow(cast(World, world), done, done.set, every_seconds=0.001)
    (said,) = [one.getMessage() for one in caplog.records]
    assert said.startswith("What is deployed could not be taken over, and is tried again: ")
    assert "NotFoundException" in said
    assert world.cloud.adopted == 4
