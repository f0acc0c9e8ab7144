"""Bundles: our rooms and what they need of other people's code as one folder per partner, built without containers.

``make bundles``, or ``cosell bundles`` where the wheel is used, builds all of them under ``build/bundles``; it is the
only step that may need the network. ``check_bundle`` only looks: a bundle that is missing or older than its sources
stops a synth with a message.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Not by name, so that the wheel's builder is the same file: its content is part of every digest.
from .places import INSTALLED, ROOT, project
from .slim import leave_out, slim

OUTPUT = Path("build/bundles")
PYTHON_VERSION = "3.13"
PLATFORM = "manylinux2014_aarch64"
# The builder is an input as well: another way to build gives another bundle.
BUILDERS = ("bundle.py", "slim.py")
HELP = "run `cosell bundles`" if INSTALLED else "run `make bundles`"
_HERE = Path(__file__).parent


class BundleError(Exception):
    """A bundle is missing, stale or could not be built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into a bundle: folders of our code, and the lock file of what they import; ``without`` what of it.

    ``packages`` are folders of your own beside ours: importable packages, such as the room of a partner of yours. A
    ``requirements`` of your own (an absolute path) has to hold what ``requirements/lambda.txt`` pins, and hashes.
    """

    rooms: tuple[str, ...]
    requirements: Path = Path("requirements/lambda.txt")
    without: tuple[str, ...] = ()
    packages: tuple[Path, ...] = ()


# S3 is for the seals of the audit alone, which a function of the core bundle puts there.
_NO_S3 = ("botocore/data/s3",)
_NO_AWS = (*_NO_S3, "botocore/data/partnercentral-selling")
BUNDLES: dict[str, Recipe] = {
    "core": Recipe(("lambdas/shared",)),
    "aws": Recipe(("lambdas/shared", "lambdas/aws"), without=_NO_S3),
    "microsoft": Recipe(("lambdas/shared", "lambdas/microsoft"), without=_NO_AWS),
    # The vendors' sign-in libraries bring binaries that weigh more than all else: only who signs in carries them.
    "microsoft-sign-in": Recipe(("lambdas/shared", "lambdas/microsoft"), Path("requirements/microsoft.txt"), _NO_AWS),
    "google": Recipe(("lambdas/shared", "lambdas/google"), Path("requirements/google.txt"), _NO_AWS),
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
    folder = target or project(root) / OUTPUT / name
    digest = inputs_digest(recipe, root=root)
    present = _read_manifest(name, folder)
    if present is not None and present.digest == digest:
        return present
    dependencies = _dependencies(root / recipe.requirements, folder.parent)
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(dependencies, fresh, copy_function=_link)
    leave_out(fresh, recipe.without)
    _copy_rooms(recipe, root, fresh)
    _compile(fresh / "lambdas", fresh)
    for package in recipe.packages:
        _compile(fresh / package.name, fresh)
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
    present = _read_manifest(name, project(root) / OUTPUT / name)
    if present is None:
        raise BundleError(f"the bundle {name!r} has not been built: {HELP}")
    if present.digest != inputs_digest(BUNDLES[name], root=root):
        raise BundleError(f"the bundle {name!r} is older than its sources: {HELP}")
    return present


def build_all(*, root: Path = ROOT, own: Mapping[str, Recipe] | None = None) -> list[Bundle]:
    """Build every bundle that is missing or stale, and those of ``own`` recipes. Two builders at once take turns."""
    output, recipes = project(root) / OUTPUT, {**BUNDLES, **(own or {})}
    output.mkdir(parents=True, exist_ok=True)
    with (output / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bundles = [build_bundle(name, recipe, root=root) for name, recipe in recipes.items()]
        _forget_old_dependencies(root, recipes.values())
        return bundles


def inputs_digest(recipe: Recipe, *, root: Path = ROOT) -> str:
    """Hash of the rooms, the pins and the builder; the same in a checkout and in the wheel made of it."""
    digest = hashlib.sha256(f"{PYTHON_VERSION} {PLATFORM}".encode())
    sources = [
        root / recipe.requirements,
        root / "lambdas/__init__.py",
        *(path for room in recipe.rooms for path in _sources(root / room)),
    ]
    named = [(path.relative_to(root) if path.is_relative_to(root) else Path(path.name), path) for path in sources]
    named += [(Path("constructs_lib") / each, _HERE / each) for each in BUILDERS]
    named += [(path.relative_to(each.parent), path) for each in recipe.packages for path in _sources(each)]
    for name, path in named:
        digest.update(str(name).encode() + b"\0" + path.read_bytes() + b"\0")
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
    builder = b"".join((_HERE / each).read_bytes() for each in BUILDERS)
    digest = hashlib.sha256(requirements.read_bytes() + builder).hexdigest()[:16]
    return cache / f".dependencies-{digest}"


def _forget_old_dependencies(root: Path, recipes: Iterable[Recipe]) -> None:
    output = project(root) / OUTPUT
    wanted = {_dependencies_path(root / recipe.requirements, output) for recipe in recipes}
    for folder in set(output.glob(".dependencies-*")) - wanted:
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


def _copy_rooms(recipe: Recipe, root: Path, target: Path) -> None:
    (target / "lambdas").mkdir()
    shutil.copy(root / "lambdas/__init__.py", target / "lambdas/__init__.py")
    for source, place in (
        *((root / room, room) for room in recipe.rooms),
        *((own, own.name) for own in recipe.packages),
    ):
        shutil.copytree(source, target / place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))


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
        print(f"{bundle.name}: {bundle.size / 1_000_000:.1f} MB unzipped, {bundle.path.relative_to(project())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
