"""Bundles: our rooms and what they need of other people's code as one folder per partner, built without containers.

``python -m constructs_lib.bundle`` builds all of them under ``build/bundles``; it is the only step that may need the
network. A synth only looks: a bundle that is missing or older than its sources stops it with a message.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from constructs_lib.slim import leave_out, slim

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = Path("build/bundles")
PYTHON_VERSION = "3.13"
PLATFORM = "manylinux2014_aarch64"
# The builder is an input as well: another way to build gives another bundle.
BUILDERS = ("bundle.py", "slim.py")
HELP = "run `make bundles`"


class BundleError(Exception):
    """A bundle is missing, stale or could not be built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into a bundle: folders of our code, and the lock file of what they import; ``without`` what of it."""

    rooms: tuple[str, ...]
    requirements: Path = Path("requirements/lambda.txt")
    without: tuple[str, ...] = ()


# S3 is for the seals of the audit alone, which a function of the core bundle puts there.
_NO_S3 = ("botocore/data/s3",)
BUNDLES: dict[str, Recipe] = {
    "core": Recipe(("lambdas/shared",)),
    "aws": Recipe(("lambdas/shared", "lambdas/aws"), without=_NO_S3),
    "microsoft": Recipe(("lambdas/shared", "lambdas/microsoft"), without=_NO_S3),
    # The vendors' sign-in libraries bring binaries that weigh more than all else: only who signs in carries them.
    "microsoft-sign-in": Recipe(("lambdas/shared", "lambdas/microsoft"), Path("requirements/microsoft.txt"), _NO_S3),
    "google": Recipe(("lambdas/shared", "lambdas/google"), Path("requirements/google.txt"), _NO_S3),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A built bundle. ``digest`` is the hash of all that went into it, ``size`` its unzipped size in bytes."""

    name: str
    path: Path
    digest: str
    size: int


def build_bundle(name: str, recipe: Recipe, target: Path | None = None, *, root: Path = ROOT) -> Bundle:
    """Build ``target`` (default ``build/bundles/<name>``) unless it is there and fresh.

    Raises:
        BundleError: pip could not install what the recipe's lock file pins and hashes.
    """
    folder = target or root / OUTPUT / name
    digest = inputs_digest(recipe, root=root)
    present = _read_manifest(name, folder)
    if present is not None and present.digest == digest:
        return present
    dependencies = _dependencies(root / recipe.requirements, folder.parent)
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(dependencies, fresh, copy_function=_link)
    leave_out(fresh, recipe.without)
    _copy_rooms(recipe.rooms, root, fresh)
    _compile(fresh / "lambdas", fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    size = sum(path.stat().st_size for path in _files(folder))
    manifest = {"digest": digest, "size": size, "rooms": recipe.rooms, "requirements": str(recipe.requirements)}
    _manifest_path(folder).write_text(json.dumps(manifest) + "\n")
    return Bundle(name, folder, digest, size)


def check_bundle(name: str, *, root: Path = ROOT) -> Bundle:
    """The built bundle ``name``, for a synth.

    Raises:
        BundleError: there is none of that name, or it is missing or stale.
    """
    if name not in BUNDLES:
        raise BundleError(f"no bundle {name!r}; there are: {', '.join(BUNDLES)}")
    present = _read_manifest(name, root / OUTPUT / name)
    if present is None:
        raise BundleError(f"the bundle {name!r} has not been built: {HELP}")
    if present.digest != inputs_digest(BUNDLES[name], root=root):
        raise BundleError(f"the bundle {name!r} is older than its sources: {HELP}")
    return present


def build_all(*, root: Path = ROOT) -> list[Bundle]:
    """Build every bundle that is missing or stale. Two builders at once take turns."""
    (root / OUTPUT).mkdir(parents=True, exist_ok=True)
    with (root / OUTPUT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bundles = [build_bundle(name, recipe, root=root) for name, recipe in BUNDLES.items()]
        _forget_old_dependencies(root)
        return bundles


def inputs_digest(recipe: Recipe, *, root: Path = ROOT) -> str:
    """Hash of the rooms, the pins and the builder."""
    digest = hashlib.sha256(f"{PYTHON_VERSION} {PLATFORM}".encode())
    sources = [
        root / recipe.requirements,
        root / "lambdas/__init__.py",
        *(ROOT / "constructs_lib" / each for each in BUILDERS),
    ]
    for path in (*sources, *(path for room in recipe.rooms for path in _sources(root / room))):
        relative = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
        digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _dependencies(requirements: Path, cache: Path) -> Path:
    """The installed and slimmed dependencies, shared by the bundles with these pins."""
    folder = _dependencies_path(requirements, cache)
    if folder.is_dir():
        return folder
    fresh = folder.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    _install(requirements, fresh)
    slim(fresh)
    _compile(fresh, fresh)
    fresh.rename(folder)
    return folder


def _dependencies_path(requirements: Path, cache: Path) -> Path:
    builder = b"".join((ROOT / "constructs_lib" / each).read_bytes() for each in BUILDERS)
    digest = hashlib.sha256(requirements.read_bytes() + builder).hexdigest()[:16]
    return cache / f".dependencies-{digest}"


def _forget_old_dependencies(root: Path) -> None:
    wanted = {_dependencies_path(root / recipe.requirements, root / OUTPUT) for recipe in BUNDLES.values()}
    for folder in set((root / OUTPUT).glob(".dependencies-*")) - wanted:
        shutil.rmtree(folder)


def _install(requirements: Path, target: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "--implementation", "cp"),
        *("--platform", PLATFORM, "--python-version", PYTHON_VERSION),
        *("--target", str(target), "--requirement", str(requirements)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BundleError(f"pip could not install {requirements.name}:\n{done.stderr.strip()}")


def _link(source: str, target: str) -> None:
    """A second name for a file, as nothing ever writes into a bundle; a copy where the disk has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _copy_rooms(rooms: Sequence[str], root: Path, target: Path) -> None:
    (target / "lambdas").mkdir()
    shutil.copy(root / "lambdas/__init__.py", target / "lambdas/__init__.py")
    for room in rooms:
        shutil.copytree(root / room, target / room, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))


def _compile(folder: Path, root: Path) -> None:
    """Bytecode that Lambda takes without looking at times: one cold start's worth of compiling, done once."""
    # As a command of its own: its worker processes would import our caller's main module once more.
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", "-s", str(root), "-p", "/var/task"]
    done = subprocess.run([*command, "--invalidation-mode", "unchecked-hash", str(folder)], check=False)  # noqa: S603
    if done.returncode:
        raise BundleError(f"{root.name}: a source file does not compile, see above")


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(path for path in _files(folder) if path.suffix != ".pyc")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _manifest_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def _read_manifest(name: str, folder: Path) -> Bundle | None:
    path = _manifest_path(folder)
    if not path.is_file() or not folder.is_dir():
        return None
    manifest = json.loads(path.read_text())
    return Bundle(name, folder, manifest["digest"], manifest["size"])


def main() -> int:
    """Build all bundles and print their sizes."""
    try:
        bundles = build_all()
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    for bundle in bundles:
        print(f"{bundle.name}: {bundle.size / 1_000_000:.1f} MB unzipped, {bundle.path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
