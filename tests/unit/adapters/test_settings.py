"""The settings document: found, cached, and missed with a message that helps."""

from __future__ import annotations

import sys

import pytest

from lambdas.shared.errors import Unexpected
from lambdas.shared.settings import FILE_VARIABLE, load_settings


@pytest.fixture
def write(tmp_path, monkeypatch):
    def write(text):
        file = tmp_path / "settings.json"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setenv(FILE_VARIABLE, str(file))
        return file

    return write


def test_the_named_file_is_read_once(write):
    file = write('{"deployment_stage": "dev"}')
    first = load_settings()
    file.unlink()
    assert first["deployment_stage"] == "dev"
    assert load_settings() is first


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_broken_document_is_named(write, text):
    file = write(text)
    with pytest.raises(Unexpected, match="Render it again") as raised:
        load_settings()
    assert str(file) in str(raised.value)


def test_a_missing_file_is_named_with_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "nowhere.json"))
    with pytest.raises(Unexpected, match=r"nowhere\.json cannot be read .*COSELL_SETTINGS_FILE"):
        load_settings()


@pytest.mark.parametrize("marker", [None, "__init__.py"])
def test_the_layer_is_found_on_the_path_with_or_without_a_package_file(tmp_path, monkeypatch, marker):
    package = tmp_path / "cosell_settings"
    package.mkdir()
    (package / "settings.json").write_text('{"deployment_stage": "layer"}', encoding="utf-8")
    if marker:
        (package / marker).touch()
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    monkeypatch.delitem(sys.modules, "cosell_settings", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert load_settings()["deployment_stage"] == "layer"


def test_without_layer_and_variable_the_message_names_both(monkeypatch):
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Unexpected, match=r"cosell_settings.*COSELL_SETTINGS_FILE"):
        load_settings()
