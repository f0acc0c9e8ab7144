"""A partner's vocabulary is a file of its own, and what is missing of it is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import config
from config import ConfigurationError
from config.rooms import ROOMS
from tests.unit.config.test_configuration import FILES, SHIPPED


@pytest.mark.parametrize(("partner", "key"), [(name, key) for name, room in ROOMS.items() for key in room.value_keys])
def test_a_key_that_a_vocabulary_lacks_is_named(tmp_path: Path, partner: str, key: str) -> None:
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path)
    path = tmp_path / f"{partner}_values.yaml"
    path.write_text(path.read_text().replace(f"\n{key}:", f"\nx_{key}:", 1))
    with pytest.raises(ConfigurationError) as caught:
        config.load(tmp_path)
    found = caught.value.findings[0]
    assert found.file.endswith(f"{partner}_values.yaml")
    assert found.message == f"the key {key!r} is missing"
    assert key in found.allowed


def test_a_partner_without_its_vocabulary_names_the_missing_file(tmp_path: Path) -> None:
    for name in set(FILES) - {"google_values.yaml"}:
        shutil.copy(SHIPPED / name, tmp_path)
    with pytest.raises(ConfigurationError, match=r"google_values\.yaml:1: .*missing"):
        config.load(tmp_path)
