"""The sync's own functions, run in the machine's order, between a deal in memory and the simulated Partner Center."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from lambdas.microsoft.adapters.opportunities import MicrosoftOpportunities
from lambdas.microsoft.adapters.referrals import Referrals
from lambdas.microsoft.domain.partner import plan_run
from lambdas.shared.adapters.ledger import Audit, Base, Leases, Links, Origins, Runs, Watermarks
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.link import Link
from lambdas.shared.errors import Conflict, NotFound, Rejected
from lambdas.shared.handlers import (
    complete_opportunity,
    create_opportunity,
    fetch_opportunity,
    list_changed_opportunities,
    plan_changes,
    record_outcome,
    update_opportunity,
    write_deal,
)
from lambdas.shared.handlers.turn import Turn
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeQueue
from sandbox.faults import FaultRules
from sandbox.microsoft.account import PartnerCenterAccount
from sandbox.microsoft.switches import Switches
from tests.contract.microsoft.in_process import API, InProcess
from tests.unit.microsoft.microsoft_support import NOW, deal, settings

PERSON = {"firstName": "Pat", "lastName": "Seller", "phoneNumber": "+10000000001", "email": "pat@partner.example"}
REREADS = 3


class DealBook:
    """HubSpot with one deal at most. ``told`` are the subjects of its notes and tasks."""

    def __init__(self) -> None:
        self.deal: dict[str, Any] | None = None
        self.told: list[str] = []

    def batch_read_deals(self, ids: list[str], names: Iterable[str]) -> dict[str, dict[str, Any]]:
        held = (self.deal or {}).get("properties") or {}
        return {one: {name: held.get(name) for name in names} for one in ids}

    def update_deal(self, deal_id: str, properties: Mapping[str, str]) -> dict[str, Any]:
        assert self.deal is not None
        self.deal = apply_to_deal(self.deal, properties)
        return {"properties": dict(properties)}

    def create_deal(self, properties: Mapping[str, str], company: str | None, contacts: list[str]) -> dict[str, Any]:
        assert self.deal is None
        self.deal = {**deal(), "id": "900", "properties": dict(properties)}
        return {"id": "900", "properties": dict(properties)}

    def ensure_company(self, *_given: Any) -> str:
        return "1"

    def ensure_contact(self, *_given: Any) -> str:
        return "2"

    def create_task(self, _deal_id: str | None, subject: str, *_rest: Any) -> str:
        self.told.append(subject)
        return str(len(self.told))

    def create_note(self, _deal_id: str, body: str, _at_ms: int) -> str:
        self.told.append(body.split("</strong>", maxsplit=1)[0].removeprefix("<p><strong>"))
        return str(len(self.told))

    def tasks_of(self, _deal_id: str) -> list[dict[str, Any]]:
        return []

    notes_of = tasks_of


class World:
    """``run`` is one execution of the sync. ``room`` are Microsoft's settings, else those of the unit tests."""

    def __init__(self, switches: Switches | None = None, room: Mapping[str, Any] | None = None, **changes: Any) -> None:
        self.clock, self.dynamodb, self.faults = FakeClock(NOW), FakeDynamoDb(), FaultRules()
        self.account = PartnerCenterAccount(self.clock, switches=switches, deliver=lambda *_notice: 200)
        self.wire = InProcess(self.account, self.faults)
        self.settings = {**(room or settings()), **changes}
        referrals = Referrals(self.wire.token, API, self.wire.send, self.clock)
        names = self.settings.get("solution_names")
        self.microsoft = MicrosoftOpportunities(referrals, parse_rules(self.settings), names=names)
        self.links = Links(self.dynamodb, "ledger", self.clock)
        self.leases = Leases(self.dynamodb, "ledger", self.clock)
        self.base = Base(self.dynamodb, "ledger")
        self.runs = Runs(self.dynamodb, "runs", self.clock)
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger")
        self.marks, self.notices, self.inbox = Watermarks(self.dynamodb, "ledger"), FakeQueue(), FakeQueue()
        self.hubspot = DealBook()
        self.key = ""
        self._ids = count(1)

    def share(self, **properties: Any) -> None:
        """A deal with the tag, and its link."""
        self.hubspot.deal = {**deal(**properties), "owner": PERSON}
        self.hubspot.deal["contacts"][0]["properties"] |= {"lastname": "Example", "phone": "+10000000002"}
        self.key = self.links.open_for_deal("microsoft", "500", "hubspot")

    def arrive(self, **members: Any) -> str:
        """A referral comes in, and a link is opened for it; the referral's id."""
        made = self.account.new_incoming_referral(**members)
        self.key = self.links.open_for_opportunity("microsoft", made["id"])
        return made["id"]

    def edit(self, **properties: str) -> None:
        """A person changes the deal."""
        assert self.hubspot.deal is not None
        self.hubspot.deal = apply_to_deal(self.hubspot.deal, properties)

    @property
    def shown(self) -> Mapping[str, Any]:
        """The deal's properties."""
        assert self.hubspot.deal is not None
        return self.hubspot.deal["properties"]

    @property
    def link(self) -> Link:
        found = self.links.get(self.key)
        assert found is not None
        return found

    def referral(self) -> dict[str, Any]:
        """The one referral that there is."""
        (only,) = self.account.referrals.all()
        return only

    def calls(self, operation: str) -> int:
        return self.account.call_counts().get(operation, 0)

    def run(self) -> dict[str, Any]:
        """One execution; the outline of its plan with what was recorded. Errors that end it early are raised."""
        self.clock.advance(seconds=2)
        run = self._begin()
        try:
            return self._execute(run)
        finally:
            self.leases.give_back(self.key, run["run_id"], "test")

    def settle(self) -> list[dict[str, Any]]:
        """Run as long as a run asks for another one; the last writes nothing."""
        done = [self.run()]
        while done[-1]["again"]:
            assert len(done) < 6, "the runs do not end"
            done.append(self.run())
        last = self.run()
        assert (last["writes"], last["write_deal"], last["again"]) == (0, False, False)
        return done

    def poll(self) -> dict[str, Any]:
        c = list_changed_opportunities.Collaborators(
            "microsoft", self.microsoft, self.links, self.marks, self.notices, self.clock
        )
        return list_changed_opportunities.list_changed_opportunities({"correlation_id": "p"}, c)

    def _begin(self) -> dict[str, Any]:
        run_id = f"r{next(self._ids)}"
        link = self.leases.take_lease(self.key, run_id)
        assert link is not None
        run: dict[str, Any] = {"run_id": run_id, "partner": "microsoft", "link": self.key, "trigger": "test"}
        ids = {"deal_id": link.deal_id, "opportunity_id": link.opportunity_id}
        return run | {"correlation_id": "c"} | {name: text for name, text in ids.items() if text}

    def _execute(self, run: dict[str, Any]) -> dict[str, Any]:
        for _ in range(REREADS):
            outline, opportunity = self._plan(run)
            try:
                outcome = self._write(run, outline)
            except (Conflict, NotFound):
                if outline["action"] == "create":
                    raise
                continue
            written = {"deal_id": run.get("deal_id")}
            if outline["write_deal"] or outcome == "rejected" or outline["writes"]:
                written = self._write_deal(run, outcome)
            run = {**run, **({"deal_id": written["deal_id"]} if written["deal_id"] else {})}
            return outline | self._record(run, outcome, opportunity)
        raise AssertionError("it was read again too often")

    def _plan(self, run: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        c = fetch_opportunity.Collaborators(self.microsoft, self.links, self.runs, self.clock)
        opportunity = fetch_opportunity.fetch_opportunity({"run": run}, c)
        found = {"deal": "current" if run.get("deal_id") else "none"}
        if run.get("deal_id"):
            self.runs.put(run["run_id"], "deal", copy.deepcopy(self.hubspot.deal))
        whole = {"partners": {"microsoft": self.settings}, "hubspot": {"company_currency": "EUR"}}
        planning = plan_changes.Collaborators(self.links, self.base, self.runs, whole, plan_run, self.clock)
        event = {"run": run, "deal": found, "opportunity": opportunity}
        return plan_changes.plan_changes(event, planning), opportunity

    def _write(self, run: dict[str, Any], outline: dict[str, Any]) -> str:
        event = {"run": run, "at": self.clock.now_ms()}
        turn = Turn(self.clock, lambda _seconds: None)
        try:
            if outline["action"] == "create":
                c = create_opportunity.Collaborators(
                    self.microsoft, self.links, self.runs, self.audit, lambda: run["run_id"], turn, self.clock
                )
                run["opportunity_id"] = create_opportunity.create_opportunity(event, c)["opportunity_id"]
            elif outline["action"] == "update":
                changing = update_opportunity.Collaborators(self.microsoft, self.runs, self.audit, turn)
                update_opportunity.update_opportunity(event, changing)
            steps = {**event, "steps": outline["steps"], "spacing_ms": 0}
            doing = complete_opportunity.Collaborators(self.microsoft, self.links, self.runs, self.audit, turn)
            complete_opportunity.complete_opportunity(steps, doing)
        except Rejected:
            return "rejected"
        return outline["outcome"]

    def _write_deal(self, run: dict[str, Any], outcome: str) -> dict[str, Any]:
        partners = {"microsoft": self.settings}
        c = write_deal.Collaborators(
            hubspot=self.hubspot,
            links=self.links,
            runs=self.runs,
            audit=self.audit,
            partners=partners,
            origins=Origins(self.dynamodb, "ledger"),
            clock=self.clock,
        )
        return write_deal.write_deal({"run": run, "outcome": outcome}, c)

    def _record(self, run: dict[str, Any], outcome: str, opportunity: dict[str, Any]) -> dict[str, Any]:
        c = record_outcome.Collaborators(
            self.links, self.base, self.runs, self.audit, lambda *_said: None, lambda _partner: self.inbox, self.clock
        )
        event = {"run": run, "outcome": outcome, "opportunity": opportunity}
        return {**record_outcome.record_outcome(event, c), "recorded": outcome}
