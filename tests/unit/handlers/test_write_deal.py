"""Write-back: what is written, what is told once, and what happens when HubSpot refuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

import config
from lambdas.aws.domain.opportunity import to_document
from lambdas.aws.domain.partner import plan_run
from lambdas.shared.adapters.ledger import Audit, Base, Links, Origins, Runs
from lambdas.shared.domain.origins import foreign_properties
from lambdas.shared.domain.plan import Fact, People, Plan
from lambdas.shared.errors import Conflict, Problem, Rejected, Retryable
from lambdas.shared.handlers.plan_changes import Collaborators as Planning
from lambdas.shared.handlers.plan_changes import plan_changes
from lambdas.shared.handlers.write_deal import Collaborators, write_deal
from sandbox.fakes import FakeClock, FakeDynamoDb

NAMES = {
    "opportunity_id": "aws_opportunity_id",
    "sync_status": "aws_sync_status",
    "sync_message": "aws_sync_message",
    "last_sync": "aws_last_sync",
    "company_key": "cosell_company_key",
}
DEAL = {"id": "500", "properties": {"hubspot_owner_id": "77"}, "archived": False, "updated_at": 1}
TASK = Fact("blocked:1", "task", "Complete the deal", "<p>country</p>")


class HubSpot:
    def __init__(self) -> None:
        self.writes: list[tuple[str, Any]] = []
        self.tasks: list[dict[str, str]] = []
        self.refuses: set[str] = set()
        self.taken = False
        self.shown: dict[str, str] = {}
        self.no_people: Exception | None = None
        self.looks: list[set[str]] = []
        self.read: dict[str, str | None] = {}
        self.late: dict[str, str] = {}

    def batch_read_deals(self, ids: list[str], properties: Iterable[str]) -> dict[str, dict[str, str | None]]:
        self.looks.append(set(properties))
        return {one: {name: {**self.read, **self.late}.get(name) for name in properties} for one in ids}

    def update_deal(self, deal_id: str, properties: dict[str, str]) -> dict[str, Any]:
        if self.taken and "aws_opportunity_id" in properties:
            raise Conflict("that opportunity id is on a deal already")
        if bad := self.refuses & set(properties):
            raise Rejected("400", [Problem("deal", f"{one} is wrong", "deal", one) for one in bad])
        self.writes.append((deal_id, dict(properties)))
        return {"id": deal_id, "properties": properties}

    def create_deal(self, properties: dict[str, str], company_id: str | None, contacts: list[str]) -> dict[str, Any]:
        if self.taken:
            raise Conflict("that opportunity id is on a deal already")
        self.writes.append(("new", {**properties, "company": company_id, "contacts": list(contacts)}))
        return {"id": "501", "properties": {**properties, **self.shown}}

    def create_task(self, deal_id: Any, subject: str, body: str, due: int, owner: Any = None) -> str:
        self.tasks.append(
            {"id": f"t{len(self.tasks)}", "deal": deal_id, "subject": subject, "body": body, "owner": owner}
        )
        return self.tasks[-1]["id"]

    def tasks_of(self, _deal_id: str) -> list[dict[str, str]]:
        return self.tasks

    def ensure_company(self, *given: Any) -> str:
        if self.no_people:
            raise self.no_people
        given[-1]()
        self.writes.append(("company", given[:-1]))
        return "c1"

    def ensure_contact(self, email: str, properties: Any, before_new: Any) -> str:
        if self.no_people:
            raise self.no_people
        before_new()
        return f"contact {email}"


class Room:
    def __init__(self) -> None:
        self.clock, self.dynamodb, self.hubspot = FakeClock(), FakeDynamoDb(), HubSpot()
        self.links = Links(self.dynamodb, "ledger", self.clock)
        self.runs = Runs(self.dynamodb, "runs", self.clock)
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger")
        self.key = self.links.open_for_deal("aws", "500", "hubspot")
        self.origins = Origins(self.dynamodb, "ledger")
        partners = {"aws": {"label": "AWS", "tag": "#AWS", "status_properties": NAMES}}
        self.c = Collaborators(self.hubspot, self.links, self.runs, self.audit, partners, self.origins, self.clock)
        self.run = {"run_id": "r", "partner": "aws", "link": self.key, "deal_id": "500", "correlation_id": "c"}

    def write(self, plan: Plan, outcome: str = "synced", deal: Any = DEAL, **run: Any) -> dict[str, Any]:
        self.runs.put("r", "plan", plan.as_dict())
        if deal is not None:
            self.runs.put("r", "deal", deal)
            self.hubspot.read = deal["properties"]
        return write_deal({"run": {**self.run, **run}, "outcome": outcome}, self.c)


@pytest.fixture
def room() -> Room:
    return Room()


def test_plan_and_opportunity_id_go_out_in_one_write_on_record(room: Room) -> None:
    plan = Plan("create", "synced", deal={"aws_sync_status": "synced"})
    answer = room.write(plan, opportunity_id="O1")
    assert room.hubspot.writes == [("500", {"aws_sync_status": "synced", "aws_opportunity_id": "O1"})]
    assert answer == {"deal_id": "500", "created": False, "written": ["aws_opportunity_id", "aws_sync_status"]}
    outcome, intent = room.audit.entries(room.key)
    assert (intent["operation"], outcome["result"]) == ("UpdateDeal", "done")


@pytest.mark.parametrize("now", ["", "the seller's word"])
def test_what_somebody_wrote_while_the_run_was_under_way_is_not_written_over(room: Room, now: str) -> None:
    deal = {**DEAL, "properties": {"amount": "as read", "closedate": "as read", "aws_sync_status": None}}
    plan = Plan("update", "synced", deal={"amount": "7", "closedate": "2027-01-01", "aws_sync_status": "synced"})
    room.hubspot.late = {"amount": now}
    with pytest.raises(Conflict, match="amount of the deal changed while the run was under way"):
        room.write(plan, deal=deal)
    assert room.hubspot.writes == []
    assert room.hubspot.looks == [{"amount", "closedate"}], "one look, and at fields of people only"
    assert room.audit.entries(room.key) == [], "nothing was meant to be written"


def test_a_write_whose_answer_was_lost_is_no_word_of_somebody_elses(room: Room) -> None:
    deal = {**DEAL, "properties": {"amount": "as read"}}
    room.hubspot.late = {"amount": "7"}
    room.write(Plan("update", "synced", deal={"amount": "7"}), deal=deal)
    assert room.hubspot.writes == [("500", {"amount": "7"})]


def test_a_status_alone_needs_no_look(room: Room) -> None:
    room.write(Plan("update", "synced", deal={"aws_sync_status": "synced"}))
    assert (len(room.hubspot.writes), room.hubspot.looks) == (1, [])


def test_nothing_to_write_writes_nothing(room: Room) -> None:
    deal = {**DEAL, "properties": {"aws_opportunity_id": "O1"}}
    room.write(Plan("none", "synced"), deal=deal, opportunity_id="O1")
    assert room.hubspot.writes == []
    assert room.audit.entries(room.key) == []


@pytest.mark.parametrize("outcome", ["conflict", "synced"])
def test_an_opportunity_id_that_a_deal_names_is_never_overwritten(room: Room, outcome: str) -> None:
    deal = {**DEAL, "properties": {"aws_opportunity_id": "O2"}}
    room.write(Plan("none", outcome), outcome=outcome, deal=deal, opportunity_id="O1")
    assert room.hubspot.writes == []


def test_a_fact_is_told_once(room: Room) -> None:
    for _ in range(3):
        room.write(Plan("none", "blocked", tell=(TASK,)), outcome="blocked")
    assert len(room.hubspot.tasks) == 1
    assert room.hubspot.tasks[0]["owner"] == "77"
    assert room.links.get(room.key).told == {"blocked:1": "t0"}


def test_a_task_that_was_written_before_a_crash_is_found_by_its_mark(room: Room) -> None:
    room.write(Plan("none", "blocked", tell=(TASK,)), outcome="blocked")
    room.links.tell_again(room.key, "blocked:1")
    room.links.tell_begin(room.key, "blocked:1")  # begun, and then the run died
    room.write(Plan("none", "blocked", tell=(TASK,)), outcome="blocked")
    assert len(room.hubspot.tasks) == 1
    assert room.links.get(room.key).told == {"blocked:1": "t0"}


def test_a_task_about_a_deleted_deal_stands_alone(room: Room) -> None:
    room.write(Plan("none", "closed", tell=(TASK,)), outcome="closed", deal={**DEAL, "archived": True})
    assert [task["deal"] for task in room.hubspot.tasks] == [None]
    assert room.hubspot.writes == []


def test_a_refusal_is_told_with_its_property_and_keeps_what_came_from_the_partner(room: Room) -> None:
    room.runs.put("r", "rejection", {"reason": "refused", "problems": [Problem("country", "wrong country").as_dict()]})
    room.write(Plan("update", "synced", deal={"hs_next_step": "call", "aws_sync_status": "synced"}), outcome="rejected")
    ((_, written),) = room.hubspot.writes
    assert written["hs_next_step"] == "call"
    assert written["aws_sync_status"] == "blocked"
    assert "wrong country" in written["aws_sync_message"]
    assert len(room.hubspot.tasks) == 1


def test_a_refusal_without_a_named_problem_is_said_all_the_same(room: Room) -> None:
    room.runs.put("r", "rejection", {"reason": "AWS refused it", "problems": []})
    room.write(Plan("create", "synced"), outcome="rejected")
    said = room.hubspot.writes[0][1]["aws_sync_message"]
    assert said.startswith("AWS refused it\nNothing on the deal is named that could be filled in")
    (task,) = room.hubspot.tasks
    assert task["subject"] == "Look at what AWS refused"
    assert "AWS refused it" in task["body"]
    assert "does not go out by itself" in task["body"]
    assert "any change of the deal sends it again" in task["body"]
    assert "cosell reconcile --deal 500 --repair" in task["body"]


@pytest.mark.parametrize("named", [{"property": "country"}, {"allowed": ("DE", "US")}])
def test_a_refusal_that_names_what_to_fill_in_is_a_deal_to_complete(room: Room, named: dict[str, Any]) -> None:
    problem = Problem("country", "wrong country", "company", **named)
    room.runs.put("r", "rejection", {"reason": "refused", "problems": [problem.as_dict()]})
    room.write(Plan("update", "synced"), outcome="rejected")
    assert [task["subject"] for task in room.hubspot.tasks] == ["Complete the deal for AWS"]
    assert "somebody who runs" not in room.hubspot.writes[0][1]["aws_sync_message"]


def test_when_hubspot_refuses_a_value_the_status_says_which(room: Room) -> None:
    room.hubspot.refuses = {"amount"}
    with pytest.raises(Rejected):
        room.write(Plan("none", "synced", deal={"amount": "x", "aws_sync_status": "synced"}))
    ((_, written),) = room.hubspot.writes
    assert written["aws_sync_status"] == "blocked"
    assert "amount is wrong" in written["aws_sync_message"]


def test_an_opportunity_id_that_another_deal_carries_is_said_on_this_deal(room: Room) -> None:
    room.hubspot.taken = True
    with pytest.raises(Conflict):
        room.write(Plan("create", "synced", deal={"aws_sync_status": "synced"}), opportunity_id="O1")
    ((deal_id, written),) = room.hubspot.writes
    assert (deal_id, written["aws_sync_status"]) == ("500", "conflict")
    assert "Another deal carries O1" in written["aws_sync_message"]
    assert room.audit.entries(room.key)[0]["result"] == "Conflict"


INBOUND = Plan(
    "none",
    "synced",
    deal={"dealname": "Port #AWS"},
    creates_deal=True,
    deal_people=People(
        "company-1", {"domain": "port.example"}, ({"email": "sam@port.example"}, {"firstname": "No mail"})
    ),
)


def test_an_inbound_deal_is_made_in_one_call_with_its_people_and_its_link(room: Room) -> None:
    key = room.links.open_for_opportunity("aws", "O9")
    answer = room.write(INBOUND, deal=None, link=key, deal_id=None, opportunity_id="O9")
    assert answer["created"] is True
    (_, company), (kind, made) = room.hubspot.writes
    assert company[:3] == ("cosell_company_key", "company-1", "port.example")
    assert (kind, made["aws_opportunity_id"], made["company"]) == ("new", "O9", "c1")
    assert made["contacts"] == ["contact sam@port.example"]
    assert room.links.for_deals("aws", ["501"]) == {"501": key}


def test_a_new_deal_and_its_people_are_marked_by_what_hubspot_stored(room: Room) -> None:
    """HubSpot shows a date as a moment: for another partner that must be no text of a person's."""
    key = room.links.open_for_opportunity("aws", "O9")
    plan = replace(INBOUND, deal={**INBOUND.deal, "closedate": "2027-03-31"})
    room.hubspot.shown = {"closedate": "2027-03-31T00:00:00Z"}
    room.write(plan, deal=None, link=key, deal_id=None, opportunity_id="O9")
    known = room.origins.of([("deals", "501"), ("companies", "c1"), ("contacts", "contact sam@port.example")])
    assert foreign_properties(room.hubspot.shown, known["deals", "501"], "google", ["#AWS"]) == ["closedate"]
    company = {"domain": "port.example"}
    assert foreign_properties(company, known["companies", "c1"], "google", ["#AWS"]) == ["domain"]
    assert len(known) == 3


