"""PartnerSync: HubSpot deals and one partner's opportunities, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import AlarmSettings
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.needs import Needs, Resources, build_function
from constructs_lib.partner_access import PartnerAccess
from constructs_lib.partner_functions import NOTICES, inbox_of, poll_functions, sync_functions
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.parts import function_part, queue_part, table_part
from constructs_lib.quota_limiter import QuotaLimiter, QuotaLimiterProps
from constructs_lib.sync_events import SyncEvents
from constructs_lib.sync_function import FunctionDefaults, SyncFunction
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueueProps

DEFINITION = "sync.asl.json"
WHOLE_ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class PartnerSyncProps:
    """The sync with one partner.

    Attributes:
        partner: its name in the settings and in keys of links, ``aws``.
        room: the module of its room, ``lambdas.aws.room`` (see ``lambdas/shared/room.py``), part of the code.
        functions: what all functions share, the code among it.
        ledger: the three tables.
        token_secret: HubSpot's access token.
        notices: the notices queue (polls store there).
        events: where outcomes are announced.
        access: how functions reach the partner.
        definitions: folder with ``sync.asl.json``.
        account_key: what the partner counts its quota by; default the account as a whole.
        name_prefix: the machine is named ``<prefix>-<partner>-sync``; default ``cosell``.
        inbox: the queue of wake-ups; default an own one with six minutes of visibility and three receives.
        quota: bring your own limiter; default one in the ledger. Stages on one partner account must share one table
            for it, or together they exceed the account's quota.
        machine: bring your own role and log group of the machine and role of its Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    partner: str
    room: str
    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    notices: sqs.IQueue
    events: SyncEvents
    access: PartnerAccess
    definitions: Path
    account_key: str = WHOLE_ACCOUNT
    name_prefix: str = "cosell"
    inbox: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="a partner's inbox"))
    quota: QuotaLimiter | None = None
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class PartnerSync(Construct):
    """Inbox, functions, machine and polls of one partner; the same for all of them.

    Input: an array of one SQS message ``{"link", "why", "correlation_id"}``. Output: the run's outcome; deal and
    opportunity are equal, or the link says why not and when to try again. Errors: only the unexpected fails the
    execution; throttled, refused, rejected and conflicting runs end well with a state on the link.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PartnerSyncProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._inbox = PartnerInbox(self, "Inbox", replace(props.inbox, alarms=props.alarms))
        self._quota = props.quota or QuotaLimiter(
            self,
            "Quota",
            QuotaLimiterProps(partner=props.partner, account_key=props.account_key, table=props.ledger.ledger),
        )
        self._functions: dict[str, SyncFunction] = {}
        self._sync_functions = sync_functions(props.partner)
        self._poll_functions = poll_functions(props.partner)
        self.add_functions({**self._sync_functions, **self._poll_functions})
        self._share_quota()
        self._machine = self._build_machine()
        self._inbox.feed(self._machine.machine, role=props.machine.pipe_role)

    @property
    def inbox(self) -> PartnerInbox:
        """Wake-ups of links."""
        return self._inbox

    @property
    def quota(self) -> QuotaLimiter:
        """The limiter of writes to the partner."""
        return self._quota

    @property
    def functions(self) -> Mapping[str, SyncFunction]:
        """The functions by placeholder (``FetchDeal``) or poll (``aws.due``)."""
        return self._functions

    @property
    def polls(self) -> Mapping[str, lambda_.IFunction]:
        """What reads one page, by the name of the poll."""
        return {name: self._functions[name].invocable for name in self._poll_functions}

    @property
    def sync(self) -> ExpressSync:
        """The machine that brings one deal and its opportunity together."""
        return self._machine

    def add_functions(
        self, wanted: Mapping[str, Needs], queues: Mapping[str, sqs.IQueue] | None = None
    ) -> dict[str, SyncFunction]:
        """Functions that this partner has beside the common ones; ``queues`` are those that only they send to."""
        props = self._props
        resources = Resources(
            functions=props.functions,
            ledger=props.ledger,
            token_secret=props.token_secret,
            events=props.events,
            partner=props.access,
            room=props.room,
            queues={NOTICES: props.notices, inbox_of(props.partner): self._inbox.queue, **(queues or {})},
        )
        made = {
            name: build_function(self, _construct_id(needs, props.partner), needs, resources)
            for name, needs in wanted.items()
        }
        self._functions |= made
        return made

    def _share_quota(self) -> None:
        reserve = self._functions["ReserveQuota"]
        self._quota.grant_reserve(reserve)
        if self._props.quota is not None:
            # By ARN, since a table that stages share may lie in another account than the function.
            reserve.add_environment("COSELL_QUOTA_TABLE", self._quota.table.table_arn)

    def _build_machine(self) -> ExpressSync:
        props = self._props
        functions = {name: function_part(self._functions[name].invocable) for name in self._sync_functions}
        return ExpressSync(
            self,
            "Sync",
            ExpressSyncProps(
                name=f"{props.name_prefix}-{props.partner}-sync",
                definition=props.definitions / DEFINITION,
                parts={
                    **functions,
                    "InboxUrl": queue_part(self._inbox.queue),
                    "LedgerTable": table_part(props.ledger.ledger),
                },
                role=props.machine.role,
                log_group=props.machine.log_group,
                alarms=props.alarms,
            ),
        )


def _construct_id(needs: Needs, partner: str) -> str:
    return "".join(part.capitalize() for part in needs.name.removeprefix(f"{partner}-").split("-"))
