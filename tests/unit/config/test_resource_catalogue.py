"""The user's catalogue of documents: what is wrong in it is named with file, line, key and what would do."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest

import config
from config.partners.aws_resources import DocumentKind
from lambdas.aws.domain.catalogue import KINDS

GOOD = "  - {kind: whitepaper, title: A paper, url: 'https://a.example/p', solutions: [S-1234567]}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(
        Path(str(files("config"))), tmp_path / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    return tmp_path / "config"


def wrong(folder: Path, text: str) -> list[str]:
    """The findings on ``resources.yaml``, without the folder's path."""
    (folder / "resources.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(config.ConfigurationError) as raised:
        config.load(folder)
    return [str(one).removeprefix(f"{folder}/") for one in raised.value.findings]


def catalogue(folder: Path, text: str | None, stage: str = "sandbox") -> dict[str, Any]:
    path = folder / "resources.yaml"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    return config.render_settings(config.load(folder), stage)["partners"]["aws"]["resources"]


def test_the_shipped_file_holds_and_links_to_aws_only():
    shipped = config.render_settings(config.load(), "dev")["partners"]["aws"]["resources"]
    assert shipped["documents"]
    for one in shipped["documents"]:
        assert one["url"].split("/")[2].endswith("aws.amazon.com")
        assert one["use_cases"]


def test_a_document_reaches_the_functions_and_so_do_account_and_role(folder: Path):
    rendered = catalogue(folder, f"documents:\n{GOOD}", "dev")
    assert rendered == {
        "documents": [
            {
                "kind": "whitepaper",
                "title": "A paper",
                "url": "https://a.example/p",
                "description": "",
                "solutions": ["S-1234567"],
                "use_cases": [],
                "industries": [],
            }
        ],
        "documents_per_note": 10,
        "snapshots": "others",
        "advice": True,
        "account": "333333333333",
        "snapshot_role": "arn:aws:iam::333333333333:role/HubSpotPartnerCentralSnapshotRole",
    }


@pytest.mark.parametrize("text", [None, "", "documents: []\n"])
def test_the_file_may_be_left_out_or_say_nothing(folder: Path, text: str | None):
    assert catalogue(folder, text)["documents"] == []


def test_what_is_no_yaml_is_named_by_its_line(folder: Path):
    (found,) = wrong(folder, "documents:\n  - {kind: whitepaper\n")
    assert found.startswith("resources.yaml:3: (whole file): not YAML")


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ("kind: poster", "documents[1].kind", "(allowed: whitepaper, case-study, reference-architecture, presentation"),
        ("title: ''", "documents[1].title", "at least 1 character"),
        ("url: 'http://a.example/p'", "documents[1].url", "allowed: https://<host>"),
        ("url: 'https://ann:secret@a.example/p'", "documents[1].url", "allowed: https://<host>"),
        ("url: 'javascript:alert(1)'", "documents[1].url", "allowed: https://<host>"),
        ("url: 'https://a.example/\"onclick='", "documents[1].url", "allowed: https://<host>"),
        ("url: 'https://a.example/a b'", "documents[1].url", "allowed: https://<host>"),
        ("url: 'https://localhost/p'", "documents[1].url", "allowed: https://<host>"),
        ("url: 'https://a.example:x/p'", "documents[1].url", "allowed: https://<host>"),
        ("solutions: [1234567]", "documents[1].solutions[0]", "valid string"),
        ("solutions: [S-abc]", "documents[1].solutions[0]", "S-"),
        (
            "use_cases: [Gardening]",
            "documents[1].use_cases[0]",
            "unknown AWS use case 'Gardening' (allowed: AI Machine",
        ),
        ("industries: [RETAIL]", "documents[1].industries[0]", "unknown AWS industry 'RETAIL' (allowed: Aerospace"),
        ("topic: Cloud", "documents[1].topic", "unknown key (allowed: description, industries, kind, solutions"),
    ],
)
def test_a_wrong_entry_is_named_with_line_key_and_what_would_do(folder: Path, change: str, key: str, message: str):
    name = change.split(":", maxsplit=1)[0]
    entry = {"kind": "kind: training", "title": "title: B", "url": "url: 'https://b.example/'", name: change}
    (found,) = wrong(folder, f"documents:\n{GOOD}  - {{{', '.join(entry.values())}}}\n")
    assert found.startswith(f"resources.yaml:3: {key}: ")
    assert message in found


def test_the_same_document_twice_is_named(folder: Path):
    (found,) = wrong(folder, f"documents:\n{GOOD}{GOOD}")
    assert found == "resources.yaml:3: documents[1]: the same title and url as documents[0]"


def test_a_document_without_a_kind_or_a_link_is_named(folder: Path):
    found = wrong(folder, "documents:\n  - {title: A paper}\n")
    assert [one.split(": ")[1] for one in found] == ["documents[0].kind", "documents[0].url"]


def test_every_kind_of_the_functions_may_be_written_and_no_other(folder: Path):
    assert get_args(DocumentKind) == tuple(KINDS)
    lines = "".join(f"  - {{kind: {kind}, title: A, url: 'https://a.example/{kind}'}}\n" for kind in KINDS)
    assert [one["kind"] for one in catalogue(folder, f"documents:\n{lines}")["documents"]] == list(KINDS)