@pytest.mark.parametrize(
    "error",
    [Rejected("400", [Problem("domain", "The company's domain is no domain.", "company", "domain")]), Conflict("409")],
)
def test_a_deal_whose_people_hubspot_refuses_is_made_all_the_same_and_says_so(room: Room, error: Exception) -> None:
    key = room.links.open_for_opportunity("aws", "O9")
    room.hubspot.no_people = error
    answer = room.write(INBOUND, deal=None, link=key, deal_id=None, opportunity_id="O9")
    assert answer["created"] is True
    ((_, made),) = room.hubspot.writes
    assert (made["company"], made["contacts"]) == (None, [])
    (task,) = room.hubspot.tasks
    assert task["deal"] == "501"
    assert ("409" if isinstance(error, Conflict) else "no domain") in task["body"]
    assert [key.split(":")[0] for key in room.links.get(key).told] == ["people"]


def test_a_vendor_that_is_down_makes_no_deal_without_its_people(room: Room) -> None:
    key = room.links.open_for_opportunity("aws", "O9")
    room.hubspot.no_people = Retryable("503")
    with pytest.raises(Retryable):
        room.write(INBOUND, deal=None, link=key, deal_id=None, opportunity_id="O9")
    assert room.hubspot.writes == []


def test_the_people_of_a_new_deal_are_on_record(room: Room) -> None:
    key = room.links.open_for_opportunity("aws", "O9")
    room.write(INBOUND, deal=None, link=key, deal_id=None, opportunity_id="O9")
    trail = [(one.get("operation"), one.get("result")) for one in room.audit.entries(key)[::-1]]
    done = (None, "done")
    assert trail == [("EnsureCompany", None), done, ("EnsureContact", None), done, ("CreateDeal", None), done]


