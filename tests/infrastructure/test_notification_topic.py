"""Notifications leave on a topic: readable, without a customer's value, and nothing is lost unnoticed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import Stage as CdkStage
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

import config
from config.partners.aws_notifications import Notifications
from constructs_lib.alarms import AlarmSettings
from constructs_lib.notification_topic import WORDINGS, NotificationTopic, NotificationTopicProps
from lambdas.aws.domain.notify.findings import find
from lambdas.aws.domain.notify.view import View
from lambdas.shared.adapters.announcements import SOURCE
from lambdas.shared.domain.settlement import ANNOUNCED, REVIEW_CHANGED
from stacks.data_stack import DataStack
from stacks.names import Names
from stacks.own_parts import OwnParts
from tests.infrastructure.conftest import ROOT
from tests.unit.notifications.notify_support import BERLIN, NOON, SETTINGS


def made(stack: Stack, **props: Any) -> NotificationTopic:
    bus = events.EventBus(stack, "Bus")
    return NotificationTopic(stack, "Notifications", NotificationTopicProps(bus=bus, **props))


def rules(stack: Stack) -> dict[str, dict[str, Any]]:
    """Each rule's properties by the event that it is about."""
    found = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    return {each["Properties"]["EventPattern"]["detail-type"][0]: each["Properties"] for each in found}


def rendered(rule: dict[str, Any], event: dict[str, Any]) -> str:
    """The message that EventBridge makes of an event: in a text a value goes in as it is, elsewhere in quotes."""
    transformer = rule["Targets"][0]["InputTransformer"]
    values: dict[str, str] = {}
    for name, path in transformer["InputPathsMap"].items():
        value: Any = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        values[name] = value

    def fill(match: re.Match[str]) -> str:
        token = match.group(0)
        if token.startswith("<"):
            return json.dumps(values[token[1:-1]])
        return re.sub(r"<([^<>]+)>", lambda one: values[one.group(1)], token)

    return re.sub(r'"(?:\\.|[^"\\])*"|<[^<>]+>', fill, transformer["InputTemplate"])


def event(kind: str = "Notification", **more: str) -> dict[str, Any]:
    """What the rule about quality announces, as remember_findings completes it."""
    seen = {"rules": {"opportunity_quality": {"score": 50}}, "count": {}}
    (told,) = find(seen, View(quality=90), SETTINGS, now_ms=NOON, zone=BERLIN)["announce"]
    about = {"partner": "aws", "deal_id": "500", "opportunity_id": "O1", "correlation_id": "c"}
    return {"detail-type": kind, "detail": {**told["detail"], **about, **more}}


def test_a_message_of_text_reads_line_by_line(stack: Stack):
    made(stack, deal_url="https://app.hubspot.com/contacts/300/record/0-3/")
    assert rendered(rules(stack)["Notification"], event()).split("\n") == [
        '"[high] AWS\'s opportunity quality reached the high mark of 80."',
        f'"What to do: {event()["detail"]["do"]}"',
        '"By when: 2026-09-22 14:13 UTC"',
        '"Deal: https://app.hubspot.com/contacts/300/record/0-3/500"',
        '"Opportunity: O1 (aws)"',
        '"Rule: opportunity_quality"',
    ]


def test_a_message_for_chat_is_what_amazon_q_takes(stack: Stack):
    made(stack, message_format="chat")
    message = json.loads(rendered(rules(stack)["Notification"], event()))
    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert message["content"]["title"] == "[high] AWS's opportunity quality reached the high mark of 80."
    assert "*Deal:* 500 in HubSpot" in message["content"]["description"]
    assert message["content"]["nextSteps"][0].startswith("Talk to the AWS team")


def test_further_events_have_words_of_their_own(stack: Stack):
    made(stack, also=list(WORDINGS))
    assert set(rules(stack)) == {"Notification", *WORDINGS}
    message = rendered(rules(stack)["ConflictFound"], event("ConflictFound"))
    assert message.startswith('"[high] The deal and the partner\'s record differ, and somebody has to decide."')
    assert '"Event: ConflictFound"' in message
    for rule in rules(stack).values():
        assert rule["EventPattern"]["source"] == [SOURCE]


def test_what_may_also_be_told_is_announced_and_has_words(stack: Stack):
    assert set(WORDINGS) <= {*ANNOUNCED.values(), REVIEW_CHANGED}
    assert Notifications.model_validate({"also": list(WORDINGS)}).also == tuple(WORDINGS)
    with pytest.raises(ValueError, match="no wording for 'DealSynced'; allowed: Blocked"):
        made(stack, also=["DealSynced"])


def test_no_text_of_ours_breaks_a_message():
    for wording in WORDINGS.values():
        assert not set(f"{wording.happened}{wording.do}") & set('"\\<>\n')


def test_the_own_topic_is_encrypted_takes_tls_only_and_lets_the_bus_publish(stack: Stack):
    made(stack)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": Match.any_value()})
    template.has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})
    events_may = {"Action": "sns:Publish", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    tls_only = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    (policy,) = template.find_resources("AWS::SNS::TopicPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    for wanted in (events_may, tls_only):
        assert any(wanted.items() <= each.items() for each in statements)
    (key,) = template.find_resources("AWS::KMS::Key").values()
    using = [each for each in key["Properties"]["KeyPolicy"]["Statement"] if "Service" in each["Principal"]]
    assert [each["Principal"]["Service"] for each in using] == ["events.amazonaws.com"]


def test_what_could_not_be_published_waits_in_a_queue_and_raises_an_alarm(stack: Stack):
    made(stack, alarms=AlarmSettings())
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::SQS::Queue", 1)
    template.has_resource_properties("AWS::CloudWatch::Alarm", {"Threshold": 1, "Namespace": "AWS/SQS"})
    assert "DeadLetterConfig" in rules(stack)["Notification"]["Targets"][0]


def test_the_topic_can_be_the_user_s(stack: Stack):
    arn = "arn:aws:sns:eu-central-1:111111111111:mine"
    topic = sns.Topic.from_topic_arn(stack, "Mine", arn)
    assert made(stack, topic=topic).topic is topic
    Template.from_stack(stack).resource_count_is("AWS::SNS::Topic", 0)
    Template.from_stack(stack).resource_count_is("AWS::KMS::Key", 0)
    assert rules(stack)["Notification"]["Targets"][0]["Arn"] == arn


@pytest.mark.parametrize(
    ("general", "of_the_stage", "topics", "target"),
    [
        ("own", None, 2, None),
        ("none", None, 1, "no rule"),
        ("own", "arn:aws:sns:eu-central-1:111111111111:mine", 1, "arn:aws:sns:eu-central-1:111111111111:mine"),
        ("none", "arn:aws:sns:eu-central-1:111111111111:mine", 1, "arn:aws:sns:eu-central-1:111111111111:mine"),
    ],
)
def test_the_data_stack_publishes_where_the_configuration_says(
    general: str, of_the_stage: str | None, topics: int, target: str | None
):
    stage = config.load(ROOT / "config").stages["dev"].model_copy(update={"notification_topic_arn": of_the_stage})
    names, home = Names("dev", stage.account, stage.region), Environment(account=stage.account, region=stage.region)
    wanted = Notifications(topic=general)
    scope = CdkStage(App(), "Dev", env=home)
    data = DataStack(scope, "Data", names=names, stage=stage, notifications=wanted, own=OwnParts())
    template = Template.from_stack(data)
    template.resource_count_is("AWS::SNS::Topic", topics)
    found = rules(data)
    if target == "no rule":
        assert found == {}
    elif target is not None:
        assert found["Notification"]["Targets"][0]["Arn"] == target
