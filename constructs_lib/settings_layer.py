"""SettingsLayer: the settings document as a Lambda layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

PACKAGE = '"""The settings document of this deployment stage; see ``lambdas.shared.settings``."""\n'


@dataclass(frozen=True, kw_only=True)
class SettingsLayerProps:
    """The document.

    Attributes:
        document: JSON, without any secret.
        folder: where the layer's content is written at synth; rewritten only when it changes.
        layer: bring your own, with the document in it; default an own one, and only then is anything written.
    """

    document: Mapping[str, Any]
    folder: Path
    layer: lambda_.ILayerVersion | None = None


class SettingsLayer(Construct):
    """A layer with ``python/cosell_settings/settings.json``: a change of configuration is no change of code."""

    def __init__(self, scope: Construct, construct_id: str, props: SettingsLayerProps) -> None:
        super().__init__(scope, construct_id)
        self._layer = props.layer or self._own_layer(props)

    @property
    def layer(self) -> lambda_.ILayerVersion:
        """The layer."""
        return self._layer

    def _own_layer(self, props: SettingsLayerProps) -> lambda_.LayerVersion:
        package = props.folder / "python" / "cosell_settings"
        package.mkdir(parents=True, exist_ok=True)
        _write(package / "__init__.py", PACKAGE)
        _write(
            package / "settings.json", json.dumps(props.document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        )
        return lambda_.LayerVersion(
            self,
            "Layer",
            code=lambda_.Code.from_asset(str(props.folder)),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            description="Settings document of cosell-sync",
        )


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
