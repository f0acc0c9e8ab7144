"""README's table of features, and the tool that proves it: ``make prove``."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.proofs.__main__ import without
from tests.proofs.features import ROOT, Feature, NotAFeature, read_features
from tests.proofs.nothing import emptied

HEAD = "| Feature | Done by | Proven by |\n|---|---|---|\n"
THIS = "tests/unit/test_proofs.py::test_readme_names_for_each_feature_code_and_a_test_that_there_are"


def test_readme_names_for_each_feature_code_and_a_test_that_there_are() -> None:
    features = read_features((ROOT / "README.md").read_text())
    assert len({one.title for one in features}) == len(features) > 40
    handlers = {Path(module).stem for one in features for module in one.modules if module.startswith("lambdas")}
    there_are = {path.stem for path in ROOT.glob("lambdas/*/handlers/*.py") if "\nhandler = " in path.read_text()}
    # They finish what others begin, in tests that those others fail already; or show a deployment, not a deal.
    beside = {"check_acceptance", "tie_invitation", "list_solutions", "check_settings"}
    assert there_are - handlers == beside


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (f"| A | `receive_webhooks` | `{THIS}` |", "'receive_webhooks' is 0 files"),
        (f"| A | somebody | `{THIS}` |", "names 0 pieces of code"),
        ("| A | `receive_webhook` | `tests/unit` |", "is no test function of a file that is there"),
        ("| A | `receive_webhook` | `tests/unit/test_proofs.py::test_none` |", "has no test 'test_none'"),
        (f"| A | `receive_webhook` | `{THIS}`, `{THIS}` |", "and 2 tests"),
    ],
)
def test_a_row_that_cannot_be_proven_says_why(row: str, wrong: str) -> None:
    with pytest.raises(NotAFeature, match=r"^'A': ") as refused:
        read_features(HEAD + row)
    assert wrong in str(refused.value)


def test_only_tables_of_features_are_read() -> None:
    other = "| Property | Proven by |\n|---|---|\n| X | `y` |\n\n"
    text = f"{other}{HEAD}| A | `cosell dlq` | `{THIS}` |\n\n| B | `c` | `d` |\n"
    assert read_features(text) == [Feature("A", ("cli/dlq.py",), THIS)]


def test_of_a_handler_the_work_is_taken_out_and_nothing_else() -> None:
    source = b"def work(event, c):\n    return {'a': helper()}\ndef helper():\n    return 1\n"
    source += b"handler = entry_point(work, make)\n"
    names: dict[str, object] = {"entry_point": lambda given, _make: given, "make": None}
    exec(compile(emptied(source, "some"), "some", "exec"), names)  # noqa: S102
    assert (names["work"](0, 0), names["helper"]()) == ({}, 1)  # type: ignore[operator]


def test_of_a_command_everything_public_but_its_arguments() -> None:
    source = b"def add(parser):\n    return 5\ndef run(arguments):\n    return 1\ndef _help():\n    return 2\n"
    names: dict[str, object] = {}
    exec(compile(emptied(source, "some"), "some", "exec"), names)  # noqa: S102
    assert (names["add"](0), names["run"](0), names["_help"]()) == (5, 0, 2)  # type: ignore[operator]
    with pytest.raises(ValueError, match="no function to take the work out of"):
        emptied(b"X = 1\n", "some")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(1, None), (0, "passes although cli/dlq.py does nothing"), (2, "did not run without cli/dlq.py")],
)
def test_a_feature_is_proven_only_by_a_test_that_fails(status: int, verdict: str | None) -> None:
    asked = []

    def run(tests: Sequence[str], nothing: str) -> subprocess.CompletedProcess[str]:
        asked.append((list(tests), nothing))
        return subprocess.CompletedProcess([], status, stdout="what pytest said")

    found = without(Feature("A", ("cli/dlq.py",), THIS), run)
    assert (found or "").startswith(verdict or "")
    assert (found is None) == (verdict is None)
    assert asked == [([THIS], str(ROOT / "cli/dlq.py"))]


def test_the_tool_makes_a_real_test_fail() -> None:
    test = "tests/unit/handlers/test_receive_webhook.py::test_own_writes_are_marked"
    assert without(Feature("A", ("lambdas/shared/handlers/receive_webhook.py",), test)) is None
    untouched = without(Feature("A", ("lambdas/shared/handlers/route_notices.py",), test))
    assert untouched == "passes although lambdas/shared/handlers/route_notices.py does nothing"
