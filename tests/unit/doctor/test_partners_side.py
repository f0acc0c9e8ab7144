"""What the doctor says of partners that refuse, that were not asked for long, or that only the functions may ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.doctor_checks import aws, google, microsoft, stacks, work
from cli.doctor_checks.deployment import Resource
from lambdas.shared.adapters.ledger import DeadLetters, Links
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeSecretsManager
from tests.unit.doctor.examining import NOW_MS, Examining

NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)
DAY_MS = 86_400_000
ROLE = "arn:aws:iam::222222222222:role/HubSpotPartnerCentralServiceRole"
POLL = "cosell-sandbox-google-list-opportunities"


@pytest.fixture
def sandbox() -> Examining:
    """The stage with all partners."""
    names = ("MicrosoftAppSecret", "MicrosoftConsentSecret", "MicrosoftAccessSecret", "LedgerTableName")
    return Examining("sandbox", **{name: name for name in names}, NoticeUrlMicrosoft="https://api.example/notices")


def test_where_the_operator_may_not_take_the_role_the_poll_is_asked_that_may(
    prod: Examining,
) -> None:
    prod.refuse("sts", "assume_role", "AccessDenied", "User: x is not authorized to perform: sts:AssumeRole")
    (role,) = prod.found(aws.role)
    assert (role.level, role.where) == ("warning", ROLE)
    assert "partner_central.operators" in role.do
    (found,) = prod.found(aws.snapshot_role)
    assert found.what == "not checked: the role in the linked account could not be taken from here"
    polls(prod, 12, 0)
    assert prod.said(aws.catalog) == [("ok", "cosell-prod-aws-list-opportunities")], "its poll is asked instead"


class Central:
    """Partner Central with one answer."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def list_opportunities(self, **asked: Any) -> dict[str, Any]:
        assert asked == {"Catalog": "AWS", "MaxResults": 1}
        if self._error:
            raise self._error
        return {"OpportunitySummaries": []}


def test_a_catalog_that_aws_refuses_is_an_error(prod: Examining) -> None:
    from botocore.exceptions import ClientError

    refusal = ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListOpportunities")
    prod.deployment.once("partner central", lambda: Central(refusal))
    (found,) = prod.found(aws.catalog)
    assert (found.level, found.where) == ("error", "catalog AWS")


def test_a_catalog_that_answers_is_well(prod: Examining) -> None:
    prod.deployment.once("partner central", Central)
    assert prod.said(aws.catalog) == [("ok", "catalog AWS")]


def consent(sandbox: Examining, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any], access: Any = None) -> None:
    """Microsoft's secrets hold this; the sign-in takes every consent."""
    held = {"MicrosoftConsentSecret": document, "MicrosoftAccessSecret": access or {}, "MicrosoftAppSecret": {}}
    manager = FakeSecretsManager(**{name: json.dumps(each) for name, each in held.items()})
    sandbox.deployment.once(("client", "secretsmanager", None), lambda: manager)
    monkeypatch.setattr("cli.microsoft_webhook.token_of", lambda _place, _url: lambda _fresh: "token")


@pytest.mark.parametrize(("days", "level"), [(1, "ok"), (10, "warning"), (85, "error")])
def test_a_consent_that_is_not_renewed_is_told_before_it_dies(
    sandbox: Examining, monkeypatch: pytest.MonkeyPatch, days: int, level: str
) -> None:
    consent(sandbox, monkeypatch, {"refresh_token": "r", "obtained_at": NOW_MS - days * DAY_MS})
    (found,) = sandbox.found(microsoft.consent)
    assert found.level == level
    assert level == "ok" or f"{days} days" in found.what


def test_a_stage_that_nobody_signed_in_to_is_told(sandbox: Examining, monkeypatch: pytest.MonkeyPatch) -> None:
    consent(sandbox, monkeypatch, {"refresh_token": ""})
    (found,) = sandbox.found(microsoft.consent)
    assert (found.level, found.what, found.do) == (
        "error",
        "nobody has signed in",
        "cosell microsoft login --stage sandbox",
    )


