"""DataStack: what outlives a deployment: tables, secrets, buses, the alarm topic."""

from __future__ import annotations

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from constructs import Construct

from config.model import Stage
from config.partners.aws_notifications import Notifications
from constructs_lib.alarms import AlarmSettings
from constructs_lib.microsoft_secrets import MicrosoftSecrets, MicrosoftSecretsProps
from constructs_lib.notification_topic import NotificationTopic, NotificationTopicProps
from constructs_lib.partner_central_link import PARTNER_CENTRAL_SOURCE
from constructs_lib.secrets import HubspotSecrets, HubspotSecretsProps, empty_secret
from constructs_lib.sync_events import PartnerEvents, PartnerEventsProps, SyncEvents, SyncEventsProps
from constructs_lib.sync_ledger import SyncLedger, SyncLedgerProps
from stacks.names import Names
from stacks.own_parts import OwnParts


class DataStack(Stack):
    """Ledger, secrets, buses and the topic for alarms, in the home region."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        stage: Stage,
        notifications: Notifications,
        own: OwnParts,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("data"),
            description="cosell-sync: tables, secrets and buses",
            termination_protection=stage.protected,
        )
        # What a deployment that fails has just made is empty, and a secret's name has to be free for the next one.
        keep = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if stage.protected else RemovalPolicy.DESTROY
        ledger = SyncLedgerProps(
            deletion_protection=stage.protected, removal_policy=keep, audit_kept_days=stage.audit.kept_days
        )
        self.ledger = SyncLedger(self, "Ledger", own.ledger(self, ledger))
        secrets = HubspotSecretsProps(
            token_name=names.token_secret, webhook_name=names.webhook_secret, removal_policy=keep
        )
        self.secrets = HubspotSecrets(self, "Hubspot", own.secrets(self, secrets))
        self.microsoft = self._microsoft(names, stage, keep)
        self.google_key = self._google_key(names, stage, keep)
        self.events = SyncEvents(self, "Events", own.events(self, SyncEventsProps(name=names.events_bus)))
        partner_events = PartnerEventsProps(
            name=names.partner_events_bus, sources=[PARTNER_CENTRAL_SOURCE], accounts=[stage.partner_central.account]
        )
        self.partner_events = PartnerEvents(self, "PartnerEvents", own.partner_events(self, partner_events))
        self.alarm_topic = self._alarm_topic(keep)
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        self.alarms = AlarmSettings(topic=self.alarm_topic, runbooks_url=stage.runbooks_url)
        self.notifications = self._notifications(stage, notifications, keep)
        self._outputs()

    def _microsoft(self, names: Names, stage: Stage, keep: RemovalPolicy) -> MicrosoftSecrets | None:
        if "microsoft" not in stage.partners:
            return None
        props = MicrosoftSecretsProps(name_prefix=names.secrets, removal_policy=keep)
        secrets = MicrosoftSecrets(self, "Microsoft", props)
        for name, secret in (("App", secrets.app), ("Consent", secrets.consent), ("Access", secrets.access)):
            filled = "Filled in by `cosell microsoft login`"
            CfnOutput(self, f"Microsoft{name}Secret", value=secret.secret_arn, description=filled)
        return secrets

    def _google_key(self, names: Names, stage: Stage, keep: RemovalPolicy) -> secretsmanager.ISecret | None:
        """A key only where the stage asks for one: without it Google trusts our roles, and there is no secret."""
        if "google" not in stage.partners or stage.google is None or not stage.google.key:
            return None
        secret = empty_secret(
            self,
            "GoogleKey",
            name=f"{names.secrets}/google-key",
            empty={"client_email": "", "private_key": "", "token_uri": ""},
            why_unrotated="A key of a service account is made and replaced at Google by an operator",
            removal_policy=keep,
        )
        description = "Fill in: the JSON key of the service account"
        CfnOutput(self, "GoogleKeySecret", value=secret.secret_arn, description=description)
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return secret

    def _alarm_topic(self, keep: RemovalPolicy) -> sns.Topic:
        key = kms.Key(
            self, "AlarmKey", enable_key_rotation=True, description="Alarms of cosell-sync", removal_policy=keep
        )
        # CloudWatch may not use the account's own key for SNS, hence one of ours.
        key.add_to_resource_policy(
            iam.PolicyStatement(
                # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        topic = sns.Topic(self, "Alarms", master_key=key, enforce_ssl=True, display_name="cosell-sync alarms")
        # A topic with a policy of its own has lost the default one, by which alarms of the account may publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return topic

    def _notifications(self, stage: Stage, wanted: Notifications, keep: RemovalPolicy) -> NotificationTopic | None:
        """Messages for people outside HubSpot; here, so that subscriptions outlive the sync."""
        where = stage.notification_topic_arn or wanted.topic
        if where == "none":
            return None
        existing = None if where == "own" else sns.Topic.from_topic_arn(self, "NotificationTopic", where)
        portal = stage.hubspot.portal_id
        made = NotificationTopic(
            self,
            "Notifications",
            NotificationTopicProps(
                bus=self.events.bus,
                topic=existing,
                also=wanted.also,
                message_format=wanted.format,
                deal_url=None if portal is None else f"https://app.hubspot.com/contacts/{portal}/record/0-3/",
                display_name="cosell-sync notifications",
                removal_policy=keep,
                alarms=self.alarms,
            ),
        )
        description = "Subscribe to hear of smart notifications"
        CfnOutput(self, "NotificationTopicArn", value=made.topic.topic_arn, description=description)
        return made

    def _outputs(self) -> None:
        for name, value, description in (
            ("LedgerTableName", self.ledger.ledger.table_name, "Links and all other state"),
            ("RunsTableName", self.ledger.runs.table_name, "Documents of runs, 24 h"),
            ("AuditTableName", self.ledger.audit.table_name, "Every vendor write"),
            ("SubjectKeyArn", self.ledger.subject_key.key_arn, "Wraps people's keys; who reads audit reports decrypts"),
            ("HubspotTokenSecret", self.secrets.token.secret_arn, "Fill in: access_token"),
            ("HubspotWebhookSecret", self.secrets.webhook.secret_arn, "Fill in: client_secrets, target_urls"),
            ("EventsBusName", self.events.bus.event_bus_name, "DealSynced, Blocked, ConflictFound, ReviewChanged"),
            ("PartnerEventsBusName", self.partner_events.bus.event_bus_name, "Partner events arrive here"),
            ("AlarmTopicArn", self.alarm_topic.topic_arn, "Subscribe to hear of alarms"),
        ):
            CfnOutput(self, name, value=value, description=description)
