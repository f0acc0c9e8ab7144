"""An event on the sync bus becomes a message on the topic, in the local cloud as it is deployed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_events as events

from constructs_lib.notification_topic import SYNC_SOURCE, NotificationTopic, NotificationTopicProps
from sandbox.local_cloud.topics import TopicReader
from tests.workflow.local_cloud.tiny import Deployed, eventually

DETAIL = {
    "rule": "opportunity_quality",
    "fact": "notify:opportunity_quality:1:up-high",
    "priority": "high",
    "happened": "AWS's opportunity quality reached the high mark of 80.",
    "do": "Talk to the AWS team on this deal.",
    "due": "2026-09-22 14:13 UTC",
    "partner": "aws",
    "deal_id": "500",
    "opportunity_id": "O1",
}


URL = "https://app.hubspot.com/contacts/300/record/0-3/"


@dataclass
class Told:
    """A bus with two topics on it: one for mail, one for chat."""

    tiny: Deployed
    bus: str
    mail: TopicReader
    chat: TopicReader

    def announce(self, kind: str, detail: dict[str, Any]) -> None:
        entry = {"Source": SYNC_SOURCE, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": self.bus}
        assert self.tiny.cloud.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.fixture(scope="module")
def told(tiny: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Told:
    app = App(outdir=str(tmp_path_factory.mktemp("told")))
    stack = Stack(app, "Told", env=Environment(account=tiny.cloud.account, region=tiny.cloud.region))
    bus = events.EventBus(stack, "Bus")
    mail = NotificationTopicProps(bus=bus, deal_url=URL, also=["ConflictFound"])
    chat = NotificationTopicProps(bus=bus, message_format="chat")
    CfnOutput(stack, "TheBus", value=bus.event_bus_name)
    for name, props in (("Mail", mail), ("Chat", chat)):
        CfnOutput(stack, f"{name}Arn", value=NotificationTopic(stack, name, props).topic.topic_arn)
    app.synth()
    outputs = tiny.cloud.deploy(Path(app.outdir))["Told"]
    readers = (TopicReader(tiny.cloud.clients, outputs[f"{name}Arn"]) for name in ("Mail", "Chat"))
    return Told(tiny, outputs["TheBus"], *readers)


def test_a_notification_is_read_line_by_line_and_other_events_are_not_told(told: Told):
    told.announce("DealSynced", DETAIL)
    told.announce("Notification", DETAIL)
    told.announce("ConflictFound", {"partner": "aws", "deal_id": "500", "opportunity_id": "O1"})
    messages = eventually(lambda: found if len(found := told.mail.messages()) > 1 else None)
    notification, conflict = sorted(messages, key=lambda text: "Rule:" not in text)
    assert notification.splitlines() == [
        f"[high] {DETAIL['happened']}",
        f"What to do: {DETAIL['do']}",
        f"By when: {DETAIL['due']}",
        f"Deal: {URL}500",
        "Opportunity: O1 (aws)",
        "Rule: opportunity_quality",
    ]
    assert conflict.startswith("[high] The deal and the partner's record differ")


def test_a_message_for_chat_is_json_even_where_a_part_is_missing(told: Told):
    before = len(told.chat.messages())
    told.announce("Notification", {name: text for name, text in DETAIL.items() if name != "opportunity_id"})
    message = eventually(lambda: found[-1] if len(found := told.chat.messages()) > before else None)
    content = json.loads(message)["content"]
    assert content["title"] == f"[high] {DETAIL['happened']}"
    assert content["nextSteps"] == [DETAIL["do"]]
