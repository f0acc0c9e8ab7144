"""MicrosoftSync: HubSpot deals and Microsoft Partner Center referrals, both ways, and the tokens that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import AlarmSettings, add_alarm, product_metric
from constructs_lib.express_sync import ExpressSync, FedMachineParts
from constructs_lib.microsoft_secrets import MicrosoftSecrets
from constructs_lib.partner_access import SecretAccess
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.partner_sync import PartnerSync, PartnerSyncProps
from constructs_lib.partner_webhook import PartnerWebhook, PartnerWebhookProps
from constructs_lib.secrets import grant_replace, grant_secret
from constructs_lib.sync_events import SyncEvents
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueueProps
from constructs_lib.webhook_ingress import WebhookIngress

PARTNER = "microsoft"
ROOM = "lambdas.microsoft.room"
ACCESS_SECRET = "COSELL_MICROSOFT_ACCESS_SECRET"  # noqa: S105 - the name of a variable
TOKEN_POLL = "microsoft.token"  # noqa: S105 - the name of a poll
# Of five minutes each: an hour. The token is looked after every quarter of an hour.
CONSENT_PERIODS = 12


@dataclass(frozen=True, kw_only=True)
class MicrosoftSyncProps:
    """The Microsoft sync.

    Attributes:
        functions: what all functions share.
        sign_in_functions: the same with the code that can sign in and check signatures (it holds msal).
        ledger: the three tables.
        token_secret: HubSpot's access token.
        notices: the notices queue (polls and the webhook store there).
        events: where outcomes are announced.
        secrets: app, consent and access token.
        definitions: folder with ``sync.asl.json``.
        ingress: where Partner Center's own webhook comes in, ``notices/microsoft``; default None: the poll is enough.
        name_prefix: the machine is named ``<prefix>-microsoft-sync``; default ``cosell``.
        inbox: default an own queue with six minutes of visibility and three receives.
        machine: bring your own role and log group of the machine and role of its Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    functions: FunctionDefaults
    sign_in_functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    notices: sqs.IQueue
    events: SyncEvents
    secrets: MicrosoftSecrets
    definitions: Path
    ingress: WebhookIngress | None = None
    name_prefix: str = "cosell"
    inbox: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="the Microsoft inbox"))
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class MicrosoftSync(Construct):
    """The sync with Microsoft, the one function that renews its tokens, and the webhook that wakes it sooner.

    ``sync``: as ``PartnerSync`` says it. Errors beside those: while the consent is dead every run ends well, its link
    waits, and an alarm says so; after a new consent all of them go on.
    """

    def __init__(self, scope: Construct, construct_id: str, props: MicrosoftSyncProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._partner = PartnerSync(
            self,
            "Partner",
            PartnerSyncProps(
                partner=PARTNER,
                room=ROOM,
                functions=props.functions,
                ledger=props.ledger,
                token_secret=props.token_secret,
                notices=props.notices,
                events=props.events,
                access=SecretAccess(variable=ACCESS_SECRET, secret=props.secrets.access),
                definitions=props.definitions,
                name_prefix=props.name_prefix,
                inbox=props.inbox,
                machine=props.machine,
                alarms=props.alarms,
            ),
        )
        self._refresh = self._own_refresh(props.secrets)
        self._webhook = None if props.ingress is None else self._own_webhook(props.ingress)
        self._add_alarms()

    @property
    def inbox(self) -> PartnerInbox:
        """Wake-ups of links."""
        return self._partner.inbox

    @property
    def functions(self) -> Mapping[str, SyncFunction]:
        """The functions by placeholder (``FetchDeal``) or poll (``microsoft.due``)."""
        return {**self._partner.functions, TOKEN_POLL: self._refresh}

    @property
    def polls(self) -> Mapping[str, lambda_.IFunction]:
        """What reads one page, by the name of the poll; among them what looks after the tokens."""
        return {**self._partner.polls, TOKEN_POLL: self._refresh.invocable}

    @property
    def sync(self) -> ExpressSync:
        """The machine that brings one deal and its referral together."""
        return self._partner.sync

    @property
    def webhook(self) -> PartnerWebhook | None:
        """Where Partner Center's notices come in, if they do."""
        return self._webhook

    def _own_refresh(self, secrets: MicrosoftSecrets) -> SyncFunction:
        refresh = SyncFunction(
            self,
            "RefreshToken",
            SyncFunctionProps(
                name="microsoft-refresh-token",
                handler="lambdas.microsoft.handlers.refresh_token.handler",
                defaults=self._props.sign_in_functions,
                description="Owns the consent: renews it daily, and the access token before it ends",
            ),
        )
        grant_secret(refresh, "COSELL_MICROSOFT_APP_SECRET", secrets.app)
        for variable, secret in (("COSELL_MICROSOFT_CONSENT_SECRET", secrets.consent), (ACCESS_SECRET, secrets.access)):
            grant_secret(refresh, variable, secret)
            grant_replace(refresh, secret)
        return refresh

    def _own_webhook(self, ingress: WebhookIngress) -> PartnerWebhook:
        return PartnerWebhook(
            self,
            "Webhook",
            PartnerWebhookProps(
                partner=PARTNER,
                handler="lambdas.microsoft.handlers.receive_notification.handler",
                functions=self._props.sign_in_functions,
                ingress=ingress,
                notices=self._props.notices,
                ledger=self._props.ledger,
                alarms=self._props.alarms,
            ),
        )

    def _add_alarms(self) -> None:
        service = self._props.sign_in_functions.service
        for metric, runbook, description in (
            (
                "ConsentDead",
                "consent-dead",
                "Microsoft ended our consent: somebody has to sign in anew (cosell microsoft login)",
            ),
            (
                "ConsentMissing",
                "consent-missing",
                "Nobody has consented to Microsoft's access yet (cosell microsoft login)",
            ),
        ):
            add_alarm(
                self,
                metric,
                metric=product_metric(metric, service),
                description=f"{description}; links wait, nothing is lost",
                runbook=runbook,
                settings=self._props.alarms,
                periods=CONSENT_PERIODS,
                stays=True,
            )
