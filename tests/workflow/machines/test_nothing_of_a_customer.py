"""No value of a customer enters an execution: everything that a run passes, returns or raises ends up in a log.

Real handlers, real definitions and simulated vendors; what a log with execution data would hold is searched for values
that cannot be mistaken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.hubspot import rep
from sandbox.local_cloud.interpreter import ExecutionResult
from sandbox.turned.parts import INBOX, LEDGER, RUNS
from tests.workflow.machines.bench import Bench
from tests.workflow.machines.customers import COMPANY, CONTACT, DEAL, IN_AWS_WORDS, INVITATION, LATER, marks
from tests.workflow.machines.recording import RecordingWorld, with_data, without_data

SECRET = "Quixsecret"
AWS_REFUSES = {
    "__type": "ValidationException",
    "Message": f"{SECRET} is not good",
    "Reason": "REQUEST_VALIDATION_FAILED",
    "ErrorList": [{"FieldName": "project.title", "Message": f"{SECRET} is no title", "Code": "INVALID_VALUE"}],
}
HUBSPOT_REFUSES = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": f"Property values were not valid: {SECRET} <{CONTACT['email']}>",
}


class Story(RecordingWorld):
    """A world in which everything happens. Conflicts about the next step are left to a person."""

    def __init__(self) -> None:
        super().__init__()
        self.poisoned: set[str] = set()
        self.recorded: list[ExecutionResult] = []
        self.around("aws.PlanChanges", self._poison)

    def _settings(self) -> dict[str, Any]:
        settings = super()._settings()
        aws = settings["partners"]["aws"]
        fields = [{**one, "strategy": "manual"} if one["name"] == "next_steps" else one for one in aws["fields"]]
        return {**settings, "partners": {"aws": {**aws, "fields": fields}}}

    def _poison(self, event: Mapping[str, Any]) -> None:
        if event["run"].get("deal_id") in self.poisoned:
            raise ValueError(f"cannot make sense of {SECRET} <{CONTACT['email']}>")

    def customer(self, number: int, **changes: str) -> str:
        """A rep's deal with company and contact, every mapped property filled; its id."""
        account, actor = self.hubspot.account, rep()
        company = {**COMPANY, "domain": f"{number}.{COMPANY['domain']}"}
        company |= {name: value for name, value in changes.items() if name in COMPANY}
        company_id = account.create("companies", company, actor).id
        person = {**CONTACT, "email": f"{number}.{CONTACT['email']}"}
        contact_id = account.create("contacts", person, actor, [("companies", company_id)]).id
        deal = DEAL | {name: value for name, value in changes.items() if name in DEAL}
        made = account.create("deals", deal, actor, [("companies", company_id), ("contacts", contact_id)]).id
        note = {"hs_note_body": "Quixnote of the rep", "hs_timestamp": "2026-09-21T00:00:00Z"}
        account.create("notes", note, actor, [("deals", made)])
        return made

    def edit(self, deal_id: str, **changes: str) -> None:
        self.hubspot.account.update("deals", deal_id, changes)

    def settled(self, deal_id: str) -> str | None:
        """The status on the deal once nothing is left to do."""
        self.run_until_quiet()
        return self.hubspot.account.values("deals", deal_id).get("aws_sync_status")

    def documents(self) -> str:
        """What the runs read and decided: it lies in the runs table, and there alone."""
        return "\n".join(item["document"] for item in self.store.items(RUNS))


def _changes_on_both_sides(story: Story) -> None:
    deal = story.customer(1)
    assert story.settled(deal) == "synced"
    opportunity = story.hubspot.account.values("deals", deal)["aws_opportunity_id"]
    story.edit(deal, amount=LATER["amount"])
    assert story.settled(deal) == "synced"
    comments, reason = LATER["aws_review_comments"], LATER["aws_review_reason"]
    review = {"review_status": "Action Required", "review_comments": comments, "review_status_reason": reason}
    owner = {"Email": LATER["aws_opportunity_owner"], "BusinessTitle": "OpportunityOwner"}
    story.opportunities()[opportunity].team = [owner]
    story.central.account.edit_as_aws(opportunity, next_steps="Quixaws would call", **review)
    assert story.settled(deal) == "synced"
    assert story.hubspot.account.values("deals", deal)["hs_next_step"] == "Quixaws would call"
    story.edit(deal, hs_next_step=LATER["hs_next_step"])
    story.central.account.edit_as_aws(opportunity, next_steps="Quixboth of us")
    assert story.settled(deal) == "conflict"
    story.edit(deal, hs_next_step="Quixboth of us")
    assert story.settled(deal) == "synced"
    story.edit(deal, dealstage=LATER["dealstage"], aws_closed_lost_reason=LATER["aws_closed_lost_reason"])
    assert story.settled(deal) == "waiting"
    story.central.account.edit_as_aws(opportunity, review_status="Approved")
    assert story.settled(deal) in ("synced", "closed")