def test_an_inbound_deal_that_stands_already_is_a_conflict_and_not_a_second_deal(room: Room) -> None:
    key = room.links.open_for_opportunity("aws", "O9")
    room.hubspot.taken = True
    with pytest.raises(Conflict):
        room.write(INBOUND, deal=None, link=key, deal_id=None, opportunity_id="O9")


AWS_SPELLS = {
    "Id": "O9",
    "Catalog": "Sandbox",
    "LastModifiedDate": "2026-09-21T00:00:00Z",
    "Project": {
        "Title": "Port &amp; harbour&amp;colon; phase 2",
        "CustomerBusinessProblem": "Cranes &amp; ships&amp;colon; both late every day",
    },
    "LifeCycle": {
        "Stage": "Qualified",
        "TargetCloseDate": "2027-03-31",
        "NextSteps": "Ask&amp;colon; R&amp;D",
        "ReviewStatus": "Approved",
    },
    "Customer": {
        "Account": {
            "CompanyName": "Port &amp; Sons",
            "WebsiteUrl": "https&amp;colon;//port.example",
            "Industry": "Gaming",
        },
        "Contacts": [{"Email": "sam@port.example", "FirstName": "Sam &amp; Max", "LastName": "Port"}],
    },
}
AS_TYPED = {
    "dealname": "Port & harbour: phase 2 #AWS",
    "aws_opportunity_title": "Port & harbour: phase 2",
    "description": "Cranes & ships: both late every day",
    "hs_next_step": "Ask: R&D",
}


