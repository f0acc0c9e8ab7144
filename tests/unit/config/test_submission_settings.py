"""What a submission is made of where the deal says nothing: shipped, replaceable, and checked."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import config
from config import ConfigurationError
from lambdas.aws.domain.involvement import INVOLVEMENTS, VISIBILITIES

SHIPPED = Path(config.__file__).parent
DEFAULTS = {
    "involvement_type": "Co-Sell",
    "visibility": "Full",
    "no_support_need": "leave-empty",
    "limited_visibility": False,
    "co_sell_contacts": False,
    "other_solution": False,
    "most_attempts": 6,
}


def submission(folder: Path, block: str) -> dict[str, Any]:
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, folder)
    text = (folder / "aws.yaml").read_text()
    changed, times = re.subn(r"(?m)^submission:\n(?:  .*\n)+", block, text)
    assert times == 1
    (folder / "aws.yaml").write_text(changed)
    return config.render_settings(config.load(folder), "sandbox")["partners"]["aws"]["submission"]


def test_the_shipped_settings_are_the_defaults(tmp_path: Path) -> None:
    assert config.render_settings(config.load(), "sandbox")["partners"]["aws"]["submission"] == DEFAULTS
    assert submission(tmp_path, "") == DEFAULTS


def test_every_choice_of_aws_can_be_the_default(tmp_path: Path) -> None:
    for number, involvement in enumerate(INVOLVEMENTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        block = f"submission: {{involvement_type: {involvement}, visibility: {VISIBILITIES[number]}}}\n"
        assert submission(folder, block) == DEFAULTS | {
            "involvement_type": involvement,
            "visibility": VISIBILITIES[number],
        }


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("{involvement_type: Sometimes}", ("submission.involvement_type", "Co-Sell", "For Visibility Only")),
        ("{visibility: Half}", ("submission.visibility", "Full", "Limited")),
        ("{no_support_need: maybe}", ("submission.no_support_need", "leave-empty", "say-so")),
        ("{most_attempts: 0}", ("submission.most_attempts",)),
        ("{attempts: 3}", ("attempts",)),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_allowed(tmp_path: Path, block: str, said: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        submission(tmp_path, f"submission: {block}\n")
    assert [word for word in said if word not in str(caught.value)] == []
