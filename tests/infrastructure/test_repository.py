"""Rules that hold for the whole repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = (".py", ".cjs")
# Split, so that this file does not hold what it forbids.
REGISTRIES = ("pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "registry.yarn" + "pkg")
MACHINE = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me)/\w")
# As comments: HubSpot has a task type of the same spelling.
UNFINISHED = re.compile(r"#.*\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|Not" + r"ImplementedError|pragma: no " + r"cover")


@cache
def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@cache
def _lines() -> list[tuple[str, str]]:
    """Place and text of every line of every tracked text file."""
    return list(_read_lines())


def _read_lines() -> Iterator[tuple[str, str]]:
    for path in _tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        name = str(path.relative_to(ROOT))
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{name}:{number}", line


def test_no_file_names_a_package_registry() -> None:
    assert [place for place, line in _lines() if any(name in line for name in REGISTRIES)] == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    assert [place for place, line in _lines() if MACHINE.search(line)] == []


def test_there_is_one_kind_of_lock() -> None:
    assert [path.name for path in _tracked() if path.name in {"uv.lock", "poetry.lock", "yarn.lock"}] == []


def test_nothing_is_left_unfinished() -> None:
    assert [place for place, line in _lines() if _is_code(place) and UNFINISHED.search(line)] == []


def _is_code(place: str) -> bool:
    return place.rsplit(":", 1)[0].endswith((*CODE, "Makefile", ".yaml", ".asl.json"))


def test_make_knows_every_target_that_the_documents_name() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word
        for document in _documents()
        for word in re.findall(r"(?:`|^\s*)make ([a-z]+)", document.read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "sandbox"} <= named <= targets


def test_cosell_knows_every_command_that_the_documents_name() -> None:
    from cli.main import _COMMANDS

    named = {
        word
        for document in _documents()
        for word in re.findall(r"(?:`|bin/)cosell ([a-z]+)", document.read_text(), re.MULTILINE)
    }
    assert {"dlq", "secrets"} <= named <= set(_COMMANDS)


def test_the_readme_begins_with_the_two_commands() -> None:
    shown = re.findall(r"^\s*(make [a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert shown[:2] == ["make demo", "make test"]


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in _documents():
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if "://" not in target and not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")
    assert broken == []


def _documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