def plan_from_aws(room: Room, **run: Any) -> Plan:
    """What the planner makes of AWS's spelling; the documents come by way of the run item, as in a run."""
    settings = config.render_settings(config.load(), "sandbox")
    room.runs.put("r", "opportunity", to_document(AWS_SPELLS))
    found = room.runs.get("r", "deal")
    event = {
        "run": {**room.run, **run},
        "deal": {"deal": "current" if found else "none", "deal_id": run.get("deal_id")},
        "opportunity": {"opportunity": "current", "opportunity_id": "O9", "version": "v", "orphan": False},
    }
    base = Base(room.dynamodb, "ledger")
    plan_changes(event, Planning(room.links, base, room.runs, settings, plan_run, room.clock))
    return Plan(**room.runs.get("r", "plan")["plan"])


def test_what_aws_spells_in_its_own_way_reaches_a_new_deal_as_it_was_typed(room: Room) -> None:
    key = room.links.open_for_opportunity("aws", "O9", "engi-1")
    run = {"link": key, "deal_id": None, "opportunity_id": "O9"}
    plan = plan_from_aws(room, **run)
    write_deal({"run": {**room.run, **run}, "outcome": plan.outcome}, room.c)
    (_, company), (_, made) = room.hubspot.writes
    assert {name: made[name] for name in AS_TYPED} == AS_TYPED
    assert company[3]["name"] == "Port & Sons"
    assert company[3]["website"] == "https://port.example"
    assert "&amp;" not in repr(room.hubspot.writes)


def test_what_aws_changed_reaches_a_linked_deal_as_it_was_typed(room: Room) -> None:
    room.links.tie_opportunity(room.key, "O9", "v")
    properties = {"dealname": "Port & harbour: phase 2 #AWS", "hs_next_step": None, "pipeline": "default"}
    room.runs.put("r", "deal", {**DEAL, "properties": properties, "history": {}, "company": None, "contacts": []})
    plan = plan_from_aws(room, deal_id="500", opportunity_id="O9")
    write_deal({"run": {**room.run, "opportunity_id": "O9"}, "outcome": plan.outcome}, room.c)
    ((deal_id, written),) = room.hubspot.writes
    assert (deal_id, written["hs_next_step"]) == ("500", AS_TYPED["hs_next_step"])
    assert written["description"] == AS_TYPED["description"]
    assert "dealname" not in written, "the same name, however AWS spells it, is no change"
    assert "&amp;" not in repr(room.hubspot.writes)
