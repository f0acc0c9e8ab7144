"""AwsSync: HubSpot deals and AWS Partner Central opportunities, both ways, and the invitations that AWS sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import AlarmSettings
from constructs_lib.aws_functions import (
    ACCEPTANCE_FUNCTIONS,
    INVITATION_POLL,
    INVITATIONS,
    LOOKS,
    SETTINGS_POLL,
    SOLUTION_POLL,
    SUBMISSION_FUNCTIONS,
)
from constructs_lib.aws_submission import AwsSubmission, AwsSubmissionProps
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.partner_access import RoleAccess
from constructs_lib.partner_functions import look_functions, look_inbox_of, look_poll
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.partner_look import PartnerLook, PartnerLookProps
from constructs_lib.partner_sync import PartnerSync, PartnerSyncProps
from constructs_lib.parts import function_part, grant_send, queue_part, table_part
from constructs_lib.quota_limiter import QuotaLimiter
from constructs_lib.sync_events import SyncEvents
from constructs_lib.sync_function import FunctionDefaults, SyncFunction
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueueProps

PARTNER = "aws"
ROOM = "lambdas.aws.room"


@dataclass(frozen=True, kw_only=True)
class AwsSyncProps:
    """The AWS sync.

    Attributes:
        functions: what all functions share.
        ledger: the three tables.
        token_secret: HubSpot's access token.
        notices: the notices queue (polls store there).
        events: where outcomes are announced.
        partner_central: the role in the account linked to Partner Central.
        catalog: ``AWS`` or ``Sandbox``.
        definitions: folder with ``sync.asl.json``, ``aws_accept_invitation.asl.json`` and ``look.asl.json``.
        name_prefix: machines are named ``<prefix>-aws-sync``, ``<prefix>-aws-accept-invitation`` and
            ``<prefix>-aws-<kind>`` for each kind of look; default ``cosell``.
        inbox, invitations: the two queues; default own ones with six minutes of visibility and three receives.
        quota: bring your own limiter; default one in the ledger. Stages on one linked account and catalog must share
            one table for it, or together they exceed the account's quota.
        sync_machine, acceptance_machine: bring your own role and log group of the machine and role of its Pipe; default
            own ones.
        looks: the queues of the looks, one for each kind, which is added to their ``name``; default as the inbox.
        look_machines: as ``sync_machine``, by kind of look.
        submissions: the queue of submissions; default as the inbox.
        submission_machine: as ``sync_machine``.
        alarms: default on, told to nobody.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    notices: sqs.IQueue
    events: SyncEvents
    partner_central: RoleAccess
    catalog: str
    definitions: Path
    name_prefix: str = "cosell"
    inbox: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="the AWS inbox"))
    invitations: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="AWS invitations"))
    quota: QuotaLimiter | None = None
    sync_machine: FedMachineParts = field(default_factory=FedMachineParts)
    acceptance_machine: FedMachineParts = field(default_factory=FedMachineParts)
    looks: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="looks"))
    look_machines: Mapping[str, FedMachineParts] = field(default_factory=dict)
    submissions: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="AWS submissions"))
    submission_machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class AwsSync(Construct):
    """The sync with AWS, and beside it the queue and the machine that accept invitations.

    ``sync``: as ``PartnerSync`` says it.

    ``acceptance``. Input: an array of one SQS message ``{"invitation", "why", "correlation_id"}``. Output: it
    is accepted (or left, by rule) and its opportunity has a link that is woken. Errors: as of the sync.

    ``submission``. As ``AwsSubmission`` says it; the sync asks for it once a deal is ready and a person said yes.

    ``looks``. One for each kind in ``aws_functions.LOOKS``, as ``PartnerLook`` says it.
    """

    def __init__(self, scope: Construct, construct_id: str, props: AwsSyncProps) -> None:
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
                access=props.partner_central,
                account_key=props.catalog,
                definitions=props.definitions,
                name_prefix=props.name_prefix,
                inbox=props.inbox,
                quota=props.quota,
                machine=props.sync_machine,
                alarms=props.alarms,
            ),
        )
        self._invitations = PartnerInbox(self, "Invitations", replace(props.invitations, alarms=props.alarms))
        self._partner.add_functions({**ACCEPTANCE_FUNCTIONS, **INVITATION_POLL}, {INVITATIONS: self._invitations.queue})
        self._partner.add_functions({**SOLUTION_POLL, **SETTINGS_POLL})
        self._acceptance = self._build_acceptance()
        self._invitations.feed(self._acceptance.machine, role=props.acceptance_machine.pipe_role)
        self._take_errands(INVITATIONS, self._invitations.queue)
        self._looks = self._build_looks()
        self._submission = self._build_submission()

    @property
    def inbox(self) -> PartnerInbox:
        """Wake-ups of links."""
        return self._partner.inbox

    @property
    def invitations(self) -> PartnerInbox:
        """Invitations to be looked at."""
        return self._invitations

    @property
    def quota(self) -> QuotaLimiter:
        """The limiter of writes to Partner Central."""
        return self._partner.quota

    @property
    def functions(self) -> Mapping[str, SyncFunction]:
        """The functions by placeholder (``FetchDeal``) or poll (``aws.due``)."""
        return self._partner.functions

    @property
    def polls(self) -> Mapping[str, lambda_.IFunction]:
        """What reads one page, by the name of the poll."""
        own = {name: self.functions[name].invocable for name in (*INVITATION_POLL, *SOLUTION_POLL, *SETTINGS_POLL)}
        looks = {f"{PARTNER}.{kind}": self.functions["looks"].invocable for kind in self._looks}
        return {**self._partner.polls, **own, **looks}

    @property
    def sync(self) -> ExpressSync:
        """The machine that brings one deal and its opportunity together."""
        return self._partner.sync

    @property
    def acceptance(self) -> ExpressSync:
        """The machine that accepts an invitation."""
        return self._acceptance

    @property
    def looks(self) -> Mapping[str, PartnerLook]:
        """What looks at the things that AWS only shows, by kind; each polled as ``aws.<kind>``."""
        return self._looks

    @property
    def submission(self) -> AwsSubmission:
        """What submits opportunities to AWS."""
        return self._submission

    def _build_submission(self) -> AwsSubmission:
        props = self._props
        self._partner.add_functions(SUBMISSION_FUNCTIONS)
        submission = AwsSubmission(
            self,
            "Submission",
            AwsSubmissionProps(
                definition=props.definitions / "aws_submit.asl.json",
                functions={name: self.functions[name].invocable for name in (*SUBMISSION_FUNCTIONS, "ReserveQuota")},
                ledger=props.ledger.ledger,
                name_prefix=props.name_prefix,
                inbox=props.submissions,
                machine=props.submission_machine,
                alarms=props.alarms,
            ),
        )
        submission.let_ask(self.functions["RecordOutcome"])
        return submission

    def _take_errands(self, variable: str, queue: sqs.IQueue) -> None:
        """Runs of the sync may send work of this kind (``Errand``) to the queue."""
        records = self.functions["RecordOutcome"]
        records.add_environment(variable, queue.queue_url)
        grant_send(queue, records)

    def _build_looks(self) -> dict[str, PartnerLook]:
        props = self._props
        shared = self._partner.add_functions(look_functions(PARTNER))
        gathers = self._partner.add_functions({f"Gather.{kind}": needs for kind, needs in LOOKS.items()})
        common = {name: function.invocable for name, function in shared.items()}
        looks = {
            kind: PartnerLook(
                self,
                kind.capitalize(),
                PartnerLookProps(
                    partner=PARTNER,
                    kind=kind,
                    definition=props.definitions / "look.asl.json",
                    functions={**common, "Gather": gathers[f"Gather.{kind}"].invocable},
                    ledger=props.ledger.ledger,
                    name_prefix=props.name_prefix,
                    inbox=replace(props.looks, name=props.looks.name and f"{props.looks.name}-{kind}"),
                    machine=props.look_machines.get(kind, FedMachineParts()),
                    alarms=props.alarms,
                ),
            )
            for kind in LOOKS
        }
        inboxes = {look_inbox_of(PARTNER, kind): look.inbox.queue for kind, look in looks.items()}
        self._partner.add_functions({"looks": look_poll(PARTNER, LOOKS)}, inboxes)
        return looks

    def _build_acceptance(self) -> ExpressSync:
        props, given = self._props, self._props.acceptance_machine
        functions = {
            name: function_part(self.functions[name].invocable) for name in (*ACCEPTANCE_FUNCTIONS, "ReserveQuota")
        }
        return ExpressSync(
            self,
            "Acceptance",
            ExpressSyncProps(
                name=f"{props.name_prefix}-aws-accept-invitation",
                definition=props.definitions / "aws_accept_invitation.asl.json",
                parts={
                    **functions,
                    "InvitationsUrl": queue_part(self._invitations.queue),
                    "LedgerTable": table_part(props.ledger.ledger),
                },
                role=given.role,
                log_group=given.log_group,
                runbook="acceptance-failed",
                alarms=props.alarms,
            ),
        )
