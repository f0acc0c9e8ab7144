"""What the doctor says of AWS's own parts that the local cloud does not have: alarms, backups, seals, limits."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.doctor_checks import alarms, data, flow, secrets, stacks
from cli.doctor_checks.deployment import Resource
from cli.secret_kinds import KINDS
from tests.unit.doctor.examining import NOW_MS, Examining

NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)
TOPIC = "arn:aws:sns:eu-west-1:222222222222:alarms"


def have(examining: Examining, kind: str, *names: str) -> None:
    """The stage has these resources, in the stack ``sync``."""
    held = {kind: [Resource("sync", name, name) for name in names]}
    examining.deployment.once("stacks", lambda: {"cosell-prod-sync": {"CreationTime": NOW}})
    examining.deployment.once(("resources", "sync"), lambda: held)


def alarm(name: str, state: str = "OK", **more: Any) -> dict[str, Any]:
    described = "A queue waits. What to do: docs/operations.md#queue-waiting"
    return {"AlarmName": name, "StateValue": state, "AlarmDescription": described, "AlarmActions": [TOPIC], **more}


def test_an_alarm_that_fires_leads_to_its_own_place_in_the_runbook_and_another_stage_s_is_left_out(
    prod: Examining,
) -> None:
    have(prod, "AWS::CloudWatch::Alarm", "waits", "mute")
    every = [alarm("waits", "ALARM"), alarm("mute", ActionsEnabled=False), alarm("another's", "ALARM")]
    prod.answer("cloudwatch", "describe_alarms", {"MetricAlarms": every})
    (fires,) = prod.found(alarms.firing)
    assert (fires.level, fires.what, fires.where) == ("warning", "fires: A queue waits.", "waits")
    assert fires.do == "docs/operations.md#queue-waiting"
    (mute,) = prod.found(alarms.told)
    assert (mute.level, mute.where) == ("warning", "mute")
    assert "enable-alarm-actions --alarm-names mute" in mute.do


@pytest.mark.parametrize(
    ("arns", "level", "do"),
    [
        ([], "error", "aws sns subscribe"),
        (["PendingConfirmation"], "error", "confirm by the link"),
        ([f"{TOPIC}:1"], "ok", ""),
    ],
)
def test_a_topic_that_nobody_hears_is_an_error_where_the_stage_is_protected(
    prod: Examining, arns: list[str], level: str, do: str
) -> None:
    prod.answer("sns", "list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": arn} for arn in arns]})
    (found,) = prod.found(alarms.heard)
    assert found.level == level
    assert do in found.do


def test_the_local_cloud_s_alarms_need_no_subscriber(prod: Examining) -> None:
    prod.deployment.place.client_options["endpoint_url"] = "http://127.0.0.1:1"
    prod.answer("sns", "list_subscriptions_by_topic", {"Subscriptions": []})
    (found,) = prod.found(alarms.heard)
    assert found.level == "ok"


def tables(prod: Examining, *, ttl: str = "ENABLED", backups: str = "ENABLED", protected: bool = True) -> None:
    for name in ("ledger", "runs", "audit"):
        prod.answer(
            "dynamodb", "describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": ttl}}, TableName=name
        )
        if name != "runs":
            described = {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": backups},
            }
            prod.answer("dynamodb", "describe_continuous_backups", {"ContinuousBackupsDescription": described})
        prod.answer("dynamodb", "describe_table", {"Table": {"DeletionProtectionEnabled": protected}}, TableName=name)


def test_tables_of_a_protected_stage_expire_can_be_put_back_and_cannot_be_deleted(prod: Examining) -> None:
    tables(prod)
    assert prod.said(data.tables) == [("ok", "ledger"), ("ok", "runs"), ("ok", "audit")]


def test_each_lack_of_a_table_is_an_error_with_its_command(prod: Examining) -> None:
    tables(prod, ttl="DISABLED", backups="DISABLED", protected=False)
    found = prod.found(data.tables)
    assert [each.where for each in found] == ["ledger"] * 3 + ["runs"] * 2 + ["audit"] * 3
    assert {each.level for each in found} == {"error"}
    assert "update-continuous-backups --table-name ledger" in found[1].do
    assert "--deletion-protection-enabled" in found[2].do


@pytest.mark.parametrize(
    ("days_ago", "stack_hours", "level"),
    [(1, 1000, "ok"), (3, 1000, "error"), (None, 1000, "error"), (None, 2, "ok")],
)
def test_an_audit_without_yesterday_s_seal_is_an_error_once_the_stack_is_old_enough(
    prod: Examining, days_ago: int | None, stack_hours: int, level: str
) -> None:
    made = NOW - timedelta(hours=stack_hours)
    prod.deployment.once("stacks", lambda: {"cosell-prod-audit": {"CreationTime": made}})
    keys = [] if days_ago is None else [f"seals/{NOW - timedelta(days=days_ago):%Y-%m-%d}.json"]
    prod.answer("s3", "list_objects_v2", {"Contents": [{"Key": key} for key in keys]})
    (found,) = prod.found(data.seals)
    assert found.level == level
    assert "cosell audit verify --stage prod" in found.do


def test_a_new_account_s_ten_executions_are_told_with_the_request_for_more(prod: Examining) -> None:
    limits = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    prod.answer("lambda", "get_account_settings", {"AccountLimit": limits})
    (found,) = prod.found(stacks.concurrency)
    assert found.level == "warning"
    assert "request-service-quota-increase --service-code lambda" in found.do
    assert "--region eu-west-1" in found.do


@pytest.mark.parametrize(("off", "level"), [(1, "ok"), (90, "warning"), (400, "error")])
def test_a_clock_that_is_off_is_told(prod: Examining, off: int, level: str) -> None:
    date = (NOW + timedelta(seconds=off)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": date}, "HTTPStatusCode": 200}}
    prod.answer("sts", "get_caller_identity", answer)
    assert [each.level for each in prod.found(stacks.clock)] == [level]


def test_stacks_that_are_missing_or_failed_are_errors(prod: Examining) -> None:
    known = {
        part: {"StackStatus": "UPDATE_COMPLETE", "CreationTime": NOW} for part in ("data", "dead-letters", "seeing")
    }
    known["sync"] = {"StackStatus": "UPDATE_ROLLBACK_COMPLETE", "CreationTime": NOW}
    known["audit"] = {"StackStatus": "UPDATE_IN_PROGRESS", "CreationTime": NOW}
    prod.deployment.once("stacks", lambda: {f"cosell-prod-{part}": stack for part, stack in known.items()})
    said = prod.said(stacks.stacks)
    assert ("error", "cosell-prod-api") in said, "not deployed"
    assert ("error", "cosell-prod-sync") in said
    assert ("warning", "cosell-prod-audit") in said
    assert ("ok", "cosell-prod-data") in said


def test_settings_that_are_deployed_otherwise_are_named_by_their_path(prod: Examining, tmp_path: Path) -> None:
    document = json.loads(json.dumps(prod.deployment.settings))
    document["partners"]["aws"]["tag"] = "#Amazon"
    archive = tmp_path / "layer.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        writing.writestr(stacks.SETTINGS, json.dumps(document))
    have(prod, "AWS::Lambda::LayerVersion", "arn:aws:lambda:eu-west-1:222222222222:layer:settings:7")
    layer = {"Description": "Settings document of cosell-sync", "Content": {"Location": archive.as_uri()}}
    prod.answer("lambda", "get_layer_version_by_arn", layer)
    (found,) = prod.found(stacks.settings)
    assert found.level == "error"
    assert found.what.endswith("differs from the configuration at partners.aws.tag")
    assert "npx cdk deploy 'prod/*'" in found.do


def test_differences_of_the_settings_are_named_by_their_path() -> None:
    wanted = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert list(stacks.differences(wanted, {"a": {"b": 1, "c": [1, 3]}, "e": 1})) == ["a.c", "d", "e"]
    assert list(stacks.differences(wanted, json.loads(json.dumps(wanted)))) == []


def test_a_queue_whose_oldest_message_is_old_and_dead_letters_without_a_record_are_told(prod: Examining) -> None:
    have(prod, "AWS::SQS::Queue", "https://sqs/1/inbox", "https://sqs/1/last")
    redrive = {"ApproximateNumberOfMessages": "7", "RedrivePolicy": "{}"}
    prod.answer("sqs", "get_queue_attributes", {"Attributes": redrive})
    prod.answer("sqs", "get_queue_attributes", {"Attributes": {"ApproximateNumberOfMessages": "2"}})
    points = [{"Timestamp": NOW, "Maximum": 3000.0}, {"Timestamp": NOW - timedelta(minutes=1), "Maximum": 10.0}]
    prod.answer("cloudwatch", "get_metric_statistics", {"Datapoints": points})
    prod.answer("cloudwatch", "get_metric_statistics", {"Datapoints": []})
    old, dead, _sum = prod.found(flow.queues)
    assert (old.level, old.where) == ("error", "inbox")
    assert "50 minutes" in old.what
    assert (dead.level, dead.where) == ("warning", "last")


def test_a_rule_of_a_bus_of_ours_is_asked_for_there(prod: Examining) -> None:
    have(prod, "AWS::Events::Rule", "cosell-prod-events|told", "on-the-default-bus")
    prod.answer("events", "describe_rule", {"State": "ENABLED"}, Name="told", EventBusName="cosell-prod-events")
    prod.answer("events", "describe_rule", {"State": "DISABLED"}, Name="on-the-default-bus")
    assert prod.said(flow.rules) == [("error", "on-the-default-bus")]


def test_a_schedule_that_is_gone_or_off_is_named(prod: Examining) -> None:
    have(prod, "AWS::Scheduler::Schedule", "cosell-prod-on", "cosell-prod-off", "cosell-prod-gone")
    rows = [{"Name": "cosell-prod-on", "State": "ENABLED"}, {"Name": "cosell-prod-off", "State": "DISABLED"}]
    prod.answer("scheduler", "list_schedules", {"Schedules": rows})
    off, gone = prod.found(flow.schedules)
    assert (off.where, off.what.partition(":")[0]) == ("cosell-prod-off", "is DISABLED")
    assert (gone.where, gone.what.partition(":")[0]) == ("cosell-prod-gone", "is gone")


SECRET = "pat-na1-0123456789"


@pytest.mark.parametrize(
    ("text", "days", "level", "do"),
    [
        (json.dumps({"access_token": SECRET}), 1, "ok", ""),
        (json.dumps({"access_token": SECRET}), 400, "warning", "cosell secrets rotate hubspot-token --stage prod"),
        (json.dumps({"access_token": f"{SECRET} {SECRET}"}), 1, "error", "cosell secrets set hubspot-token"),
        (json.dumps({"access_token": "", "unused": SECRET}), 1, "error", "cosell secrets set hubspot-token"),
        (f'"{SECRET}', 1, "error", "cosell secrets set hubspot-token"),
    ],
)
def test_a_secret_is_judged_by_its_form_and_age_and_never_shown(
    prod: Examining, text: str, days: int, level: str, do: str
) -> None:
    created = NOW - timedelta(days=days)
    prod.answer("secretsmanager", "get_secret_value", {"SecretString": text, "CreatedDate": created})
    look = next(each.run for each in secrets.CHECKS if each.name == "hubspot-token")
    (found,) = prod.found(look)
    assert found.level == level
    assert do in found.do
    assert SECRET not in f"{found}"


def test_secrets_of_partners_that_are_off_are_not_asked_for(prod: Examining) -> None:
    off = [each for each in secrets.CHECKS if each.name.startswith(("microsoft-", "google-"))]
    assert len(off) == len(KINDS) - 2
    assert [prod.found(each.run) for each in off] == [[]] * len(off)
