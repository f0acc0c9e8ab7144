"""A partner outside of our code, beside AWS: its room is the package ``alliance`` of this project."""

from pathlib import Path

import aws_cdk as cdk
import yaml
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

import cosell_sync

HERE = Path(__file__).resolve().parent


def access(scope: Construct) -> cosell_sync.PartnerAccess:
    """Its functions read one secret, ``{"access_token": "…"}``, which lies there already."""
    secret = secretsmanager.Secret.from_secret_name_v2(scope, "AlliancePortal", "crm/alliance-portal")
    return cosell_sync.SecretAccess(variable="COSELL_ALLIANCE_SECRET", secret=secret)


recipe = cosell_sync.Recipe(rooms=("lambdas/shared",), packages=(HERE / "alliance",))
alliance = cosell_sync.OwnPartner(
    room="alliance.room",
    code=cosell_sync.code_of(cosell_sync.build_bundle("alliance", recipe)),
    settings=yaml.safe_load((HERE / "config/alliance.yaml").read_text("utf-8")),
    access=access,
)
app = cdk.App()
cosell_sync.CosellStage(
    app,
    "own",
    configuration=cosell_sync.load_configuration("config"),
    partners={"alliance": alliance},
)
cosell_sync.add_rule_packs(app)
app.synth()
