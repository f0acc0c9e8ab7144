"""Rates and day quotas of the account, on a turned clock."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import answer_client, client_for
from sandbox.partner_central.switches import Quota
from tests.contract.partner_central.samples import associate, create, read, update


def throttled(call):
    try:
        call()
    except ClientError as error:
        return (
            error.response["Error"]["Code"] == "ThrottlingException"
            and error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            and "[fact sheet 1.5]" in error.response["Error"]["Message"]
        )
    return False


def test_one_write_a_second_over_the_whole_group(make, clock):
    client = client_for(make(quota=Quota()))
    identifier = create(client)

    assert throttled(lambda: associate(client, identifier))
    clock.turn(1)
    assert not throttled(lambda: associate(client, identifier))


def test_in_the_other_reading_the_rate_is_per_operation(make):
    client = client_for(make(quota=Quota(), switch_rate_counts="operation"))
    identifier = create(client)

    assert not throttled(lambda: associate(client, identifier))
    assert throttled(lambda: create(client, attempt="t-2"))


def test_ten_reads_a_second_beside_the_writes(make, clock):
    client = client_for(make(quota=Quota()))
    identifier = create(client)

    results = [throttled(lambda: read(client, identifier)) for _ in range(12)]

    assert results == [False] * 10 + [True] * 2
    clock.turn(0.5)
    assert [throttled(lambda: read(client, identifier)) for _ in range(6)] == [False] * 5 + [True]


def test_both_catalogs_share_the_accounts_quota(make):
    client = client_for(make(quota=Quota()))
    create(client)

    assert throttled(lambda: create(client, catalog="Sandbox"))


def test_a_call_that_comes_a_little_early_passes_and_the_average_still_holds(make, clock):
    account = make(quota=Quota())
    client = client_for(account)
    passed = 0
    for number in range(200):
        passed += not throttled(lambda number=number: create(client, attempt=f"t-{number}"))
        clock.turn(0.96)

    assert passed <= 200 * 0.96 + 2
    assert not throttled(lambda: client.list_engagements(Catalog="AWS"))  # no published quota


def test_the_day_quota_rolls(make, clock):
    client = client_for(make(quota=Quota(writes_per_day=3)))
    for number in range(3):
        create(client, attempt=f"t-{number}")
        clock.turn(3600)

    assert throttled(lambda: create(client, attempt="t-3"))
    clock.turn(24 * 3600 - 3 * 3600 - 1)
    assert throttled(lambda: create(client, attempt="t-3"))
    clock.turn(1)
    assert not throttled(lambda: create(client, attempt="t-3"))
    clock.turn(2)
    assert throttled(lambda: create(client, attempt="t-4"))


def test_calls_and_throttles_are_counted_per_operation(make, clock):
    account = make(quota=Quota())
    client = client_for(account)
    identifier = create(client)
    read(client, identifier)
    assert throttled(lambda: associate(client, identifier))

    assert account.calls == [
        ("CreateOpportunity", clock.ms),
        ("GetOpportunity", clock.ms),
        ("AssociateOpportunity", clock.ms),
    ]
    assert account.call_counts()["AssociateOpportunity"] == {"calls": 1, "throttled": 1}
    account.forget_calls()
    assert account.call_counts() == {}


def test_a_refused_update_counts_against_the_quota(make):
    client = client_for(make(quota=Quota(writes_per_second=None, writes_per_day=2)))
    identifier = create(client)
    with pytest.raises(client.exceptions.ValidationException):
        update(client, identifier, {"Project.Title": None})

    assert throttled(lambda: update(client, identifier))


def test_boto3_retries_throttling_by_itself(make, clock, monkeypatch):
    """So a benchmark must count calls here and not at the caller."""
    account = make(quota=Quota())
    client = boto3.client(
        "partnercentral-selling",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
    )
    monkeypatch.setattr("time.sleep", lambda _random_backoff: clock.turn(1))
    answer_client(client, account)
    create(client)

    create(client, attempt="t-2")

    counts = account.call_counts()["CreateOpportunity"]
    assert counts == {"calls": 3, "throttled": 1}
