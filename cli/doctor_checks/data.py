"""What keeps the data: tables that expire, can be put back and cannot be deleted by mistake; the audit's seals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment, ago

AREA = "data"
_TABLES = ("LedgerTableName", "RunsTableName", "AuditTableName")
_RESTORABLE = frozenset({"LedgerTableName", "AuditTableName"})
_SEALED_AFTER = timedelta(hours=26)


def tables(d: Deployment) -> Iterator[Finding]:
    """Expiry and point-in-time recovery; in a protected stage deletion protection too, and each lack is an error."""
    if d.is_local:
        yield ok("the local cloud keeps nothing, and nothing in it expires", "tables")
        return
    for output in _TABLES:
        table = d.place.output(output)
        lacks = list(_lacks(d, output, table))
        for what, do in lacks:
            yield (error if d.stage.protected else warning)(what, table, do)
        if not lacks:
            yield ok("expires, can be put back and is protected as the stage says", table)


def _lacks(d: Deployment, output: str, table: str) -> Iterator[tuple[str, str]]:
    client, deploy = d.client("dynamodb"), f"npx cdk deploy '{d.name}/Data'"
    if client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED":
        yield "nothing in it expires (TTL is off)", deploy
    if output in _RESTORABLE:
        answer = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        if answer.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
            on = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
            yield "no point-in-time recovery", f"aws dynamodb update-continuous-backups --table-name {table} {on}"
    if d.stage.protected and not client.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"):
        yield "can be deleted", f"aws dynamodb update-table --table-name {table} --deletion-protection-enabled"


def seals(d: Deployment) -> Iterator[Finding]:
    """Yesterday of the audit is sealed, once its stack is older than a day."""
    bucket = d.place.outputs_of("audit", "AuditVaultBucket")["AuditVaultBucket"]
    now = datetime.fromtimestamp(d.now_ms() / 1000, UTC)
    verify = f"cosell audit verify --stage {d.name}"
    last = _last_day(d, bucket, now)
    if last is None and now - d.stacks()["audit"]["CreationTime"] < _SEALED_AFTER:
        yield Finding("ok", "no seal yet; the first comes within a day of the deployment", "audit", verify)
    elif last is None or now - (last + timedelta(days=1)) > _SEALED_AFTER:
        age = f"the last sealed day is {last:%Y-%m-%d}" if last else "no day is sealed"
        do = f"docs/operations.md#audit-not-sealed: the log of seal-audit, its schedule; then {verify}"
        yield error(age, "audit", do)
    else:
        since = ago((now - (last + timedelta(days=1))).total_seconds() * 1000)
        yield Finding("ok", f"sealed through {last:%Y-%m-%d}, which ended {since} ago", "audit", verify)


def _last_day(d: Deployment, bucket: str, now: datetime) -> datetime | None:
    """The newest sealed day of the last weeks; a listing begins behind a key, so the years before are not read."""
    client, after = d.client("s3"), f"seals/{now - timedelta(days=60):%Y-%m-%d}"
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="seals/", StartAfter=after)
    days = [
        each["Key"].removeprefix("seals/").removesuffix(".json") for page in pages for each in page.get("Contents", ())
    ]
    return datetime.strptime(max(days), "%Y-%m-%d").replace(tzinfo=UTC) if days else None


CHECKS = [
    Check(
        area=AREA,
        name="tables",
        run=tables,
        needs="dynamodb:DescribeTable, DescribeTimeToLive, DescribeContinuousBackups",
    ),
    Check(area=AREA, name="seals", run=seals, needs="s3:ListBucket"),
]