def _refusals(story: Story) -> None:
    blocked = story.customer(2, aws_customer_problem="Quixshort", country="Quixland")
    assert story.settled(blocked) == "blocked"
    story.central.faults.add(
        "CreateOpportunity", status=400, count=None, code="ValidationException", body=json.dumps(AWS_REFUSES)
    )
    assert story.settled(story.customer(3)) == "blocked"
    story.central.faults.clear()
    fault = story.hubspot.faults.add(
        "*", status=400, count=None, body=json.dumps(HUBSPOT_REFUSES), match='"aws_sync_status":'
    )
    refused = story.customer(4)
    story.advance(60)
    assert story.hubspot.account.values("deals", refused).get("aws_sync_status") is None
    story.hubspot.faults.clear(fault.id)
    assert story.settled(refused) == "synced"


def _an_invitation(story: Story) -> None:
    before = {one.id for one in story.hubspot.account.records("deals")}
    story.central.account.send_invitation(**INVITATION)
    story.run_until_quiet()
    (made,) = [one for one in story.hubspot.account.records("deals") if one.id not in before]
    assert INVITATION["title"] in story.hubspot.account.values("deals", made.id)["dealname"]


def _a_poisoned_message(story: Story) -> None:
    deal = story.customer(5)
    story.poisoned.add(deal)
    story.advance(3 * 360 + 60)
    dead = story.sqs.queue(INBOX).dead
    assert dead
    story.recorded += [story.record_dead_letter(INBOX, one) for one in dead]


@pytest.fixture(scope="module")
def story() -> Story:
    story = Story()
    _changes_on_both_sides(story)
    _refusals(story)
    _an_invitation(story)
    _a_poisoned_message(story)
    return story


MARKS = marks(DEAL, COMPANY, CONTACT, LATER, INVITATION) | IN_AWS_WORDS | {SECRET}


def leaks(results: list[ExecutionResult]) -> list[tuple[str, str]]:
    """Execution and mark, for each that its data shows; also whatever looks like a mail address."""
    found = []
    for result in results:
        data = with_data(result)
        found += [(result.name, one) for one in (*MARKS, "@") if one in data]
        found += [(result.name, stem) for stem in ("quix", "zorg") if stem in data.lower()]
    return found


def test_every_mapped_property_has_a_value_that_would_be_recognised(story: Story) -> None:
    mapped = {name for one in story.settings["partners"]["aws"]["fields"] for name in one["properties"]}
    assert mapped <= {*DEAL, *COMPANY, *CONTACT, *LATER}


def test_every_value_was_in_the_runs_hands(story: Story) -> None:
    """Otherwise not finding it in the executions would mean nothing."""
    elsewhere = {SECRET, INVITATION["message"]}  # in a refusal and in the invitation, which no run keeps
    documents = story.documents()
    assert {one for one in MARKS - elsewhere if one not in documents} == set()


def test_everything_that_can_become_of_a_run_is_in_the_story(story: Story) -> None:
    plans = [json.loads(item["document"]) for item in story.store.items(RUNS) if item["sk"] == "plan"]
    seen = {(plan["action"], plan["outcome"]) for plan in plans}
    assert seen >= {("create", "synced"), ("update", "synced"), ("none", "conflict"), ("none", "blocked")}
    data = "".join(with_data(result) for result in story.results)
    assert [kind for kind in ("Rejected", "Unexpected") if f'"error": "{kind}"' not in data] == []
    assert story.statuses[INBOX, "FAILED"] >= 3


def test_the_recorder_keeps_inputs_outputs_arguments_variables_and_causes(story: Story) -> None:
    """Otherwise it would show nothing whatever ran through."""
    kept = {
        name
        for result in story.results
        for event in result.events
        for each in event.values()
        if isinstance(each, dict)
        for name in each
    }
    assert kept >= {"input", "output", "parameters", "assignedVariables", "error", "cause"}
    assert all("link#aws#" in with_data(one) for one in story.results if one.name.startswith("sync"))


def test_no_value_of_a_customer_enters_an_execution(story: Story) -> None:
    assert len(story.results) > 30
    assert leaks(story.results) == []


def test_no_value_of_a_customer_enters_the_record_of_a_dead_letter(story: Story) -> None:
    assert {one.status for one in story.recorded} == {"SUCCEEDED"}
    assert leaks(story.recorded) == []
    letters = [item for item in story.store.items(LEDGER) if item["sk"] in ("dead-letter", "failure")]
    assert {letter["error"] for letter in letters} == {"Unexpected"}
    assert not [one for one in (*MARKS, "@") if one in json.dumps(letters)]


@pytest.mark.parametrize("body", [f"{SECRET} a@b.example", json.dumps({"link": f"{SECRET} a@b.example", "why": "x"})])
@pytest.mark.parametrize("machine", ["sync", "aws_accept_invitation", "poll", "dead_letter"])
def test_a_message_that_somebody_else_wrote_is_not_repeated_in_any_error(machine: str, body: str) -> None:
    """Its body is the run's input, and nobody can keep it out of that; of a dead letter's run no input is logged."""
    bench = Bench(ListPage="Unexpected", ReserveQuota="Unexpected")
    result = bench.run(machine, body)
    assert result.status == ("SUCCEEDED" if machine == "dead_letter" else "FAILED")
    assert SECRET in with_data(result)
    assert SECRET not in without_data(result)
    assert "@" not in without_data(result)
