"""Functions as deployed against functions as written: handlers exist, and find what they look for."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import config
from config.model import StageName
from constructs_lib.aws_functions import (
    ACCEPTANCE_FUNCTIONS,
    API_FUNCTIONS,
    INVITATION_POLL,
    LOOKS,
    SETTINGS_POLL,
    SOLUTION_POLL,
    SUBMISSION_FUNCTIONS,
)
from constructs_lib.forgetting import FORGET_PERSON
from constructs_lib.partner_functions import (
    COUNT_LINKS,
    DEAD_LETTER_POLLS,
    LIST_CHANGED_DEALS,
    look_functions,
    look_poll,
    poll_functions,
    sync_functions,
)
from lambdas.shared.adapters import read_only
from tests.infrastructure.assembly import FUNCTION_STACKS, Assembly

PARTNERS = ("aws", "microsoft", "google")
_NEEDS = (
    *(needs for each in PARTNERS for of in (sync_functions, poll_functions) for needs in of(each).values()),
    *ACCEPTANCE_FUNCTIONS.values(),
    *SUBMISSION_FUNCTIONS.values(),
    *INVITATION_POLL.values(),
    *SETTINGS_POLL.values(),
    *SOLUTION_POLL.values(),
    *API_FUNCTIONS.values(),
    *look_functions("aws").values(),
    look_poll("aws", LOOKS),
    *LOOKS.values(),
    LIST_CHANGED_DEALS,
    *DEAD_LETTER_POLLS.values(),
    COUNT_LINKS,
    FORGET_PERSON,
)
_OTHERS = ("route-notices", "receive-webhook", "microsoft-refresh-token", "receive-microsoft-notice", "seal-audit")
NAMES = sorted({*(needs.name for needs in _NEEDS), *_OTHERS})


def test_no_function_only_looks(assembly: Assembly) -> None:
    """What a preview refuses to write, a function has to write."""
    given = {name: set(properties["Environment"]["Variables"]) for name, properties in deployed(assembly).items()}
    assert len(given) > 40
    assert [name for name, variables in given.items() if read_only.VARIABLE in variables] == []


def deployed(assembly: Assembly) -> dict[str, Mapping[str, Any]]:
    return {
        one["Properties"]["FunctionName"].removeprefix("cosell-dev-"): one["Properties"]
        for stack in FUNCTION_STACKS
        for _, _, one in assembly.resources("AWS::Lambda::Function", stack=stack)
    }


def variables(properties: Mapping[str, Any]) -> dict[str, str]:
    """The function's environment, with a stand-in for what only a deployment knows."""
    given = properties["Environment"]["Variables"]
    return {name: value if isinstance(value, str) else f"https://{name}" for name, value in given.items()}


def test_these_functions_are_deployed(assembly: Assembly):
    assert sorted(deployed(assembly)) == NAMES


def test_names_fit_what_aws_allows_for_the_longest_name_of_a_stage():
    longest = next(each.max_length for each in StageName.__metadata__ if each.max_length)
    assert all(len(f"cosell-{'s' * longest}-{name}") <= 64 for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_function_is_wired_from_its_own_environment(
    name: str, assembly: Assembly, monkeypatch: pytest.MonkeyPatch, settings_file: Path
):
    properties = deployed(assembly)[name]
    module_name, _, handler = properties["Handler"].rpartition(".")
    for variable in [variable for variable in os.environ if variable.startswith("COSELL_")]:
        monkeypatch.delenv(variable)
    for variable, value in variables(properties).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("COSELL_SETTINGS_FILE", str(settings_file))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    forget_wiring()
    module = importlib.import_module(module_name)
    assert callable(getattr(module, handler))
    module._collaborators()
    forget_wiring()


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings document of dev, which all functions share and none writes."""
    root = Path(__file__).resolve().parents[2]
    path = tmp_path_factory.mktemp("document") / "settings.json"
    path.write_text(json.dumps(config.render_settings(config.load(root / "config"), "dev")))
    return path


def forget_wiring() -> None:
    rooms = [f"lambdas.{partner}.{module}" for partner in PARTNERS for module in ("room", "wiring")]
    for name in ("lambdas.shared.wiring", "lambdas.shared.settings", *rooms):
        for each in vars(importlib.import_module(name)).values():
            if hasattr(each, "cache_clear"):
                each.cache_clear()
