"""Nothing that users rely on changes unannounced: public names, props, defaults, what a deployed stage remembers."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.library import record
from tests.library.record import API, PAGE, ROOT, STATE, Record

HOW = (
    "run `python -m tests.library.record`, and say in the upgrade notes of docs/library.md, with the mark that it "
    "prints, what changed and what a user has to do"
)


@pytest.fixture(scope="module")
def api() -> Record:
    return record.api()


@pytest.fixture(scope="module")
def state() -> Record:
    return record.state()


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def notes() -> str:
    """What the upgrade notes say of this version."""
    found = re.search(rf"^### {re.escape(version())}\b(.*?)(?=^#|\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"docs/library.md has no upgrade notes under `### {version()}`"
    return found[1]


def test_the_public_api_is_the_one_on_record(api: Record):
    assert api == json.loads(API.read_text()), HOW


def test_the_state_is_the_one_on_record(state: Record):
    assert state == json.loads(STATE.read_text()), HOW


@pytest.mark.parametrize(("kind", "path"), [("api", API), ("state", STATE)])
def test_what_is_on_record_is_announced_for_this_version(kind: str, path):
    assert record.mark(kind, json.loads(path.read_text())) in notes(), HOW


def test_the_changelog_has_the_version():
    assert re.search(rf"^## {re.escape(version())}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_page_has_the_table(api: Record):
    assert PAGE.read_text() == record.with_table(PAGE.read_text(), api), HOW


def test_every_public_name_is_explained_and_there(api: Record):
    assert [name for name, each in api["names"].items() if not each["summary"]] == []
    import cosell_sync

    assert cosell_sync.__all__ == sorted(api["names"])
    assert cosell_sync.load_configuration is cosell_sync.__dict__["load_configuration"]
    with pytest.raises(AttributeError, match="no attribute 'AwsSink'"):
        _ = cosell_sync.AwsSink


def test_a_default_and_a_constant_behind_it_are_on_record(api: Record):
    """Else the test above could not fail for them."""
    props = api["names"]["SyncLedgerProps"]["props"]
    assert props["audit_kept_days"] == {"type": "int", "default": "7 * 365 + 2"}
    assert props["removal_policy"]["default"] == "RemovalPolicy.RETAIN"
    assert api["configuration"]["Queue"]["max_receives"] == {"type": "int", "default": "5"}
    assert api["names"]["CosellStage"]["takes"]["own"] == {"type": "OwnParts | None", "default": "None"}


def test_links_audit_records_and_watermarks_are_on_record(state: Record):
    kinds = set(state["items"])
    assert {"ledger: link#… / link", "ledger: watermark#… / watermark", "audit: link#… / <number>"} <= kinds
    assert {"wanted", "done", "due_at", "deal_id"} <= set(state["items"]["ledger: link#… / link"])
    tables = [name for name, each in state["resources"].items() if each["type"] == "AWS::DynamoDB::Table"]
    assert len(tables) == 6
