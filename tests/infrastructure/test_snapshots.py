"""Every template as it was agreed on. What is versioned elsewhere (code, definitions, settings) is matched out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.infrastructure.assembly import Assembly

ASSET = re.compile(r"\b[0-9a-f]{64}(\.zip)?\b")
GENERATED = re.compile(r"(Deployment|CurrentVersion|AutoDeploy)([0-9A-Za-z]*?)[0-9a-f]{32}")
KINDS = ("Data", "Sync", "Aws", "DeadLetters", "Audit", "Api", "PartnerCentral")
STACKS = [*(f"{stage}{kind}" for stage in ("dev", "prod") for kind in KINDS), "devMicrosoft", "devGoogle"]


def matched_out(value: Any, key: str = "") -> Any:
    """The template without hashes and without the text of definitions."""
    if key == "DefinitionString":
        return "<definition>"
    if isinstance(value, dict):
        return {GENERATED.sub(r"\1\2<hash>", name): matched_out(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [matched_out(one) for one in value]
    if isinstance(value, str):
        return GENERATED.sub(r"\1\2<hash>", ASSET.sub("<asset>", value))
    return value


@pytest.mark.parametrize("stack", STACKS)
def test_template_is_the_one_agreed_on(stack: str, assembly: Assembly, snapshot: SnapshotAssertion):
    name = next(name for name in assembly.templates if re.fullmatch(f"{stack}[0-9A-F]{{8}}", name))
    template = matched_out(assembly.templates[name])
    assert template == snapshot(extension_class=JSONSnapshotExtension)


def test_nothing_that_changes_with_the_code_is_left_in_a_snapshot(assembly: Assembly):
    for template in assembly.templates.values():
        assert not re.search(r"[0-9a-f]{32}", json.dumps(matched_out(template)))
