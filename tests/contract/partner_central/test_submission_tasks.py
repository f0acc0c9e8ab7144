"""The product's submission tasks on the simulated account: every reason, both readings of what a task shows."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.submission_tasks import SubmissionTasks
from lambdas.aws.domain.submission_reasons import KINDS
from lambdas.shared.errors import Conflict, NotFound, Rejected, Unexpected
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import TaskPace
from tests.contract.partner_central.conftest import Make, TurnedClock
from tests.contract.partner_central.samples import associate, create

SANDBOX = "Sandbox"


@pytest.fixture
def tasks(client: Any) -> SubmissionTasks:
    return SubmissionTasks(client, SANDBOX)


def ready(client: Any) -> str:
    identifier = create(client, catalog=SANDBOX)
    associate(client, identifier, catalog=SANDBOX)
    return identifier


def test_a_task_is_started_once_and_names_its_engagement(
    client: Any, tasks: SubmissionTasks, account: PartnerCentralAccount
) -> None:
    identifier = ready(client)
    task = tasks.start("token-1", identifier, "Co-Sell", "Full")
    assert (task["status"], task["reason"], task["message"]) == ("COMPLETE", None, None)
    assert task["engagement_id"].startswith("eng-")
    assert tasks.start("token-1", identifier, "Co-Sell", "Full") == task
    assert tasks.read(task["task_id"]) == task
    assert len(account.catalogs[SANDBOX].tasks) == 1
    with pytest.raises(Conflict):
        tasks.start("token-1", identifier, "For Visibility Only", "Full")


def test_a_task_takes_its_time(make: Make, clock: TurnedClock) -> None:
    account = make(submit_pace=TaskPace(delay_ms=5_000))
    client = client_for(account, FaultRules())
    tasks, identifier = SubmissionTasks(client, SANDBOX), ready(client)
    task = tasks.start("token-1", identifier, "Co-Sell", "Full")
    assert (task["status"], task["engagement_id"]) == ("IN_PROGRESS", None)
    clock.turn(5)
    assert tasks.read(task["task_id"])["status"] == "COMPLETE"


def test_ids_and_messages_that_aws_leaves_out_or_calls_null_are_none(make: Make) -> None:
    account = make(switch_task_ids_null=True, switch_task_message_null_text=True)
    client = client_for(account, FaultRules())
    tasks = SubmissionTasks(client, SANDBOX)
    task = tasks.start("token-1", ready(client), "Co-Sell", "Full")
    assert (task["status"], task["engagement_id"], task["message"]) == ("COMPLETE", None, None)


@pytest.mark.parametrize("reason", KINDS)
def test_every_reason_comes_through_with_aws_s_words(
    client: Any, tasks: SubmissionTasks, account: PartnerCentralAccount, reason: str
) -> None:
    account.fail_tasks("submit", reason, catalog=SANDBOX, message="a &amp;colon; b &amp; c")
    task = tasks.start("token-1", ready(client), "Co-Sell", "Full")
    assert (task["status"], task["reason"], task["message"]) == ("FAILED", reason, "a : b & c")
    again = tasks.start("token-2", task_opportunity(account), "Co-Sell", "Full")
    assert again["status"] == "COMPLETE"


def task_opportunity(account: PartnerCentralAccount) -> str:
    """The id of the one opportunity."""
    (identifier,) = account.catalogs[SANDBOX].opportunities
    return identifier


def test_what_is_wrong_is_a_named_error(client: Any, tasks: SubmissionTasks) -> None:
    with pytest.raises(NotFound):
        tasks.start("token-1", "O999", "Co-Sell", "Full")
    with pytest.raises(NotFound, match="task-aaaaaaaaaaaaa"):
        tasks.read("task-aaaaaaaaaaaaa")
    with pytest.raises(Rejected):
        tasks.start("token-2", ready(client), "Sometimes", "Full")


def test_an_answer_without_its_task_is_none() -> None:
    class Silent:
        def start_engagement_from_opportunity_task(self, **_parameters: Any) -> dict[str, Any]:
            return {}

    with pytest.raises(Unexpected, match="TaskId"):
        SubmissionTasks(Silent(), SANDBOX).start("token-1", "O1", "Co-Sell", "Full")
