"""AWS Partner Central: the role in the linked account, the catalog, and the role of snapshot jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.doctor_checks.check import Check, Finding, NotChecked, error, ok, warning
from cli.doctor_checks.deployment import Deployment
from cli.doctor_checks.polls import poll_fares
from cli.stage import deployed_stacks

AREA = "aws"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


def role(d: Deployment) -> Iterator[Finding]:
    """The role in the linked account can be taken."""
    if d.partner("aws") is None:
        return
    from botocore.exceptions import ClientError

    try:
        credentials(d)
    except ClientError as caught:
        if caught.response["Error"]["Code"] not in _DENIED:
            raise
        do = (
            "the functions may all the same, their poll says how they fare; to look from here, name your role "
            "under partner_central.operators in config/stages.yaml, deploy, and allow it sts:AssumeRole on that ARN"
        )
        yield warning("this operator may not take it", _arn(d), do)
        return
    yield ok("can be taken", _arn(d))


def catalog(d: Deployment) -> Iterator[Finding]:
    """The linked account has the catalog: a list of one opportunity."""
    ours = d.partner("aws")
    if ours is None:
        return
    where = f"catalog {ours['catalog']}"
    from botocore.exceptions import ClientError

    try:
        central = client(d)
    except NotChecked:
        yield from poll_fares(
            d, "aws", d.stage.intervals.opportunities_minutes, "the role, its ExternalId, the catalog"
        )
        return
    try:
        central.list_opportunities(Catalog=ours["catalog"], MaxResults=1)
    except ClientError as caught:
        code = caught.response["Error"]["Code"]
        if code not in _DENIED:
            raise
        do = (
            "see in Partner Central that this account is linked and its catalog is on, and that the role has the "
            "policy of the stack partner-central: docs/operations.md#token-dead-rotation"
        )
        yield error(f"AWS refuses it ({code})", where, do)
        return
    yield ok("answers", where)


def snapshot_role(d: Deployment) -> Iterator[Finding]:
    """The role of snapshot jobs is registered, and it is ours."""
    ours = d.partner("aws")
    if ours is None:
        return
    from lambdas.aws.adapters.engagements import Engagements

    registered, wanted = Engagements(client(d), ours["catalog"]).job_role(), ours["resources"]["snapshot_role"]
    runbook = "docs/operations.md#documents-on-deals"
    if registered is None:
        do = f"the poll aws.settings registers it within a day; if it did not: {runbook}"
        yield warning("none is registered: members do not see later changes yet", wanted, do)
    elif registered != wanted:
        yield warning(f"another role is registered, {registered}", wanted, f"see that it has AWS's policy: {runbook}")
    else:
        yield ok("registered for snapshot jobs", wanted)


def link(d: Deployment) -> Iterator[Finding]:
    """The stack in the linked account is deployed, and its rule forwards Partner Central's events."""
    if d.partner("aws") is None:
        return
    central, name = d.stage.partner_central, f"cosell-{d.name}-partner-central"
    if central.account != d.stage.account:
        look = f"with that account's credentials: aws cloudformation describe-stacks --stack-name {name}"
        do = f"{look} --region {central.region}; and that the rule in it is ENABLED"
        yield Finding("ok", f"lies in account {central.account} and is not looked at from here", name, do)
        return
    deploy, cloudformation = f"npx cdk deploy '{d.name}/PartnerCentral'", d.client("cloudformation", central.region)
    if name not in deployed_stacks(cloudformation, d.name):
        yield error("is not deployed", name, deploy)
        return
    events = d.client("events", central.region)
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
        for row in page["StackResourceSummaries"]:
            if row["ResourceType"] != "AWS::Events::Rule":
                continue
            state = events.describe_rule(Name=row["PhysicalResourceId"])["State"]
            do = f"aws events enable-rule --name {row['PhysicalResourceId']} --region {central.region}"
            what = f"is {state}: AWS's events are not heard, only the polls find what they told"
            yield (
                ok("forwards events", row["PhysicalResourceId"])
                if state == "ENABLED"
                else error(what, row["PhysicalResourceId"], do)
            )


def client(d: Deployment) -> Any:
    """Partner Central as the role in the linked account."""
    from botocore.exceptions import ClientError

    def make() -> Any:
        taken = credentials(d)
        further = {"endpoint_url": d.place.vendors["partner_central"]} if "partner_central" in d.place.vendors else {}
        return d.place.client(
            "partnercentral-selling",
            region_name=d.stage.partner_central.region,
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
            **further,
        )

    try:
        return d.once("partner central", make)
    except ClientError:
        raise NotChecked("the role in the linked account could not be taken from here") from None


def credentials(d: Deployment) -> dict[str, str]:
    """The role's, for a quarter of an hour."""

    def take() -> dict[str, str]:
        request: dict[str, Any] = {"RoleArn": _arn(d), "RoleSessionName": "cosell-doctor", "DurationSeconds": 900}
        request |= {"ExternalId": d.stage.partner_central.external_id} if d.stage.partner_central.external_id else {}
        return d.client("sts").assume_role(**request)["Credentials"]

    return d.once("linked account", take)


def _arn(d: Deployment) -> str:
    central = d.stage.partner_central
    return f"arn:aws:iam::{central.account}:role/{central.role_name}"


CHECKS = [
    Check(area=AREA, name="link", run=link, needs="cloudformation:DescribeStacks, events:DescribeRule"),
    Check(area=AREA, name="role", run=role, needs="sts:AssumeRole"),
    Check(area=AREA, name="catalog", run=catalog, needs="partnercentral:ListOpportunities"),
    Check(area=AREA, name="snapshot role", run=snapshot_role, needs="partnercentral:GetSellingSystemSettings"),
]
