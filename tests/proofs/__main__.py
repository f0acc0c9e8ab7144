"""``make prove``: first every feature's test passes, then each fails with its code doing nothing; a table says so."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console
from rich.table import Table

from tests.proofs.features import ROOT, Feature, read_features
from tests.proofs.nothing import VARIABLE

_PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-q", "-x", "--no-header")
_PATIENCE = 180  # seconds; with its code each of these tests takes a few
_TESTS_FAILED = 1  # pytest's own exit status; others say that it did not get so far


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every feature is proven."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("--only", help="features whose title holds this text")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    features = [one for one in read_features((ROOT / "README.md").read_text()) if (asked.only or "") in one.title]
    if not features:
        parser.error(f"no feature of README's table holds {asked.only!r}")
    passing = passes(features)
    if passing:
        print(passing, file=sys.stderr)
        return 1
    with ThreadPoolExecutor(asked.processes) as pool:
        verdicts = []
        for one, verdict in zip(features, pool.map(without, features), strict=True):
            verdicts.append(verdict)
            print(f"{len(verdicts)} of {len(features)}: {one.title}: {verdict or 'proven'}", file=sys.stderr)
    Console(soft_wrap=True).print(_table(features, verdicts))
    proven = sum(verdict is None for verdict in verdicts)
    print(f"{proven} of {len(features)} features are proven: their test fails when their code does nothing")
    return 0 if proven == len(features) else 1


def passes(features: Sequence[Feature]) -> str | None:
    """None when all tests pass with the code as it is, else what pytest says."""
    done = _run([one.test for one in features], "")
    return None if done.returncode == 0 else f"these tests do not pass as it is:\n{done.stdout}"


def without(
    feature: Feature, run: Callable[[Sequence[str], str], subprocess.CompletedProcess[str]] | None = None
) -> str | None:
    """None when the feature's test fails for each piece of its code that does nothing; else what went otherwise."""
    for module in feature.modules:
        done = (run or _run)([feature.test], str(ROOT / module))
        if done.returncode == 0:
            return f"passes although {module} does nothing"
        if done.returncode != _TESTS_FAILED:
            return f"did not run without {module} (pytest ended with {done.returncode}): {done.stdout.strip()[-300:]}"
    return None


def _run(tests: Sequence[str], nothing: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, VARIABLE: nothing, "PYTHONPATH": str(ROOT)}
    command = [*_PYTEST, *(("-p", "tests.proofs.nothing") if nothing else ()), *tests]
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE if nothing else None,
        )
    except subprocess.TimeoutExpired:  # a world in which a piece does nothing may go round for ever
        return subprocess.CompletedProcess(command, _TESTS_FAILED, stdout=f"did not end within {_PATIENCE} s")


def _table(features: Sequence[Feature], verdicts: Sequence[str | None]) -> Table:
    table = Table(title="With its code doing nothing, the test of a feature")
    for heading in ("Feature", "Code", "Test"):
        table.add_column(heading)
    for one, verdict in zip(features, verdicts, strict=True):
        table.add_row(one.title, "\n".join(one.modules), verdict or "fails, as it must")
    return table


if __name__ == "__main__":
    sys.exit(main())