@pytest.mark.parametrize(("seconds", "what"), [(-10, "has run out and was not renewed"), (None, "there is none")])
def test_an_access_token_that_is_over_is_not_tried(
    sandbox: Examining, monkeypatch: pytest.MonkeyPatch, seconds: int | None, what: str
) -> None:
    ends = {} if seconds is None else {"access_token": "a", "expires_at": NOW_MS // 1000 + seconds, "consent_at": 1}
    consent(sandbox, monkeypatch, {"refresh_token": "r", "obtained_at": NOW_MS}, ends)
    (found,) = sandbox.found(microsoft.access)
    assert (found.level, found.what) == ("error", what)


def polls(sandbox: Examining, came: int, failed: int) -> None:
    for name, number in (("Invocations", came), ("Errors", failed)):
        points = [{"Timestamp": NOW, "Sum": float(number)}] if number else []
        answer = {"Label": name, "Datapoints": points}
        sandbox.answer("cloudwatch", "get_metric_statistics", answer)


@pytest.mark.parametrize(
    ("came", "failed", "level"), [(4, 0, "ok"), (0, 0, "warning"), (4, 1, "warning"), (4, 4, "error")]
)
def test_google_is_judged_by_the_poll_that_alone_may_ask_it(
    sandbox: Examining, came: int, failed: int, level: str
) -> None:
    polls(sandbox, came, failed)
    if failed:
        group = {"LoggingConfig": {"LogGroup": "the group"}}
        sandbox.answer("lambda", "get_function_configuration", group, FunctionName=POLL)
        lines = ["no JSON", json.dumps({"reason": "Google gave no token"}), "no JSON either"]
        sandbox.answer("logs", "filter_log_events", {"events": [{"message": line} for line in lines]})
    (found,) = sandbox.found(google.access)
    assert (found.level, found.where) == (level, POLL)
    assert ("Google gave no token" in found.what) == bool(failed)
    sandbox.close()


def test_partners_that_are_off_are_not_looked_at(prod: Examining) -> None:
    for check in (microsoft.consent, microsoft.access, microsoft.webhook, google.access):
        assert prod.found(check) == []


@pytest.fixture
def ledger(sandbox: Examining) -> FakeDynamoDb:
    table = FakeDynamoDb()
    sandbox.deployment.once(("client", "dynamodb", None), lambda: table)
    return table


def test_links_whose_time_passed_long_ago_are_overdue(sandbox: Examining, ledger: FakeDynamoDb) -> None:
    clock = FakeClock(NOW_MS - 40 * 60_000)
    Links(ledger, "LedgerTableName", clock).open_for_deal("aws", "500", "hubspot")
    late = Links(ledger, "LedgerTableName", FakeClock(NOW_MS - 10 * 60_000))
    late.open_for_deal("microsoft", "500", "hubspot")
    found = {each.where: each for each in sandbox.found(work.overdue)}
    assert {where: each.level for where, each in found.items()} == {"aws": "error", "microsoft": "ok", "google": "ok"}
    assert "link#aws#d500" in found["aws"].what
    states = {each.where: each.what for each in sandbox.found(work.states)}
    assert states == {"aws": "links: 1 open", "microsoft": "links: 1 open", "google": "links: none yet"}


def test_deals_that_wait_for_a_person_are_findings_with_the_first_ids(sandbox: Examining, ledger: FakeDynamoDb) -> None:
    clock = FakeClock(NOW_MS)
    links = Links(ledger, "LedgerTableName", clock)
    for number, state in enumerate(["blocked"] * 7 + ["conflict", "open"], start=500):
        clock.advance(seconds=1)
        ledger.update_item(
            TableName="LedgerTableName",
            Key={"pk": {"S": links.open_for_deal("aws", str(number), "hubspot")}, "sk": {"S": "link"}},
            UpdateExpression="SET #state = :state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": state}},
        )
    blocked, conflict = [each for each in sandbox.found(work.states) if each.level == "warning"]
    assert blocked.what == "7 deals blocked: 500, 501, 502, 503, 504 and 2 more"
    assert "read aws_sync_message on the deal" in blocked.do
    assert "cosell reconcile --deal 500 --values" in blocked.do
    assert conflict.what == "1 deal in conflict: 507"


def test_dead_letters_that_nobody_judged_are_told_apart_from_those_for_a_person(
    sandbox: Examining, ledger: FakeDynamoDb
) -> None:
    letters = DeadLetters(ledger, "LedgerTableName", FakeClock(NOW_MS - 20 * 60_000))
    assert [each.level for each in sandbox.found(work.dead_letters)] == ["ok"]
    letters.record("one", "https://sqs/1/inbox", "{}", 3)
    (late,) = sandbox.found(work.dead_letters)
    assert (late.level, late.do) == ("warning", "docs/operations.md#dead-letters-not-swept")
    letters.change("one", kind="permanent")
    (person,) = sandbox.found(work.dead_letters)
    assert person.level == "error"
    assert "--kind permanent --stage sandbox" in person.do


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"Concurrency": {"ReservedConcurrentExecutions": 0}}, "may not run at all"),
        ({"Configuration": {"State": "Failed", "StateReasonCode": "InvalidSubnet"}}, "cannot start (InvalidSubnet)"),
        ({"Configuration": {"State": "Active", "LastUpdateStatus": "Failed"}}, "cannot start"),
    ],
)
def test_a_function_that_was_stopped_is_named(prod: Examining, more: dict[str, Any], what: str) -> None:
    held = {"AWS::Lambda::Function": [Resource("sync", "One", "one"), Resource("sync", "Two", "two")]}
    prod.deployment.once("stacks", lambda: {"cosell-prod-sync": {"CreationTime": NOW}})
    prod.deployment.once(("resources", "sync"), lambda: held)
    prod.answer("lambda", "get_function", {"Configuration": {"State": "Active"}, **more}, FunctionName="one")
    prod.answer("lambda", "get_function", {"Configuration": {"State": "Inactive"}}, FunctionName="two")
    (found,) = prod.found(stacks.functions)
    assert (found.level, found.where) == ("error", "one")
    assert what in found.what
