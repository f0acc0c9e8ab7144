"""PartnerLook: a small sync of its own for one thing that a partner only shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.alarms import AlarmSettings
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.parts import function_part, queue_part, table_part, text_part
from constructs_lib.sync_queue import SyncQueueProps


@dataclass(frozen=True, kw_only=True)
class PartnerLookProps:
    """One kind of look.

    Attributes:
        partner: its name in keys of links, ``aws``.
        kind: what is looked at, ``summary``: name of the machine, of what is seen in the ledger, and of the poll.
        definition: ``look.asl.json``, or one with the same placeholders.
        functions: ``BeginLook``, ``ShowFindings`` and ``RememberFindings``, which all looks of a partner share, and the
            ``Gather`` of this kind.
        ledger: the ledger table (failure reports).
        name_prefix: the machine is named ``<prefix>-<partner>-<kind>``; default ``cosell``.
        inbox: the queue of wake-ups; default an own one with six minutes of visibility and three receives.
        machine: bring your own role and log group of the machine and role of its Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    partner: str
    kind: str
    definition: Path
    functions: Mapping[str, lambda_.IFunction]
    ledger: dynamodb.ITable
    name_prefix: str = "cosell"
    inbox: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="looks"))
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class PartnerLook(Construct):
    """Inbox and machine of one kind of look, with their alarms.

    Input: an array of one SQS message ``{"link", "why", "correlation_id"}``, or ``opportunity`` instead of ``link``.
    Output: none; what was news stands on the deal, was told and announced, and is remembered in the ledger
    (``seen#<kind>`` of the link). A look that finds nothing new costs what its Gather reads, and no call to HubSpot.
    Errors: a vendor that is away or throttles sends the message again, later each time, for two hours; then, and on a
    bug, the execution fails and the inbox's dead letter queue takes the message.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PartnerLookProps) -> None:
        super().__init__(scope, construct_id)
        purpose = f"{props.partner}'s {props.kind}"
        self._inbox = PartnerInbox(self, "Inbox", replace(props.inbox, purpose=purpose, alarms=props.alarms))
        self._sync = ExpressSync(
            self,
            "Look",
            ExpressSyncProps(
                name=f"{props.name_prefix}-{props.partner}-{props.kind}",
                definition=props.definition,
                parts={
                    **{name: function_part(function) for name, function in props.functions.items()},
                    "Partner": text_part(props.partner),
                    "Kind": text_part(props.kind),
                    "InboxUrl": queue_part(self._inbox.queue),
                    "LedgerTable": table_part(props.ledger),
                },
                role=props.machine.role,
                log_group=props.machine.log_group,
                runbook="look-failed",
                alarms=props.alarms,
            ),
        )
        self._inbox.feed(self._sync.machine, role=props.machine.pipe_role)

    @property
    def inbox(self) -> PartnerInbox:
        """Links and opportunities to be looked at."""
        return self._inbox

    @property
    def sync(self) -> ExpressSync:
        """The machine."""
        return self._sync
