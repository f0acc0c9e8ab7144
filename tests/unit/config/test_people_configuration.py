"""The owner table, shared notes and what a Closed Lost does: what is wrong in them is said with file, line and key."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from config.errors import Finding

CONFIG = Path(__file__).resolve().parents[3] / "config"
type Edit = Callable[..., list[Finding]]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Copies the shipped files, replaces a text in one of them, and returns what loading finds."""

    def change(file: str, old: str, new: str) -> list[Finding]:
        folder = tmp_path / "config"
        shutil.copytree(CONFIG, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "partners"))
        text = (folder / file).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new))
        try:
            loaded = config.load(folder)
        except config.ConfigurationError as error:
            return list(error.findings)
        change.loaded = loaded  # type: ignore[attr-defined]
        return []

    return change


def with_owner(entry: str) -> str:
    return f"owners:\n  Sandbox:\n    {entry}\n  AWS: {{}}\n"


TABLE = "owners:\n  Sandbox: {}\n  AWS: {}\n"
GOOD = "{first_name: Ann, last_name: Example, title: Account manager}"


def test_an_owner_is_a_user_of_partner_central_under_their_hubspot_address(edit: Edit) -> None:
    assert edit("aws.yaml", TABLE, with_owner(f"Ann@ISV.example: {GOOD}")) == []
    rendered = config.render_settings(edit.loaded, "sandbox")["partners"]["aws"]["owners"]  # type: ignore[attr-defined]
    user = {"email": "ann@isv.example", "first_name": "Ann", "last_name": "Example", "title": "Account manager"}
    assert rendered == {"ann@isv.example": user}
    assert config.render_settings(edit.loaded, "prod")["partners"]["aws"]["owners"] == {}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("entry", "key", "says"),
    [
        ("ann: " + GOOD, "owners.Sandbox.ann", "match"),
        ("ann@isv.example: {first_name: Ann, title: CEO}", "owners.Sandbox.ann@isv.example.last_name", "missing"),
        (
            "ann@isv.example: {first_name: Ann, last_name: E, title: CEO, mail: x}",
            "owners.Sandbox.ann@isv.example.mail",
            "unknown key",
        ),
        (
            "ann@isv.example: {email: Ann@isv.example, first_name: Ann, last_name: E, title: CEO}",
            "owners.Sandbox.ann@isv.example.email",
            "match",
        ),
        (
            "ann@isv.example: {first_name: Ann, last_name: E, title: ''}",
            "owners.Sandbox.ann@isv.example.title",
            "at least 1",
        ),
    ],
)
def test_a_malformed_owner_is_named_with_its_line(edit: Edit, entry: str, key: str, says: str) -> None:
    (found,) = edit("aws.yaml", TABLE, with_owner(entry))
    assert (found.key, Path(found.file).name) == (key, "aws.yaml")
    assert says in found.message
    assert found.line > 0
    if says in ("missing", "unknown key"):
        assert set(found.allowed) == {"email", "first_name", "last_name", "title"}


def test_an_unknown_catalog_of_owners_is_named_with_those_there_are(edit: Edit) -> None:
    (found,) = edit("aws.yaml", TABLE, "owners:\n  Production: {}\n")
    assert found.key == "owners.Production"
    assert set(found.allowed) == {"AWS", "Sandbox"}


def test_what_a_loss_does_is_one_of_two(edit: Edit) -> None:
    (found,) = edit("aws.yaml", "closed_lost: task\n", "closed_lost: close\n")
    assert (found.key, set(found.allowed)) == ("closed_lost", {"task", "follow"})


@pytest.mark.parametrize(
    ("notes", "key"),
    [
        ('{mark: "share", property: hs_next_step}', "shared_notes.mark"),
        ('{mark: "#share", property: description2}', "shared_notes.property"),
        ('{mark: "#share", own_mark: "#Share"}', "shared_notes.own_mark"),
        ('{mark: "#share", most: 5}', "shared_notes.most"),
    ],
)
def test_what_is_wrong_with_shared_notes_is_named(edit: Edit, notes: str, key: str) -> None:
    shipped = '{mark: "#share", own_mark: "#AWS", property: hs_next_step, most: 255}'
    (found,) = edit("aws.yaml", f"shared_notes: {shipped}", f"shared_notes: {notes}")
    assert found.key == key


def test_a_partner_without_shared_notes_hears_of_none() -> None:
    loaded = config.load()
    settings = config.render_settings(loaded, "sandbox")
    assert settings["partners"]["microsoft"]["shared_notes"] is None
    assert json.dumps(settings["partners"]["aws"]["shared_notes"])
