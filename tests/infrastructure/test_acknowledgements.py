"""An acknowledgement of ours excuses what we made, and nothing that a user adds to it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks

from constructs_lib.partner_central_link import PartnerCentralLink, PartnerCentralLinkProps
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps

LINKED = Environment(account="333333333333", region="us-east-1")


def stars(folder: Path, app: App) -> list[str]:
    """Paths of the policies whose resource ``*`` nobody has acknowledged."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with contextlib.suppress(RuntimeError):  # an unacknowledged finding fails the synth; the report says which
        app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    return [
        construct["constructPath"]
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        if violation["ruleName"] == "AwsSolutions-IAM5[Resource::*]"
        for construct in violation["violatingConstructs"]
    ]


def star(action: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=["*"])


@pytest.mark.parametrize("way", ["nothing", "statements", "grant", "role"])
def test_a_star_of_the_user_s_on_a_function_is_found(way: str, tmp_path: Path, defaults: FunctionDefaults):
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Try")
    role = iam.Role(stack, "Mine", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")) if way == "role" else None
    if role is not None:
        role.add_to_policy(star("s3:GetObject"))
    mine = [star("s3:GetObject")] if way == "statements" else []
    props = SyncFunctionProps(name="a", handler="a.b", description="A", defaults=defaults, statements=mine, role=role)
    function = SyncFunction(stack, "It", props)
    if way == "grant":
        function.grant_principal.add_to_principal_policy(star("s3:GetObject"))
    where = {"nothing": [], "role": ["Try/Mine/DefaultPolicy/Resource"]}
    assert stars(tmp_path, app) == where.get(way, ["Try/It/Role/DefaultPolicy/Resource"])


@pytest.mark.parametrize("added", [False, True])
def test_a_star_of_the_user_s_on_the_role_in_the_linked_account_is_found(added: bool, tmp_path: Path):
    app = App(outdir=str(tmp_path))
    props = PartnerCentralLinkProps(
        catalog="AWS",
        trusted_role_arns=["arn:aws:iam::111111111111:role/mine"],
        home_account="111111111111",
        home_bus_arn="arn:aws:events:eu-central-1:111111111111:event-bus/mine",
    )
    link = PartnerCentralLink(Stack(app, "Try", env=LINKED), "Link", props)
    if added:
        link.role.add_to_principal_policy(star("partnercentral:DeleteResourceSnapshotJob"))
    assert stars(tmp_path, app) == (["Try/Link/Role/DefaultPolicy/Resource"] if added else [])
