"""NotificationTopic: what happened on the sync bus, as readable messages on an SNS topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alarms import AlarmSettings, add_alarm
from constructs_lib.sync_queue import last_queue

SYNC_SOURCE = "cosell-sync"
"""The source of our own events."""
NOTIFICATION = "Notification"
"""Detail type of what the notification rules tell; its detail says what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a message says of an event whose detail says neither what happened nor what to do."""

    happened: str
    do: str
    priority: Literal["high", "normal"] = "normal"


WORDINGS: Mapping[str, Wording] = {
    "Blocked": Wording(
        "A deal cannot be shared as it is.", "Put right what the deal's sync message lists; it then goes out by itself."
    ),
    "ConflictFound": Wording(
        "The deal and the partner's record differ, and somebody has to decide.",
        "Set the deal to the value that is to stand; a task on the deal shows both.",
        "high",
    ),
    "ReviewChanged": Wording(
        "The partner's review of an opportunity moved on.", "Look at the review status on the deal."
    ),
    "Paused": Wording("A deal is no longer shared: its tag was taken off.", "Put the tag back if that was not meant."),
    "Closed": Wording(
        "A shared deal is gone from HubSpot; the partner's record was left as it is.",
        "Close the record at the partner if the deal is lost.",
    ),
}
"""Every further event that may be told."""


@dataclass(frozen=True, kw_only=True)
class NotificationTopicProps:
    """Messages on a topic.

    Attributes:
        bus: the sync bus.
        topic: bring your own, in the region of the bus. Its policy must let ``events.amazonaws.com`` publish, and so
            must the key of an encrypted one. Default an own topic, encrypted, TLS only.
        also: further events to be told, keys of ``WORDINGS``; default none.
        message_format: ``text``, a few lines for e-mail; ``chat``, what Amazon Q in chat applications takes for Slack
            and Teams. Default ``text``.
        deal_url: what comes before a deal's id in its address; default None, the deal is named by its id.
        display_name: the sender of e-mails; default ``cosell-sync``.
        removal_policy: of the own topic's key.
        alarms: default on, told to nobody.
    """

    bus: events.IEventBus
    topic: sns.ITopic | None = None
    also: Sequence[str] = ()
    message_format: Literal["text", "chat"] = "text"
    deal_url: str | None = None
    display_name: str = "cosell-sync"
    removal_policy: RemovalPolicy = RemovalPolicy.DESTROY
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class NotificationTopic(Construct):
    """Rules on the sync bus that publish ``Notification`` events, and others that were asked for, to a topic.

    A message holds priority, what happened, what to do, by when, the deal's id or address, the opportunity's id and the
    rule: no value of a customer, since events hold none. A message that could not be delivered for a day goes to
    ``undelivered``, whose depth is an alarm; the deal shows the same by task and note, so nobody depends on it.
    """

    def __init__(self, scope: Construct, construct_id: str, props: NotificationTopicProps) -> None:
        super().__init__(scope, construct_id)
        unknown = sorted(set(props.also) - set(WORDINGS))
        if unknown:
            raise ValueError(f"{self.node.path}: no wording for {unknown[0]!r}; allowed: {', '.join(WORDINGS)}")
        self._props = props
        self._topic = props.topic or self._own_topic(props)
        self._undelivered = self._own_undelivered(props)
        self._tell(NOTIFICATION, None)
        for kind in props.also:
            self._tell(kind, WORDINGS[kind])

    @property
    def topic(self) -> sns.ITopic:
        """Where the messages are: subscribe to it."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._topic

    @property
    def undelivered(self) -> sqs.IQueue:
        """Events of which no message could be published."""
        return self._undelivered

    def _tell(self, kind: str, wording: Wording | None) -> None:
        lines = _lines(wording, self._props.deal_url)
        message = _as_text(lines) if self._props.message_format == "text" else _as_chat(lines)
        events.Rule(
            self,
            kind,
            event_bus=self._props.bus,
            description=f"{kind} to the notification topic",
            event_pattern=events.EventPattern(source=[SYNC_SOURCE], detail_type=[kind]),
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            targets=[targets.SnsTopic(self._topic, message=message, dead_letter_queue=self._undelivered)],
        )

    def _own_topic(self, props: NotificationTopicProps) -> sns.Topic:
        # EventBridge may not use the account's own key for SNS, hence one of ours; the target lets it use this one.
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        key = kms.Key(
            self,
            "Key",
            enable_key_rotation=True,
            description="Notifications of cosell-sync",
            removal_policy=props.removal_policy,
        )
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        return sns.Topic(self, "Topic", master_key=key, enforce_ssl=True, display_name=props.display_name)

    def _own_undelivered(self, props: NotificationTopicProps) -> sqs.Queue:
        queue = last_queue(
            self,
            "Undelivered",
            visibility=Duration.minutes(6),
            reason="Events of which no message could be published; the deals show the same, its depth is an alarm",
        )
        acknowledge(
            queue, "It is the dead letter queue of rules, which the rule pack does not look at", "AwsSolutions-SQS3"
        )
        add_alarm(
            self,
            "NotDelivered",
            metric=queue.metric_approximate_number_of_messages_visible(statistic="Maximum"),
            description="A rule could not publish to the notification topic; look at the topic's policy and key",
            runbook="events-not-delivered",
            settings=props.alarms,
        )
        return queue


def _lines(wording: Wording | None, deal_url: str | None) -> Mapping[str, str]:
    """The parts of a message. What the detail says itself is a placeholder that the rule fills in."""

    def of(path: str) -> str:
        return events.EventField.from_path(f"$.detail.{path}")

    own = wording is None
    deal = of("deal_id")
    return {
        "title": f"[{of('priority') if own else wording.priority}] {of('happened') if own else wording.happened}",
        "What to do": of("do") if own else wording.do,
        **({"By when": of("due")} if own else {}),
        "Deal": f"{deal_url}{deal}" if deal_url else f"{deal} in HubSpot",
        "Opportunity": f"{of('opportunity_id')} ({of('partner')})",
        **({"Rule": of("rule")} if own else {"Event": events.EventField.detail_type}),
    }


def _as_text(lines: Mapping[str, str]) -> events.RuleTargetInput:
    """One line each. EventBridge keeps the quotation marks that its template needs around every line."""
    title, *others = lines.values()
    names = list(lines)[1:]
    told = [title, *(f"{name}: {text}" for name, text in zip(names, others, strict=True))]
    return events.RuleTargetInput.from_multiline_text("\n".join(told))


def _as_chat(lines: Mapping[str, str]) -> events.RuleTargetInput:
    """A custom notification: anything else Amazon Q in chat applications drops without a word.

    https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """
    described = "  \n".join(f"*{name}:* {text}" for name, text in lines.items() if name not in ("title", "What to do"))
    content = {
        "textType": "client-markdown",
        "title": lines["title"],
        "description": described,
        "nextSteps": [lines["What to do"]],
    }
    return events.RuleTargetInput.from_object({"version": "1.0", "source": "custom", "content": content})
