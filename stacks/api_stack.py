"""ApiStack: the operator's REST API.

A stack of its own, because one stack may hold 500 resources and the sync has most of those. It has a settings layer of
its own too: a layer's ARN changes with each change of the settings, and what another stack imports cannot be replaced.
"""

# jsii gives parameters of a class other names than its interface has: pyright then sees no CDK class as its interface.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from config.model import Stage
from constructs_lib.operator_api import OperatorApi, OperatorApiProps
from constructs_lib.partner_access import RoleAccess
from constructs_lib.settings_layer import SettingsLayer, SettingsLayerProps
from constructs_lib.sync_function import FunctionDefaults
from stacks.data_stack import DataStack
from stacks.names import Names
from stacks.sources import Sources


class ApiStack(Stack):
    """Solutions, what fits a deal, and submitting it, for callers with IAM's leave. ``inbox`` is AWS's."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        stage: Stage,
        settings: Mapping[str, Any],
        data: DataStack,
        sources: Sources,
        inbox: sqs.IQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("api"),
            description="cosell-sync: the operator's REST API",
            termination_protection=stage.protected,
        )
        url = CfnParameter(
            self, "HubSpotApiUrl", default="https://api.hubapi.com", description="Where HubSpot's API is reached"
        )
        layer = SettingsLayer(
            self, "Settings", SettingsLayerProps(document=settings, folder=sources.settings / names.stage)
        )
        central = stage.partner_central
        self.api = OperatorApi(
            self,
            "Operator",
            OperatorApiProps(
                functions=FunctionDefaults(
                    code=sources.aws(),
                    name_prefix=names.prefix,
                    service=names.prefix,
                    layers=[layer.layer],
                    environment={"COSELL_HUBSPOT_API_URL": url.value_as_string},
                ),
                ledger=data.ledger,
                token_secret=data.secrets.token,
                inbox=inbox,
                partner_central=RoleAccess(
                    role_arn=f"arn:aws:iam::{central.account}:role/{central.role_name}",
                    external_id=central.external_id,
                ),
                name=f"{names.prefix}-operator",
                requests_per_second=stage.api.requests_per_second,
                burst=stage.api.burst,
                manage_log_role=False,  # the webhook's API sets the account's
                alarms=data.alarms,
            ),
        )
