"""What importing each handler costs, beside bare Python and ``import boto3``, and what its bundle weighs."""

from __future__ import annotations

import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from constructs_lib.bundle import BUNDLES, OUTPUT, ROOT, build_all
from sandbox.assembly import sandbox_assembly

_SETTINGS = ROOT / "build/settings/sandbox/python"


def measure(runs: int = 9) -> dict[str, Any]:
    """Medians of ``runs`` fresh processes each, in turns: CPU (user and system) and wall ms; and the bundles' sizes."""
    build_all()
    sandbox_assembly()
    subjects = {"bare Python": ("aws", "pass"), "import boto3": ("aws", "import boto3")}
    for bundle, module in _handlers():
        subjects[module.rpartition(".")[2]] = (bundle, f"import {module}")
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in subjects}
    for _ in range(runs):
        for name, (bundle, code) in subjects.items():
            times[name].append(_cost_ms(bundle, code))
    medians = {name: statistics.median(cpu for cpu, _ in found) for name, found in times.items()}
    walls = {name: statistics.median(wall for _, wall in found) for name, found in times.items()}
    boto3 = medians["import boto3"]
    return {
        "bundles": {name: _sizes(ROOT / OUTPUT / name) for name in BUNDLES},
        "handlers": {
            name: {
                "cpu_ms": round(value, 1),
                "wall_ms": round(walls[name], 1),
                "to_boto3": round(value / boto3, 2),
                "bundle": subjects[name][0],
            }
            for name, value in medians.items()
        },
    }


def _handlers() -> list[tuple[str, str]]:
    found = []
    for room in ("shared", "aws"):
        for path in sorted((ROOT / "lambdas" / room / "handlers").glob("*.py")):
            if "entry_point(" in path.read_text():
                bundle = "core" if path.stem in _CORE else "aws"
                found.append((bundle, f"lambdas.{room}.handlers.{path.stem}"))
    return found


_CORE = {"receive_webhook", "route_notices", "list_changed_deals"}


def _cost_ms(bundle: str, code: str) -> tuple[float, float]:
    """CPU and wall of a fresh interpreter that sees only the bundle and the settings layer, as in Lambda."""
    path = f"import sys; sys.path[:0] = [{str(ROOT / OUTPUT / bundle)!r}, {str(_SETTINGS)!r}]; "
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", path + code],
        check=True,
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter() - began
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime), 1000 * wall


def _sizes(folder: Path) -> dict[str, float]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    unzipped = json.loads(folder.with_name(f"{folder.name}.json").read_text())["size"]
    return {"unzipped_mb": round(unzipped / 1e6, 1), "zipped_mb": round(len(packed.getvalue()) / 1e6, 1)}
