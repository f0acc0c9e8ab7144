"""Bundles: complete, small, the same every time, and never silently old."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.bindings import _rust as rust

from constructs_lib import bundle as bundles
from constructs_lib.bundle import BUNDLES, BundleError, Recipe, build_bundle, check_bundle, inputs_digest
from constructs_lib.slim import slim, strip_symbols

CORE = Recipe(("lambdas/shared",))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout whose dependencies need no network: a folder that pip has already filled."""
    for file in ("lambdas/__init__.py", "lambdas/shared/__init__.py", "lambdas/shared/one.py"):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('"""One."""\n')
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/lambda.txt").write_text("# nothing\n")
    return tmp_path


def build(checkout: Path) -> bundles.Bundle:
    return build_bundle("core", CORE, root=checkout)


@pytest.fixture(autouse=True)
def no_pip(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What pip was asked to install; nothing is."""
    asked: list[Path] = []

    def install(requirements: Path, target: Path) -> None:
        asked.append(requirements)
        (target / "vendor").mkdir(parents=True)
        (target / "vendor/__init__.py").write_text("")

    if "checkout" in request.fixturenames:
        monkeypatch.setattr(bundles, "_install", install)
    return asked


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_holds_rooms_dependencies_and_bytecode(checkout: Path):
    built = build(checkout)
    names = set(contents(built.path))
    assert {"lambdas/__init__.py", "lambdas/shared/one.py", "vendor/__init__.py"} <= names
    assert "lambdas/shared/__pycache__/one.cpython-313.pyc" in names
    assert built.size == sum(len(content) for content in contents(built.path).values())


def test_building_again_changes_nothing_and_installs_nothing(checkout: Path, no_pip: list[Path]):
    first = build(checkout)
    stamp = (first.path / "lambdas/shared/one.py").stat().st_mtime_ns
    assert build(checkout) == first
    assert (first.path / "lambdas/shared/one.py").stat().st_mtime_ns == stamp
    assert len(no_pip) == 1


def test_a_bundle_is_the_same_whenever_and_wherever_it_is_built(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
):
    first = contents(build(checkout).path)
    os.utime(checkout / "lambdas/shared/one.py", (1, 1))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    again = build_bundle("core", CORE, target=elsewhere / "core", root=checkout)
    assert contents(again.path) == first


def test_a_changed_source_makes_a_new_bundle_without_installing_again(checkout: Path, no_pip: list[Path]):
    first = build(checkout)
    (checkout / "lambdas/shared/one.py").write_text('"""Two."""\n')
    second = build(checkout)
    assert second.digest != first.digest
    assert b"Two" in (second.path / "lambdas/shared/one.py").read_bytes()
    assert len(no_pip) == 1


def test_changed_pins_are_installed(checkout: Path, no_pip: list[Path]):
    build(checkout)
    (checkout / "requirements/lambda.txt").write_text("# something else\n")
    build(checkout)
    assert len(no_pip) == 2


def test_a_synth_is_told_of_a_missing_and_of_a_stale_bundle(checkout: Path):
    with pytest.raises(BundleError, match="'core' has not been built: run `make bundles`"):
        check_bundle("core", root=checkout)
    build(checkout)
    assert check_bundle("core", root=checkout).digest
    (checkout / "lambdas/shared/two.py").write_text('"""Two."""\n')
    with pytest.raises(BundleError, match="'core' is older than its sources: run `make bundles`"):
        check_bundle("core", root=checkout)


def test_a_bundle_that_does_not_exist_is_named_with_those_that_do(checkout: Path):
    with pytest.raises(BundleError, match=r"no bundle 'azure'; there are: core, aws, microsoft, .*google"):
        check_bundle("azure", root=checkout)


def test_a_source_that_does_not_compile_is_no_bundle(checkout: Path):
    (checkout / "lambdas/shared/one.py").write_text("def broken(:\n")
    with pytest.raises(BundleError, match="does not compile"):
        build(checkout)


def test_bytecode_of_the_checkout_is_no_source(checkout: Path):
    before = inputs_digest(CORE, root=checkout)
    (checkout / "lambdas/shared/__pycache__").mkdir()
    (checkout / "lambdas/shared/__pycache__/one.cpython-313.pyc").write_bytes(b"x")
    assert inputs_digest(CORE, root=checkout) == before


def test_only_models_in_use_are_kept(tmp_path: Path):
    data = tmp_path / "botocore/data"
    for service in ("sqs", "ec2"):
        (data / service / "1").mkdir(parents=True)
        (data / service / "1/service-2.json.gz").write_bytes(b"")
        (data / service / "1/examples-1.json").write_bytes(b"")
    (data / "endpoints.json").write_text("{}")
    slim(tmp_path)
    assert set(contents(tmp_path)) == {"botocore/data/sqs/1/service-2.json.gz", "botocore/data/endpoints.json"}


def test_what_the_sign_in_libraries_need_elsewhere_is_left_out(tmp_path: Path):
    kept = {
        "_cffi_backend.cpython-313-aarch64-linux-gnu.so",
        "charset_normalizer/md.py",
        "cryptography/hazmat/bindings/_rust.abi3.so",
        "cffi-2.1.1.dist-info/METADATA",
    }
    left_out = {
        "cffi/api.py",
        "pycparser/c_parser.py",
        "pycparser-3.12.dist-info/METADATA",
        "pyasn1/type.py",
        "pyasn1_modules/pem.py",
        "charset_normalizer/md.cpython-313-aarch64-linux-gnu.so",
    }
    for name in kept | left_out:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    slim(tmp_path)
    assert set(contents(tmp_path)) == kept


def test_bundles_with_the_same_pins_share_one_installation_and_old_ones_go(checkout: Path, no_pip: list[Path]):
    for room in ("aws", "microsoft", "google"):
        (checkout / "lambdas" / room).mkdir()
    for lock in ("microsoft.txt", "google.txt"):
        (checkout / "requirements" / lock).write_text(f"# {lock}\n")
    assert [each.name for each in bundles.build_all(root=checkout)] == list(BUNDLES)
    assert [path.name for path in no_pip] == ["lambda.txt", "microsoft.txt", "google.txt"]
    (checkout / "requirements/google.txt").write_text("# newer\n")
    bundles.build_all(root=checkout)
    assert len(no_pip) == 4
    assert len(list((checkout / "build/bundles").glob(".dependencies-*"))) == 3


def test_a_disk_without_links_gets_copies(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(source: str, target: str) -> None:
        raise OSError(f"no links between {source} and {target}")

    linked = contents(build(checkout).path)
    monkeypatch.setattr(bundles.os, "link", refuse)
    copied = build_bundle("core", CORE, target=checkout / "build/bundles/copied", root=checkout)
    assert contents(copied.path) == linked


def test_endpoints_of_the_services_in_use_are_kept(tmp_path: Path):
    file = tmp_path / "botocore/data/endpoints.json"
    file.parent.mkdir(parents=True)
    partition = {"partition": "aws", "regions": {"us-east-1": {}}, "services": {"sqs": {"endpoints": {}}, "ec2": {}}}
    file.write_text(json.dumps({"partitions": [partition], "version": 3}))
    slim(tmp_path)
    kept = {**partition, "services": {"sqs": {"endpoints": {}}}}
    assert json.loads(file.read_text()) == {"partitions": [kept], "version": 3}


def test_a_stripped_library_still_loads_and_what_is_no_elf_file_stays(tmp_path: Path):
    source = Path(rust.__file__ or "")
    library = tmp_path / "cryptography" / source.name
    library.parent.mkdir()
    shutil.copy(source, library)
    slim(tmp_path)
    assert library.stat().st_size < source.stat().st_size
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('cryptography.hazmat.bindings._rust', {str(library)!r})\n"
        "module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "from cryptography.hazmat.primitives.asymmetric import rsa\n"
        "print(rsa.generate_private_key(65537, 2048).key_size, module.__file__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["2048", str(library)], done.stderr

    other = tmp_path / "cryptography/text.so"
    other.write_bytes(b"not a library")
    strip_symbols(other)
    assert other.read_bytes() == b"not a library"


def test_metadata_keeps_name_and_licence_without_the_readme(tmp_path: Path):
    (tmp_path / "one-1.dist-info").mkdir()
    (tmp_path / "one-1.dist-info/METADATA").write_text("Name: one\nVersion: 1\nLicense: MIT\n\n# One\n\nLong.\n")
    (tmp_path / "one-1.dist-info/LICENSE").write_text("MIT")
    (tmp_path / "one-1.dist-info/RECORD").write_text("x")
    slim(tmp_path)
    assert contents(tmp_path) == {
        "one-1.dist-info/METADATA": b"Name: one\nVersion: 1\nLicense: MIT\n",
        "one-1.dist-info/LICENSE": b"MIT",
    }
