"""AWS: Partner Central asked through an unmodified SDK client, its events, and invitations."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from constructs_lib.partner_central_events import INVITATION_EVENTS
from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.aws.adapters.partner_central import PartnerCentral
from lambdas.aws.domain.owners import users_by_step
from lambdas.aws.domain.partner import plan_run
from lambdas.shared.handlers import route_notices
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import Quota
from sandbox.turned import invitations, looks, submissions
from sandbox.turned.partners.side import Side, Step, Surroundings
from sandbox.turned.parts import INVITATIONS, NOTICES, Function
from sandbox.turned.vendors import configuration
from sandbox.turned.wire import Request

CATALOG = "Sandbox"
_LATE_MS = 250  # vendors answer one after the other here, so a call may be late by a few answers


class _Current:
    """Stands for whatever ``target`` is at the moment: an SDK client is dear to make, so all worlds share one."""

    target: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)


_account, _faults, _side = _Current(), _Current(), _Current()


@functools.cache
def _client() -> Any:
    client = client_for(_account, _faults, sleep=lambda _seconds: None)  # type: ignore[arg-type]

    def asked(model: Any, params: Mapping[str, Any], **_rest: Any) -> None:
        body = params["body"]
        _side.target.sent.append(
            Request(model.name, params["url"], body.decode() if isinstance(body, bytes) else str(body))
        )

    def answered(model: Any, **_rest: Any) -> None:
        _side.target.around.note(model.name)

    client.meta.events.register("before-call.partnercentral-selling", asked)
    client.meta.events.register("after-call.partnercentral-selling", answered)
    return client


class AwsSide(Side):
    """Partner Central. ``adapter`` is the product's client of it; ``events`` wait until they are delivered."""

    name = "aws"
    writing = frozenset(
        {
            "CreateOpportunity",
            "UpdateOpportunity",
            "AssociateOpportunity",
            "AssignOpportunity",
            "DisassociateOpportunity",
            "StartEngagementFromOpportunityTask",
            "StartEngagementByAcceptingInvitationTask",
            "RejectEngagementInvitation",
        }
    )
    polls: ClassVar = {"aws.opportunities": 5, "aws.invitations": 5, **looks.POLLS}
    machines: ClassVar = {INVITATIONS: "aws_accept_invitation", **looks.MACHINES, **submissions.MACHINES}

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        options = around.options
        self.account = PartnerCentralAccount(
            around.clock,
            catalogs=(CATALOG,),
            emit=self._emitted,
            quota=Quota(
                writes_per_second=options.writes_per_second,
                writes_per_day=options.writes_per_day,
                reads_per_second=None,
                jitter_ms=_LATE_MS,
            ),
            solutions=configuration().aws.solutions[CATALOG],
            seed=options.seed,
        )
        self.faults = FaultRules(options.seed)
        self.events: list[dict[str, Any]] = []
        self.sent: list[Request] = []
        _account.target, _faults.target, _side.target = self.account, self.faults, self
        self.adapter = PartnerCentral(_client(), CATALOG)
        names, users = self.settings["status_properties"], users_by_step(self.settings)
        self.opportunities, self.plan_run = AwsOpportunities(self.adapter, self.rules, names, users), plan_run

    def own_functions(self) -> dict[str, Function]:
        """Those that answer invitations, and those that submit."""
        given = (self.around.parts, self.adapter, _client(), self.around.settings)
        return invitations.functions(*given) | submissions.functions(*given)

    def extras(self, link: Any) -> Mapping[str, Any]:
        """What the ledger knows of the link's invitation and submission."""
        p = self.around.parts
        return {**invitations.extras(p, link), **submissions.extras(p, link)}

    def functions(self, announce: Callable[[str, dict[str, Any]], None]) -> dict[str, Function]:
        """With those of the looks, where they are on."""
        made = super().functions(announce)
        if not self.around.options.looks:
            return made
        p, settings = self.around.parts, self.around.settings["partners"]
        # The simulated account is another one than the stage's.
        resources = {**self.settings["resources"], **_account_of(self.account.settings.account_id)}
        gathering = looks.gathers(p, self.adapter, _client(), {**self.settings, "resources": resources})
        made |= looks.settings_check(p, _client(), {"resources": resources})
        return made | looks.functions(p, self.opportunities, gathering, settings, announce)

    def parts_of(self, queue: str) -> Mapping[str, str]:
        """A kind of look has its own gather function and inbox."""
        return {**looks.parts_of(queue), **submissions.parts_of(queue)}

    def as_routed(self) -> route_notices.Partner:
        """With the inbox of invitations."""
        return replace(super().as_routed(), invitations=self.around.parts.queues[INVITATIONS])

    def tick(self) -> None:
        """Tasks go on, reviews come."""
        self.account.tick()

    def steps(self) -> Iterable[Step]:
        """An event of the bus: in order, or whichever the dice say."""
        if not self.events:
            return []
        dice, fine = self.around.dice, self.around.options.fine
        number = dice.randrange(len(self.events)) if fine else 0
        return [("event", lambda: self.deliver(self.events.pop(number)))]

    def deliver(self, event: Mapping[str, Any]) -> None:
        """As the rules of the home bus do: what matches becomes a notice in the queue."""
        if self.around.options.looks:
            looks.wake_engagement(self.around.parts, event)
        notice = notice_of(event)
        if notice is not None:
            self.around.parts.queues[NOTICES].send(notice)
            for opportunity_id in notice.get("opportunities", ()) if self.around.options.looks else ():
                looks.wake(self.around.parts, opportunity_id, notice["correlation_id"])

    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The opportunities of the catalog."""
        return {key: one.document for key, one in self.account.catalogs[CATALOG].opportunities.items()}

    def origins(self) -> list[str]:
        """The deals that the opportunities name."""
        named = (one.get("PartnerOpportunityIdentifier") for one in self.documents().values())
        return [str(deal_id) for deal_id in named if deal_id]

    def operations(self) -> list[str]:
        """Partner Central's."""
        return [name for name, _ in self.account.calls]

    def requests(self) -> list[Request]:
        """What the SDK sent."""
        return self.sent

    def _emitted(self, event: dict[str, Any]) -> None:
        """An event of Partner Central waits here until it is delivered: dropped, once or several times."""
        self.events += [event] * self.around.dice.choice(self.around.options.copies_of_events)


def _account_of(account_id: str) -> dict[str, str]:
    return {"account": account_id, "snapshot_role": f"arn:aws:iam::{account_id}:role/snapshots"}


def notice_of(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the home bus's rules make of an event of Partner Central (``stacks/sync_stack.py``), or None."""
    detail = event["detail"]
    if detail.get("catalog") != CATALOG:
        return None
    notice = {"source": "partner", "partner": "aws", "correlation_id": event["id"]}
    if event["detail-type"] in ("Opportunity Created", "Opportunity Updated"):
        return {**notice, "opportunities": [detail["opportunity"]["identifier"]]}
    invitation = detail.get("engagementInvitation", {})
    receives = str(invitation.get("participantType", "")).lower() == "receiver"
    if event["detail-type"] in INVITATION_EVENTS and receives:
        return {**notice, "invitations": [invitation["id"]]}
    return None
