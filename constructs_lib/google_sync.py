"""GoogleSync: HubSpot deals and Google Cloud opportunities, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import AlarmSettings
from constructs_lib.express_sync import ExpressSync, FedMachineParts
from constructs_lib.partner_access import FederatedAccess, SecretAccess
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.partner_sync import PartnerSync, PartnerSyncProps
from constructs_lib.sync_events import SyncEvents
from constructs_lib.sync_function import FunctionDefaults, SyncFunction
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueueProps

PARTNER = "google"
ROOM = "lambdas.google.room"


@dataclass(frozen=True, kw_only=True)
class GoogleSyncProps:
    """The Google sync.

    Attributes:
        functions: what all functions share; the code holds google-auth.
        ledger: the three tables.
        token_secret: HubSpot's access token.
        notices: the notices queue (polls store there).
        events: where outcomes are announced.
        definitions: folder with ``sync.asl.json``.
        key_secret: a service account's JSON key. Default None: Google trusts the functions' own roles by workload
            identity federation, and no key exists at all.
        name_prefix: the machine is named ``<prefix>-google-sync``; default ``cosell``.
        inbox: default an own queue with six minutes of visibility and three receives.
        machine: bring your own role and log group of the machine and role of its Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    notices: sqs.IQueue
    events: SyncEvents
    definitions: Path
    key_secret: secretsmanager.ISecret | None = None
    name_prefix: str = "cosell"
    inbox: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="the Google inbox"))
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class GoogleSync(Construct):
    """The sync with Google. ``sync``: as ``PartnerSync`` says it."""

    def __init__(self, scope: Construct, construct_id: str, props: GoogleSyncProps) -> None:
        super().__init__(scope, construct_id)
        key = props.key_secret
        access = FederatedAccess() if key is None else SecretAccess(variable="COSELL_GOOGLE_KEY_SECRET", secret=key)
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
                access=access,
                definitions=props.definitions,
                name_prefix=props.name_prefix,
                inbox=props.inbox,
                machine=props.machine,
                alarms=props.alarms,
            ),
        )

    @property
    def inbox(self) -> PartnerInbox:
        """Wake-ups of links."""
        return self._partner.inbox

    @property
    def functions(self) -> Mapping[str, SyncFunction]:
        """The functions by placeholder (``FetchDeal``) or poll (``google.due``)."""
        return self._partner.functions

    @property
    def polls(self) -> Mapping[str, lambda_.IFunction]:
        """What reads one page, by the name of the poll."""
        return self._partner.polls

    @property
    def sync(self) -> ExpressSync:
        """The machine that brings one deal and its opportunity together."""
        return self._partner.sync
