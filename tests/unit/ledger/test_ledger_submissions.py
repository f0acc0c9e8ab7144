"""Submissions in the ledger: one token a call, kept with the choices it was begun with."""

from __future__ import annotations

import pytest

from lambdas.shared.adapters.ledger import Submissions
from lambdas.shared.adapters.ledger.submissions import COMPLETE, FAILED, REFUSED, STARTED
from lambdas.shared.errors import NotFound
from sandbox.fakes import FakeClock, FakeDynamoDb

CHOICE = {"involvement": "Co-Sell", "visibility": "Full", "fingerprint": "f1", "link": "link#aws#d500"}


@pytest.fixture
def dynamodb() -> FakeDynamoDb:
    return FakeDynamoDb()


@pytest.fixture
def submissions(dynamodb: FakeDynamoDb) -> Submissions:
    return Submissions(dynamodb, "ledger", "aws", FakeClock())


def test_what_was_never_begun_is_not_known(submissions: Submissions, dynamodb: FakeDynamoDb) -> None:
    assert submissions.get("O1") is None
    dynamodb.update_item(  # a machine came back before anything was begun
        TableName="ledger",
        Key={"pk": {"S": "submission#aws#O1"}, "sk": {"S": "submission"}},
        UpdateExpression="SET again_at = :at",
        ExpressionAttributeValues={":at": {"N": "1"}},
    )
    assert submissions.get("O1") is None
    with pytest.raises(NotFound):
        submissions.finish("O1", "t1", COMPLETE)
    assert submissions.begin("O1", "t1", **CHOICE).token == "t1"


def test_a_repeated_begin_is_the_same_call_with_the_choices_it_was_begun_with(submissions: Submissions) -> None:
    first = submissions.begin("O1", "t1", **CHOICE)
    assert (first.state, first.token, first.attempts) == (STARTED, "t1", 1)
    again = submissions.begin("O1", "t2", **{**CHOICE, "involvement": "For Visibility Only"})
    assert again == first
    assert submissions.get("O1") == first


def test_after_a_failure_a_new_token_counts_on_while_the_record_stays_the_same(submissions: Submissions) -> None:
    for number in (1, 2, 3):
        standing = submissions.begin("O1", f"t{number}", **CHOICE)
        assert (standing.token, standing.attempts, standing.reason) == (f"t{number}", number, None)
        submissions.finish("O1", standing.token, FAILED, task_id=f"task-{number}", reason="InternalError")
    assert submissions.begin("O1", "t4", **{**CHOICE, "fingerprint": "f2"}).attempts == 1


def test_after_a_refusal_it_is_begun_anew_and_aws_s_words_are_gone(submissions: Submissions) -> None:
    submissions.begin("O1", "t1", **CHOICE)
    submissions.finish("O1", "t1", REFUSED, reason="OpportunityAccessDenied", message="no")
    known = submissions.get("O1")
    assert known is not None
    assert (known.state, known.reason, known.message) == (REFUSED, "OpportunityAccessDenied", "no")
    anew = submissions.begin("O1", "t2", **CHOICE)
    assert (anew.token, anew.attempts, anew.reason, anew.message) == ("t2", 1, None, None)


def test_what_is_complete_stands_unless_it_is_begun_again_on_purpose(submissions: Submissions) -> None:
    submissions.begin("O1", "t1", **CHOICE)
    submissions.finish("O1", "t1", COMPLETE, engagement_id="eng-1")
    assert submissions.begin("O1", "t2", **CHOICE).token == "t1"
    assert submissions.begin("O1", "t3", **CHOICE, again=True).token == "t3"


def test_a_late_word_of_an_earlier_token_changes_nothing(submissions: Submissions) -> None:
    submissions.begin("O1", "t1", **CHOICE)
    submissions.finish("O1", "t1", FAILED, reason="InternalError")
    submissions.begin("O1", "t2", **CHOICE)
    submissions.finish("O1", "t1", COMPLETE, engagement_id="eng-1")
    known = submissions.get("O1")
    assert known is not None
    assert (known.state, known.token, known.engagement_id) == (STARTED, "t2", None)
