from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lambdas.shared.adapters import ledger

ROOT = Path(__file__).parents[3]


def test_every_public_name_can_be_had():
    assert {name: getattr(ledger, name).__name__ for name in ledger.__all__} == {name: name for name in ledger.__all__}


def test_an_unknown_name_is_an_error():
    with pytest.raises(AttributeError, match="no attribute Lnks"):
        ledger.Lnks  # noqa: B018


def test_a_function_that_keeps_documents_does_not_load_the_links():
    code = (
        "import sys; from lambdas.shared.adapters.ledger import Runs; "
        "print(*(name for name in sys.modules if name.startswith('boto3') or '.ledger.' in name))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    modules = {name.rpartition(".")[2] for name in loaded.split()}
    assert modules == {"runs", "answers", "table", "values"}
