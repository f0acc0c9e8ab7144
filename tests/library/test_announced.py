"""Nothing that users rely on changes unannounced: public names, props, defaults, what a deployed stage remembers."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.library import record
from tests.library.record import API, PAGE, ROOT, STATE, Record
from tests.library.remembered import LEDGERS, Memory, outline, said_in, text_of, written

HOW = (
    "run `python -m tests.library.record`, and say in the upgrade notes of docs/library.md, with the mark that it "
    "prints, what changed and what a user has to do"
)


@pytest.fixture(scope="module")
def api() -> Record:
    return record.api()


@pytest.fixture(scope="module")
def memory() -> Memory:
    return Memory.of_plays()


@pytest.fixture(scope="module")
def state(memory: Memory) -> Record:
    return record.state(memory)


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
    assert props["removal_policy"]["default"] == "RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE"
    assert api["configuration"]["Queue"]["max_receives"] == {"type": "int", "default": "5"}
    assert api["names"]["CosellStage"]["takes"]["own"] == {"type": "OwnParts | None", "default": "None"}


def test_every_kind_of_item_that_the_architecture_names_is_on_record(state: Record):
    """Else an item of a new kind could be forgotten here, and with it that a later version has to read it."""
    page = (ROOT / "docs/architecture.md").read_text()
    table = page.partition("## Ledger table")[2].partition("\nIndexes:")[0]
    named = {begin for row in table.splitlines() for begin in re.findall(r"`([a-z-]+)#", "|".join(row.split("|")[2:3]))}
    assert len(named) > 15
    kept = {kind.partition(": ")[2].partition("#")[0] for kind in state["items"] if kind.startswith("ledger")}
    assert sorted(named - kept) == []


def test_items_of_the_version_that_is_not_released_are_kept_as_it_writes_them(memory: Memory, state: Record):
    version = record.unreleased()
    if version is None:
        pytest.skip("the version is released, and its items stay as they are")
    assert outline(written(version)) == outline(memory.items()), HOW
    kept = {kind: set().union(*found) for kind, found in written(version).items() if kind.startswith("ledger")}
    of_every_property = {name: kept.pop(name) for name in [each for each in kept if "origin" in each]}
    assert of_every_property
    assert kept == {kind: set(shape) for kind, shape in state["items"].items() if kind in kept}


def test_the_items_that_are_kept_say_nothing_of_a_customer(memory: Memory):
    assert len(memory.said) > 20
    assert said_in((LEDGERS / f"{version()}.json").read_text(), memory) == []
    planted = {"ledger: link#… / base": [{"fields": sorted(memory.said)[-1]}]}
    assert said_in(text_of("0", planted), memory) != [], "else nothing could be found"


def test_links_audit_records_and_watermarks_are_on_record(state: Record):
    kinds = set(state["items"])
    assert {"ledger: link#… / link", "ledger: watermark#… / watermark", "audit: link#… / <number>"} <= kinds
    assert {"wanted", "done", "due_at", "deal_id"} <= set(state["items"]["ledger: link#… / link"])
    tables = [name for name, each in state["resources"].items() if each["type"] == "AWS::DynamoDB::Table"]
    assert len(tables) == 6
