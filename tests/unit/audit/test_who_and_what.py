"""What a record of a write says: who wanted it, what was shown, what was held back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Audit
from lambdas.shared.domain.documents import last_actor
from lambdas.shared.errors import Problem, Rejected
from lambdas.shared.handlers.vendor_write import actor_of, recorded
from sandbox.fakes import FakeClock, FakeDynamoDb

RUN = {"link": "link#aws#d500", "run_id": "r1", "partner": "aws", "deal_id": "500", "trigger": "hubspot"}


@pytest.fixture
def audit() -> Audit:
    return Audit(FakeDynamoDb(), "audit", FakeClock(), ledger="ledger")


@pytest.mark.parametrize(
    ("run", "changes", "actor"),
    [
        (RUN, [{"field": "amount", "winner": "opportunity"}], "aws"),
        (RUN, [{"field": "amount", "winner": "deal", "actor": "CRM_UI userId:7"}], "CRM_UI userId:7"),
        (RUN, [{"field": "amount", "winner": "deal", "actor": None}], "cosell-sync"),
        (RUN, [{"winner": "opportunity"}, {"actor": "API"}, {"rule": "status"}], "API, aws, cosell-sync"),
        (RUN, [], "cosell-sync"),
        ({**RUN, "actor": "operator arn:aws:iam::1:user/ann"}, [{"actor": "API"}], "operator arn:aws:iam::1:user/ann"),
    ],
)
def test_the_actor_is_the_operator_else_who_the_history_names_else_the_partner(
    run: dict[str, Any], changes: list[dict[str, Any]], actor: str
) -> None:
    assert actor_of(run, changes) == actor


def test_history_names_the_last_who_is_not_ourselves() -> None:
    history = [
        {"value": "3", "timestamp": 3, "source_type": "INTEGRATION", "source_id": "400"},
        {"value": "2", "timestamp": 2, "source_type": "CRM_UI", "source_id": "userId:7"},
        {"value": "1", "timestamp": 1, "source_type": "IMPORT", "source_id": None},
    ]
    deal = {"history": {"amount": history, "closedate": history[2:]}}
    assert last_actor(deal, ["amount"], "400") == "CRM_UI userId:7"
    assert last_actor(deal, ["amount"], "401") == "INTEGRATION 400"
    assert last_actor(deal, ["closedate"], "400") == "IMPORT"
    assert last_actor(deal, ["dealname"], "400") is None


def test_intent_and_outcome_both_say_what_they_are_about(audit: Audit) -> None:
    with recorded(audit, None, RUN, "CreateOpportunity", [{"field": "title", "after": "Migration"}]) as done:
        done(opportunity_id="O1")
    outcome, intent = audit.entries(RUN["link"])
    assert (intent["operation"], intent["partner"], intent["deal_id"], intent["trigger"]) == (
        "CreateOpportunity",
        "aws",
        "500",
        "hubspot",
    )
    assert (outcome["intent"], outcome["deal_id"], outcome["opportunity_id"]) == (intent["sk"], "500", "O1")


def test_a_crash_leaves_an_intent_without_an_outcome(audit: Audit) -> None:
    with pytest.raises(ZeroDivisionError), recorded(audit, None, RUN, "UpdateDeal", []):
        raise ZeroDivisionError
    assert [one["kind"] for one in audit.entries(RUN["link"])] == ["intent"]


def test_a_status_that_is_refused_is_no_field_of_the_map(audit: Audit) -> None:
    class Runs:
        def put(self, _run: str, _name: str, document: dict[str, Any]) -> None:
            self.document = document

    runs, changes = Runs(), [{"field": "amount"}, {"field": "aws_sync_status", "rule": "status"}]
    with pytest.raises(Rejected), recorded(audit, runs, RUN, "UpdateDeal", changes):
        raise Rejected("no", [Problem("amount", "is wrong")])
    assert runs.document["fields"] == ["amount"]
    outcome, intent = audit.entries(RUN["link"])
    assert (outcome["result"], outcome["reason"]) == ("Rejected", "no")
    assert len(json.loads(intent["changes"])) == 2
