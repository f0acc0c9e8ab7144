"""ApiStack: the operator's REST API.

A stack of its own: nothing depends on it, and a stage may do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Stack
from constructs import Construct

from config.model import Stage
from constructs_lib.by_name import queue_by_name
from constructs_lib.operator_api import OperatorApi, OperatorApiProps
from constructs_lib.partner_access import RoleAccess
from stacks.data_stack import DataStack
from stacks.defaults import function_defaults
from stacks.names import Names
from stacks.sources import Sources


class ApiStack(Stack):
    """Solutions, what fits a deal, and submitting it, for callers with IAM's leave.

    ``manage_log_role``: set the account's role for API Gateway's logs, which the webhook's API does where it is ours.
    """

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
        manage_log_role: bool,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("api"),
            description="cosell-sync: the operator's REST API",
            termination_protection=stage.protected,
        )
        defaults = function_defaults(self, names=names, settings=settings, sources=sources)
        central = stage.partner_central
        self.api = OperatorApi(
            self,
            "Operator",
            OperatorApiProps(
                functions=defaults(sources.aws()),
                ledger=data.ledger,
                token_secret=data.secrets.token,
                inbox=queue_by_name(self, "AwsInbox", names.resource("aws-inbox")),
                partner_central=RoleAccess(
                    role_arn=f"arn:aws:iam::{central.account}:role/{central.role_name}",
                    external_id=central.external_id,
                ),
                name=f"{names.prefix}-operator",
                requests_per_second=stage.api.requests_per_second,
                burst=stage.api.burst,
                manage_log_role=manage_log_role,
                alarms=data.alarms,
            ),
        )
