"""What the functions of one stack share: the settings layer, and where HubSpot is reached.

Each stack has both for itself: a layer's ARN changes with each change of the settings, and what another stack imports
cannot be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_lambda as lambda_

from constructs_lib.settings_layer import SettingsLayer, SettingsLayerProps
from constructs_lib.sync_function import FunctionDefaults
from stacks.names import Names
from stacks.sources import Sources

type Defaults = Callable[[lambda_.Code], FunctionDefaults]


def function_defaults(stack: Stack, *, names: Names, settings: Mapping[str, Any], sources: Sources) -> Defaults:
    """Add the layer and the parameter to ``stack``; returns what gives the defaults of functions with a code."""
    url = CfnParameter(
        stack, "HubSpotApiUrl", default="https://api.hubapi.com", description="Where HubSpot's API is reached"
    )
    layer = SettingsLayer(
        stack, "Settings", SettingsLayerProps(document=settings, folder=sources.settings / names.stage)
    )

    def defaults(code: lambda_.Code) -> FunctionDefaults:
        return FunctionDefaults(
            code=code,
            name_prefix=names.prefix,
            service=names.prefix,
            layers=[layer.layer],
            environment={"COSELL_HUBSPOT_API_URL": url.value_as_string},
        )

    return defaults
