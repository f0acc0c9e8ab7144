"""What importing each handler costs, beside bare Python and ``import boto3``, and what its bundle weighs.

The handlers are those of the synthesized templates: whatever is deployed is measured, in the code it is deployed with.
"""

from __future__ import annotations

import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.templates import functions
from constructs_lib.bundle import BUNDLES, OUTPUT, ROOT, build_all
from sandbox.assembly import sandbox_assembly
from sandbox.local_cloud.native import native_builds

_SETTINGS = ROOT / "build/settings/sandbox/python"
BARE, BOTO3 = "bare Python", "import boto3"
# The SDK and one client, which is what a function that calls anything of AWS's makes before its first invocation.
ONE_CLIENT = "boto3 and one client"
_BASELINES = {
    BARE: "pass",
    BOTO3: "import boto3",
    ONE_CLIENT: "import boto3; boto3.client('dynamodb')",
}
_TIMES_EACH = 3  # a baseline stands in every ratio, so it is measured more often


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fresh process imports, from which bundle, with which environment."""

    name: str
    bundle: str
    code: str
    environment: Mapping[str, str]


def measure(runs: int = 9) -> dict[str, Any]:
    """Medians of ``runs`` fresh processes each, in turns: CPU (user and system) and wall ms; and the bundles' sizes.

    ``to_boto3`` is the import's CPU; ``initialised_to_boto3`` has the collaborators too, which are made while Lambda
    initialises the function (SDK, clients, settings), as the cold path pays for it.
    """
    build_all()
    subjects = list(_subjects(sandbox_assembly()))
    with tempfile.TemporaryDirectory() as folder:
        paths = {
            name: [*native_builds(ROOT / OUTPUT / name, Path(folder)), ROOT / OUTPUT / name, _SETTINGS]
            for name in BUNDLES
        }
        times = _times(subjects, paths, runs)
    boto3 = _median(times[BOTO3, "aws", ""], 0)
    return {
        "bundles": {name: _sizes(ROOT / OUTPUT / name) for name in BUNDLES},
        "handlers": {
            _label(one): {
                "cpu_ms": round(_median(times[_key(one)], 0), 1),
                "wall_ms": round(_median(times[_key(one)], 1), 1),
                "to_boto3": round(_median(times[_key(one)], 0) / boto3, 2),
                "initialised_to_boto3": _initialised(one, times, boto3),
                "bundle": one.bundle,
            }
            for one in subjects
            if not one.environment
        },
    }


def _subjects(assembly: Path) -> Iterator[Subject]:
    """The baselines, and each deployed pair of handler and bundle twice: only imported, and initialised."""
    for name, code in _BASELINES.items():
        for _ in range(_TIMES_EACH):
            yield Subject(name, "aws", code, {})
    seen = set()
    for function in functions(assembly):
        if (function.module, function.bundle) in seen:
            continue
        seen.add((function.module, function.bundle))
        code = f"import {function.module}"
        yield Subject(function.module, function.bundle, code, {})
        yield Subject(function.module, function.bundle, code, {**function.environment, "_HANDLER": function.handler})


def _key(subject: Subject) -> tuple[str, str, str]:
    return subject.name, subject.bundle, subject.environment.get("_HANDLER", "")


def _label(subject: Subject) -> str:
    parts = subject.name.split(".")
    return subject.name if len(parts) == 1 else f"{subject.bundle}: {parts[-1]}"


def _times(
    subjects: list[Subject], paths: Mapping[str, list[Path]], runs: int
) -> dict[tuple[str, str, str], list[tuple[float, float]]]:
    times: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for run in range(runs):
        for subject in subjects:
            if subject.environment and run >= max(1, runs // 3):
                continue  # beside the figure to reach, and dear: a few of them do
            times.setdefault(_key(subject), []).append(_cost_ms(subject, paths[subject.bundle]))
    return times


def _median(found: list[tuple[float, float]], which: int) -> float:
    return statistics.median(one[which] for one in found)


def _initialised(subject: Subject, times: Mapping[tuple[str, str, str], Any], boto3: float) -> float | None:
    if subject.name in _BASELINES:
        return None
    handler = f"{subject.name}.handler"
    return round(_median(times[subject.name, subject.bundle, handler], 0) / boto3, 2)


def _cost_ms(subject: Subject, paths: list[Path]) -> tuple[float, float]:
    """CPU and wall of a fresh interpreter that sees only the bundle and the settings layer, as in Lambda."""
    path = f"import sys; sys.path[:0] = {[str(one) for one in paths]!r}; "
    base = {
        "PATH": os.environ["PATH"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", path + subject.code],
        check=True,
        env={**base, **subject.environment},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter() - began
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime), 1000 * wall


def _sizes(folder: Path) -> dict[str, float]:
    packed, unzipped = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
                unzipped += path.stat().st_size
    return {"unzipped_mb": round(unzipped / 1e6, 1), "zipped_mb": round(len(packed.getvalue()) / 1e6, 1)}
