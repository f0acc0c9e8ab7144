"""The simulated Partner Central account: one partner, its catalogs, its quota, its events."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from sandbox.partner_central import (
    associations,
    aws_side,
    engagements,
    invitations,
    leads,
    opportunities,
    resources,
    searches,
    selling_settings,
    snapshot_jobs,
    snapshots,
    tasks,
)
from sandbox.partner_central.call import Answer, Body, Call, Settings
from sandbox.partner_central.errors import (
    BAD_ENUM,
    SHAPE,
    AccessDeniedException,
    Problem,
    ThrottlingException,
    UnknownOperationException,
    ValidationException,
)
from sandbox.partner_central.events import Emit, Event, EventShapes, EventStream
from sandbox.partner_central.model_check import ModelCheck, service_model
from sandbox.partner_central.orders import InvitationOrder
from sandbox.partner_central.quota import QuotaMeter
from sandbox.partner_central.state import CatalogState, Ids, Solution
from sandbox.partner_central.switches import EventTrouble, Quota, Switches, TaskPace
from sandbox.partner_central.values import NO_SUPPORT_NEED, REASON_CODES

CATALOGS = ("AWS", "Sandbox")

OPERATIONS: dict[str, Callable[[Call, Body], Answer]] = {
    "CreateOpportunity": opportunities.create,
    "UpdateOpportunity": opportunities.update,
    "GetOpportunity": opportunities.read,
    "ListOpportunities": searches.list_opportunities,
    "AssignOpportunity": opportunities.assign,
    "AssociateOpportunity": associations.associate,
    "DisassociateOpportunity": associations.disassociate,
    "ListSolutions": searches.list_solutions,
    "GetAwsOpportunitySummary": engagements.aws_summary,
    "SubmitOpportunity": tasks.submit,
    "StartEngagementFromOpportunityTask": tasks.start_submit,
    "ListEngagementFromOpportunityTasks": tasks.list_submits,
    "StartEngagementByAcceptingInvitationTask": tasks.start_accept,
    "ListEngagementByAcceptingInvitationTasks": tasks.list_accepts,
    "UpdateEngagementContext": leads.update_context,
    "StartOpportunityFromEngagementTask": leads.start_opportunity,
    "ListOpportunityFromEngagementTasks": leads.list_opportunity_tasks,
    "ListEngagementInvitations": invitations.list_invitations,
    "GetEngagementInvitation": invitations.read,
    "AcceptEngagementInvitation": invitations.accept,
    "RejectEngagementInvitation": invitations.reject,
    "ListEngagements": engagements.list_engagements,
    "GetEngagement": engagements.read,
    "ListEngagementMembers": engagements.list_members,
    "ListEngagementResourceAssociations": resources.list_associations,
    "CreateResourceSnapshot": resources.create_snapshot,
    "ListResourceSnapshots": resources.list_snapshots,
    "GetResourceSnapshot": resources.read_snapshot,
    "CreateResourceSnapshotJob": snapshot_jobs.create,
    "ListResourceSnapshotJobs": snapshot_jobs.list_jobs,
    "GetResourceSnapshotJob": snapshot_jobs.read,
    "StartResourceSnapshotJob": snapshot_jobs.start,
    "StopResourceSnapshotJob": snapshot_jobs.stop,
    "GetSellingSystemSettings": selling_settings.read,
    "PutSellingSystemSettings": selling_settings.write,
}


class PartnerCentralAccount:
    """State and rules of one account; safe for many threads.

    ``emit`` gets every EventBridge event as a dictionary (the whole envelope). ``quota``, ``switches``, ``trouble``,
    ``submit_pace`` and ``accept_pace`` may be changed while it runs. ``users``: emails that AssignOpportunity knows,
    ``aws_products``: identifiers that can be associated; None = any. ``solutions`` exist in every catalog.
    ``latency_seconds`` is waited by the server before each answer. The same ``seed`` gives the same ids.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        account_id: str = "111122223333",
        catalogs: Iterable[str] = CATALOGS,
        emit: Emit | None = None,
        *,
        quota: Quota | None = None,
        switches: Switches | None = None,
        trouble: EventTrouble | None = None,
        company: str = "Example Partner Ltd",
        submit_pace: TaskPace | None = None,
        accept_pace: TaskPace | None = None,
        users: Iterable[str] | None = None,
        aws_products: Iterable[str] | None = None,
        solutions: Iterable[str] = ("S-1234567",),
        latency_seconds: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.clock = clock or SystemClock()
        self.switches = switches or Switches()
        self.latency_seconds = latency_seconds
        self.settings = Settings(
            account_id,
            company,
            self.switches,
            submit_pace or TaskPace(),
            accept_pace or TaskPace(polls=1),
            None if users is None else frozenset(users),
            None if aws_products is None else frozenset(aws_products),
        )
        self.quota = QuotaMeter(quota or Quota(), self.switches)
        self.calls: list[tuple[str, int]] = []
        self.throttles: Counter[str] = Counter()
        self._ids = Ids(seed)
        self._shapes = EventShapes(account_id, self.switches, self._ids)
        self.events = EventStream(emit, trouble or EventTrouble(), Ids(seed + 1), self.clock)
        self._lock = threading.RLock()
        self._checks: dict[tuple[bool, bool], ModelCheck] = {}
        self.catalogs = {name: CatalogState(name) for name in catalogs}
        for name in self.catalogs:
            for solution in solutions:
                self.add_solution(solution, catalog=name)

    def handle(self, operation: str, body: Body) -> Answer:
        """Play one API call: the answer's JSON form, or a ``VendorError``; then hand over the events that are due."""
        try:
            with self._lock:
                return self._handle(operation, body)
        finally:
            self.events.hand_over()

    def tick(self) -> None:
        """Let time pass: end tasks, let invitations lapse, deliver events that are due."""
        with self._lock:
            now = self.clock.now_ms()
            for name, state in self.catalogs.items():
                if state.running or now >= state.next_expiry_ms:
                    call = self._call(name)
                    tasks.advance(call)
                    invitations.expire(call)
        self.events.deliver()

    def edit_as_aws(self, opportunity_id: str, *, catalog: str | None = None, **edits: Any) -> None:
        """Change an opportunity as AWS would; see ``aws_side.edit``. ``KeyError`` if there is none."""
        with self._lock:
            name = catalog or self.catalog_of(opportunity_id)
            opportunity = self.catalogs[name].opportunities[opportunity_id]
            aws_side.edit(self._call(name), opportunity, edits, self._model_check())
        self.events.hand_over()

    def send_invitation(self, *, catalog: str = "AWS", **members: Any) -> str:
        """An engagement invitation arrives; members as in ``InvitationOrder``. Returns its id.

        ``ValueError`` or ``ValidationException`` if the API could not carry it.
        """
        order = InvitationOrder.from_members(members)
        offer = order.offer()
        self._model_check().check_shape(f"{offer.payload_type}Payload", offer.payload)
        with self._lock:
            call = self._call(catalog)
            expires = order.expires_at or call.now_ms + int(order.expires_in_days * 86_400_000)
            invitation = invitations.receive(call, offer, expires)
        self.events.hand_over()
        return invitation.id

    def add_snapshot(
        self,
        opportunity_id: str,
        *,
        catalog: str | None = None,
        template: str = snapshots.SUMMARY_VIEW,
        created_by: str = "aws",
    ) -> int:
        """A new snapshot of an opportunity in its engagement, as AWS or another member makes it; its revision.

        ``KeyError``: no such opportunity. ``ValueError``: it is in no engagement, or the template is unknown.
        """
        if template not in snapshots.TEMPLATES:
            raise ValueError(f"unknown template {template!r}; allowed: {', '.join(snapshots.TEMPLATES)}")
        with self._lock:
            name = catalog or self.catalog_of(opportunity_id)
            opportunity = self.catalogs[name].opportunities[opportunity_id]
            if opportunity.engagement_id is None:
                raise ValueError(f"{opportunity_id} is in no engagement: submit it first")
            revision = snapshots.take(self._call(name), opportunity, template, created_by).revision
        self.events.hand_over()
        return revision

    def add_member(self, engagement_id: str, *, account: str, company: str, catalog: str = "AWS") -> None:
        """Another member joins an engagement. ``KeyError`` if there is none, ``ValueError`` if it cannot join."""
        self._model_check().check_shape("EngagementMember", {"AccountId": account, "CompanyName": company})
        with self._lock:
            engagements.add_member(
                self._call(catalog), self.catalogs[catalog].engagements[engagement_id], account, company
            )
        self.events.hand_over()

    def add_solution(
        self,
        identifier: str,
        *,
        catalog: str = "AWS",
        name: str | None = None,
        status: str = "Active",
        category: str = "Software",
        marketplace_arn: str | None = None,
    ) -> None:
        """Give the account a solution (``S-`` and digits)."""
        self._model_check().check_shape("SolutionIdentifier", identifier)
        self._model_check().check_shape("SolutionStatus", status)
        now = self.clock.now_ms()
        solution = Solution(identifier, name or identifier, status, category, now, marketplace_arn)
        with self._lock:
            self.catalogs[catalog].solutions[identifier] = solution

    def fail_tasks(
        self, kind: str, reason_code: str, *, catalog: str = "AWS", count: int = 1, message: str | None = None
    ) -> None:
        """Let the next ``count`` tasks of a kind (``submit``, ``accept``, ``lead``) end FAILED with this ReasonCode.

        ``message`` is AWS's own text, which may repeat what a customer typed.
        """
        if kind not in ("submit", "accept", "lead"):
            raise ValueError(f"unknown task kind {kind!r}; allowed: submit, accept, lead")
        if reason_code not in REASON_CODES:
            raise ValueError(f"unknown reason code {reason_code!r}; allowed: {', '.join(sorted(REASON_CODES))}")
        with self._lock:
            self.catalogs[catalog].task_failures += [(kind, reason_code, message)] * count

    def catalog_of(self, identifier: str) -> str:
        """The catalog that holds an opportunity; ``KeyError`` if none does."""
        for name, state in self.catalogs.items():
            if identifier in state.opportunities:
                return name
        raise KeyError(identifier)

    def call_counts(self) -> dict[str, dict[str, int]]:
        """Per operation: ``calls`` (throttled ones included) and ``throttled``."""
        with self._lock:
            counted = Counter(operation for operation, _ in self.calls)
            return {name: {"calls": n, "throttled": self.throttles[name]} for name, n in sorted(counted.items())}

    def note_call(self, operation: str) -> int:
        """Count a call; the server notes those that a fault keeps from the account. Returns its time."""
        with self._lock:
            now = self.clock.now_ms()
            self.calls.append((operation, now))
            return now

    def forget_calls(self) -> None:
        """Start counting afresh."""
        with self._lock:
            self.calls.clear()
            self.throttles.clear()

    def _handle(self, operation: str, body: Body) -> Answer:
        if operation not in service_model().operation_names:
            raise UnknownOperationException(f"{operation} is no operation of the service", "1.1")
        now = self.note_call(operation)
        try:
            self.quota.take(operation, now)
        except ThrottlingException:
            self.throttles[operation] += 1
            raise
        play = OPERATIONS.get(operation)
        if play is None:
            raise UnknownOperationException(f"{operation} is not played by this simulator", "1.1")
        self._model_check().check(operation, body)
        call = self._call(self._catalog(body["Catalog"]))
        tasks.advance(call)
        invitations.expire(call)
        return play(call, body)

    def _catalog(self, name: str) -> str:
        if name not in CATALOGS:
            text = f"Catalog must be one of: {', '.join(CATALOGS)} (exact case)"
            raise ValidationException(SHAPE, [Problem("Catalog", BAD_ENUM, text, "1.3")])
        if name not in self.catalogs:
            raise AccessDeniedException(f"the account is not linked to catalog {name}", "7")
        return name

    def _call(self, catalog: str) -> Call:
        now = self.clock.now_ms()

        def announce(event: Event) -> None:
            self.events.put(event, now)

        return Call(self.settings, self.catalogs[catalog], now, self._ids, self._shapes, announce)

    def _model_check(self) -> ModelCheck:
        """The compiled model, widened as the switches say."""
        key = (self.switches.frequency_none_accepted, self.switches.no_support_need_accepted)
        if key not in self._checks:
            extra = {
                "PaymentFrequency": frozenset({"None"}) if key[0] else frozenset(),
                "PrimaryNeedFromAws": frozenset({NO_SUPPORT_NEED}) if key[1] else frozenset(),
            }
            self._checks[key] = ModelCheck(extra)
        return self._checks[key]
