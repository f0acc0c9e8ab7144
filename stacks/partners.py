"""The partners of a stage: each one's sync, with its polls and their intervals, and what the router must know of it.

A fourth partner of ours is one more function here and its line in ``WIRED``; one of a user's is an ``OwnPartner``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.aws_functions import INVITATIONS
from constructs_lib.aws_sync import AwsSync, AwsSyncProps
from constructs_lib.by_name import queue_by_name
from constructs_lib.google_sync import GoogleSync, GoogleSyncProps
from constructs_lib.microsoft_sync import TOKEN_POLL, MicrosoftSync, MicrosoftSyncProps
from constructs_lib.partner_access import RoleAccess
from constructs_lib.partner_central_events import INVITATION_EVENTS, MEMBER_EVENTS, OPPORTUNITY_EVENTS
from constructs_lib.partner_central_link import PARTNER_CENTRAL_SOURCE
from constructs_lib.partner_functions import inbox_of
from constructs_lib.partner_look import PartnerLook
from constructs_lib.quota_limiter import QuotaLimiter, QuotaLimiterProps
from constructs_lib.sync_queue import SyncQueue
from stacks.site import Site


@dataclass(frozen=True, kw_only=True)
class Wired:
    """One partner in place.

    Attributes:
        routed: names of the queues that the router sends to, by the environment variable in which it finds each.
        polls: what reads one page, by poll.
        every: the interval of each poll.
        queues: by the name of their dead letters; with the prefix it is their physical name.
    """

    routed: Mapping[str, str]
    polls: Mapping[str, lambda_.IFunction]
    every: Mapping[str, Duration]
    queues: Mapping[str, SyncQueue]


def wire_aws(scope: Construct, site: Site) -> Wired:
    """AWS: the sync, the invitations, and the events that Partner Central sends."""
    base = site.base
    central, data, every = base.stage.partner_central, base.data, base.stage.intervals
    sync = AwsSync(
        scope,
        "Aws",
        AwsSyncProps(
            functions=base.defaults(base.sources.aws()),
            ledger=data.ledger,
            token_secret=data.secrets.token,
            notices=site.router.notices.queue,
            events=data.events,
            partner_central=RoleAccess(
                role_arn=f"arn:aws:iam::{central.account}:role/{central.role_name}", external_id=central.external_id
            ),
            catalog=central.catalog,
            definitions=base.sources.definitions,
            name_prefix=base.names.prefix,
            inbox=base.queue("the AWS inbox", "aws-inbox"),
            invitations=base.queue("AWS invitations", "aws-invitations"),
            looks=base.queue("looks", "aws"),
            submissions=base.queue("AWS submissions", "aws-submissions"),
            quota=_shared_quota(scope, site),
            alarms=base.alarms,
        ),
    )
    _partner_central_events(site)
    undelivered = _undelivered(scope, site)
    _look_events(scope, site, sync.looks, undelivered)
    _engagement_events(scope, site, sync.looks["engagement"], undelivered)
    return Wired(
        routed={inbox_of("aws"): "aws-inbox", INVITATIONS: "aws-invitations"},
        polls=sync.polls,
        every={
            "aws.opportunities": Duration.minutes(every.opportunities_minutes),
            "aws.invitations": Duration.minutes(every.invitations_minutes),
            "aws.solutions": Duration.minutes(every.solutions_minutes),
            "aws.settings": Duration.minutes(every.settings_minutes),
            "aws.due": Duration.minutes(every.due_minutes),
            **{f"aws.{kind}": Duration.minutes(getattr(every, f"{kind}_minutes")) for kind in sync.looks},
        },
        queues={
            "aws-inbox": sync.inbox.inbox,
            "aws-invitations": sync.invitations.inbox,
            "aws-submissions": sync.submission.inbox.inbox,
            **{f"aws-{kind}": look.inbox.inbox for kind, look in sync.looks.items()},
        },
    )


def wire_microsoft(scope: Construct, site: Site) -> Wired:
    """Microsoft: the sync, its tokens, and its webhook where the stage wants one."""
    base = site.base
    data, stage, every = base.data, base.stage.microsoft, base.stage.intervals
    if stage is None or data.microsoft is None:
        raise ValueError("the stage has no block `microsoft`")
    sync = MicrosoftSync(
        scope,
        "Microsoft",
        MicrosoftSyncProps(
            functions=base.defaults(base.sources.microsoft()),
            sign_in_functions=base.defaults(base.sources.microsoft_sign_in()),
            ledger=data.ledger,
            token_secret=data.secrets.token,
            notices=site.router.notices.queue,
            events=data.events,
            secrets=data.microsoft,
            definitions=base.sources.definitions,
            ingress=site.ingress if stage.webhook else None,
            name_prefix=base.names.prefix,
            inbox=base.queue("the Microsoft inbox", "microsoft-inbox"),
            alarms=base.alarms,
        ),
    )
    return Wired(
        routed={inbox_of("microsoft"): "microsoft-inbox"},
        polls=sync.polls,
        every={
            "microsoft.opportunities": Duration.minutes(every.microsoft_minutes),
            "microsoft.due": Duration.minutes(every.due_minutes),
            TOKEN_POLL: Duration.minutes(every.microsoft_token_minutes),
        },
        queues={"microsoft-inbox": sync.inbox.inbox},
    )


def wire_google(scope: Construct, site: Site) -> Wired:
    """Google: the sync."""
    base = site.base
    data, every = base.data, base.stage.intervals
    sync = GoogleSync(
        scope,
        "Google",
        GoogleSyncProps(
            functions=base.defaults(base.sources.google()),
            ledger=data.ledger,
            token_secret=data.secrets.token,
            notices=site.router.notices.queue,
            events=data.events,
            definitions=base.sources.definitions,
            key_secret=data.google_key,
            name_prefix=base.names.prefix,
            inbox=base.queue("the Google inbox", "google-inbox"),
            alarms=base.alarms,
        ),
    )
    return Wired(
        routed={inbox_of("google"): "google-inbox"},
        polls=sync.polls,
        every={
            "google.opportunities": Duration.minutes(every.google_minutes),
            "google.due": Duration.minutes(every.due_minutes),
        },
        queues={"google-inbox": sync.inbox.inbox},
    )


WIRED: Mapping[str, Callable[[Construct, Site], Wired]] = {
    "aws": wire_aws,
    "microsoft": wire_microsoft,
    "google": wire_google,
}
"""Every partner that a stage may have on."""


def _shared_quota(scope: Construct, site: Site) -> QuotaLimiter | None:
    """The limiter that stages on one linked account and catalog share, None where this stage is the only one."""
    stage = site.base.stage
    if stage.quota.table is None:
        return None
    table = dynamodb.Table.from_table_arn(scope, "QuotaTable", stage.quota.table)
    catalog = stage.partner_central.catalog
    return QuotaLimiter(scope, "Quota", QuotaLimiterProps(partner="aws", account_key=catalog, table=table))


# What an event may be news for. The other looks are at what events of other kinds would tell, or their poll.
_WOKEN_BY_OPPORTUNITIES = ("summary", "notifications")


def _undelivered(scope: Construct, site: Site) -> sqs.IQueue:
    """The router's queue of what a rule could not deliver. Its own stack lets in the rules of this bus, by their names:
    to be let in one by one, they would have to be known there."""
    bus, queue = site.base.data.partner_events.bus, site.router.undelivered
    site.router.take_undelivered_of(bus)
    return queue_by_name(scope, "Undelivered", queue.queue_name)


def _look_events(scope: Construct, site: Site, looks: Mapping[str, PartnerLook], undelivered: sqs.IQueue) -> None:
    """An event of an opportunity goes straight to the looks, which begin with the link that it belongs to."""
    woken = [looks[kind] for kind in _WOKEN_BY_OPPORTUNITIES if kind in looks]
    message = events.RuleTargetInput.from_object(
        {
            "opportunity": events.EventField.from_path("$.detail.opportunity.identifier"),
            "why": "partner",
            "correlation_id": events.EventField.event_id,
        }
    )
    events.Rule(
        scope,
        "LookEvents",
        event_bus=site.base.data.partner_events.bus,
        description="aws: opportunities to the looks",
        event_pattern=events.EventPattern(
            source=[PARTNER_CENTRAL_SOURCE],
            detail_type=list(OPPORTUNITY_EVENTS),
            detail={"catalog": [site.base.stage.partner_central.catalog]},
        ),
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        targets=[targets.SqsQueue(look.inbox.queue, dead_letter_queue=undelivered, message=message) for look in woken],
    )


def _engagement_events(scope: Construct, site: Site, look: PartnerLook, undelivered: sqs.IQueue) -> None:
    """Who joins an engagement, and what becomes of an invitation of ours, changes no opportunity: no poll finds it."""
    sender = {"participantType": [{"equals-ignore-case": "sender"}]}
    for construct_id, types, detail, path in (
        ("MemberEvents", MEMBER_EVENTS, {}, "$.detail.engagement.id"),
        (
            "AnswerEvents",
            INVITATION_EVENTS,
            {"engagementInvitation": sender},
            "$.detail.engagementInvitation.engagementId",
        ),
    ):
        message = {
            "group": events.EventField.from_path(path),
            "why": "partner",
            "correlation_id": events.EventField.event_id,
        }
        events.Rule(
            scope,
            construct_id,
            event_bus=site.base.data.partner_events.bus,
            description="aws: engagements to their look",
            event_pattern=events.EventPattern(
                source=[PARTNER_CENTRAL_SOURCE],
                detail_type=list(types),
                detail={"catalog": [site.base.stage.partner_central.catalog], **detail},
            ),
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            targets=[
                targets.SqsQueue(
                    look.inbox.queue,
                    dead_letter_queue=undelivered,
                    message=events.RuleTargetInput.from_object(message),
                )
            ],
        )


def _partner_central_events(site: Site) -> None:
    """Only what asks for a look: opportunities, and invitations to them or to leads in which we are the receiver."""
    bus, catalog = site.base.data.partner_events.bus, [site.base.stage.partner_central.catalog]
    # Documented as Sender and Receiver, observed in capitals.
    receiver = {
        "participantType": [{"equals-ignore-case": "receiver"}],
        "payloadType": ["OpportunityInvitation", "LeadInvitation"],
    }
    for construct_id, types, detail, names in (
        ("Opportunities", OPPORTUNITY_EVENTS, {}, {"opportunities": "$.detail.opportunity.identifier"}),
        (
            "Invitations",
            INVITATION_EVENTS,
            {"engagementInvitation": receiver},
            {"invitations": "$.detail.engagementInvitation.id"},
        ),
    ):
        site.router.add_partner_events(
            construct_id,
            bus=bus,
            partner="aws",
            pattern=events.EventPattern(
                source=[PARTNER_CENTRAL_SOURCE], detail_type=list(types), detail={"catalog": catalog, **detail}
            ),
            names=names,
        )
