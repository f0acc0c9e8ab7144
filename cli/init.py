"""``cosell init``: the beginnings of a project that uses the package."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

from cli.main import UserError
from constructs_lib.places import ROOT

_EXAMPLES = ROOT / "examples"
_IGNORED = "build/\ncdk.out/\n.sandbox/\n__pycache__/\n"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell init``."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the project (default: where you stand)")
    parser.add_argument(
        "--example",
        default="aws_two_way",
        choices=sorted(each.parent.name for each in _EXAMPLES.glob("*/cdk.json")),
        help="which of the examples to begin with (default: %(default)s)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write what a project begins with, over nothing that is there; print what to do next."""
    folder: Path = arguments.folder
    written = dict(_files(_EXAMPLES / arguments.example))
    there = sorted(str(name) for name in written if (folder / name).exists())
    if there:
        raise UserError(f"{folder.resolve()} has {', '.join(there)} already; nothing was written")
    for name, source in written.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    print(f"{len(written)} files in {folder.resolve()}. Describe your stages in config/stages.yaml, then:")
    print("  cosell check            the configuration, with file, line and key of what is wrong")
    print("  cosell bundles          what the functions carry, from its pinned and hashed lock")
    print("  npx cdk deploy -c stage=dev 'dev/*'")
    return 0


def _files(example: Path) -> Iterator[tuple[Path, Path]]:
    """Target and source of each file; what the example has goes before what the package has."""
    for folder, pattern in (("config", "*.yaml"), ("config/schemas", "*.json"), ("hubspot_app", "**/*.json")):
        for source in sorted((ROOT / folder).glob(pattern)):
            yield source.relative_to(ROOT), source
    for source in sorted(example.rglob("*")):
        if source.is_file() and source.suffix in (".py", ".json", ".yaml") and "__pycache__" not in source.parts:
            yield source.relative_to(example), source
