"""The real bundles: each complete for its functions, small, free of other partners, and runnable on this machine."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from constructs_lib import bundle as bundles
from constructs_lib.bundle import BUNDLES
from constructs_lib.slim import SERVICES
from sandbox.local_cloud.function_code import Function
from sandbox.local_cloud.native import NoNativeBuild, native_builds
from sandbox.local_cloud.nursery import CAN_FORK, Nursery
from sandbox.local_cloud.worker_process import WorkerProcess

ROOT = Path(__file__).resolve().parents[2]
PLAIN = ("core", "aws", "microsoft")
SIGNING_IN = ("microsoft-sign-in", "google")
# Handlers that check signatures or sign in: they are deployed from the bundle that can, and from no other.
NOT_FROM = {"microsoft": ("receive_notification", "refresh_token")}
# Every function that writes the audit may seal a person's values; only who signs in carries more.
SEALING = {"_cffi_backend.cpython-313-aarch64-linux-gnu.so", "nacl/_sodium.abi3.so"}
BINARIES = {name: SEALING for name in PLAIN} | {
    name: SEALING | {"cryptography/hazmat/bindings/_rust.abi3.so"} for name in SIGNING_IN
}


@pytest.fixture(scope="module")
def built() -> dict[str, bundles.Bundle]:
    """Built where missing or stale (from the installed dependencies, once there are any)."""
    return {bundle.name: bundle for bundle in bundles.build_all()}


def binaries(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for each in ("so", "pyd", "dylib") for path in folder.rglob(f"*.{each}")}


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[a-z][^ ;]*==[^ ;]*", lock.read_text(), re.MULTILINE))


def run(bundle: bundles.Bundle, into: Path, program: str) -> str:
    """What a bare Python prints that has the bundle, and this machine's builds of its binaries, and nothing else."""
    path = [*map(str, native_builds(bundle.path, into)), str(bundle.path)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys\nsys.path[:0] = {path!r}\n{program}"],
        cwd=bundle.path,
        env={"POWERTOOLS_SERVICE_NAME": "try", "PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def carried(name: str) -> frozenset[str]:
    """The services whose models the bundle has."""
    return SERVICES - {Path(each).name for each in BUNDLES[name].without}


@pytest.mark.parametrize(("names", "limit"), [(PLAIN, 13_000_000), (SIGNING_IN, 25_000_000)])
def test_a_bundle_for_one_partner_is_small(built: dict[str, bundles.Bundle], names: tuple[str, ...], limit: int):
    assert {name: built[name].size for name in names if built[name].size > limit} == {}


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_holds_its_rooms_and_no_other_partners(built: dict[str, bundles.Bundle], name: str):
    rooms = {f"lambdas/{path.name}" for path in (built[name].path / "lambdas").iterdir() if path.is_dir()}
    assert rooms - {"lambdas/__pycache__"} == set(BUNDLES[name].rooms)


@pytest.mark.parametrize("name", BUNDLES)
def test_the_binaries_of_a_bundle_are_few_and_for_lambdas_processor(built: dict[str, bundles.Bundle], name: str):
    assert binaries(built[name].path) == BINARIES[name]
    for path in BINARIES[name]:
        start = (built[name].path / path).read_bytes()[:20]
        assert (start[:5], start[18:20]) == (b"\x7fELF\x02", (183).to_bytes(2, "little")), path  # EM_AARCH64


def test_the_pinned_sdk_is_shipped_with_the_models_in_use(built: dict[str, bundles.Bundle]):
    data = {name: built[name].path / "botocore/data" for name in BUNDLES}
    shipped = {name: {path.name for path in folder.iterdir() if path.is_dir()} for name, folder in data.items()}
    assert shipped == {name: carried(name) for name in BUNDLES}
    assert carried("core") == SERVICES
    assert carried("aws") == SERVICES - {"s3"}
    assert carried("google") == SERVICES - {"s3", "partnercentral-selling"}


@pytest.mark.parametrize("name", BUNDLES)
def test_every_handler_can_be_imported_from_its_bundle_alone(
    built: dict[str, bundles.Bundle], name: str, tmp_path: Path
):
    program = (
        "import importlib, pathlib, boto3\n"
        f"for room in {BUNDLES[name].rooms!r}:\n"
        "    for path in pathlib.Path(room, 'handlers').glob('*.py'):\n"
        f"        if path.stem not in {NOT_FROM.get(name, ())!r}:\n"
        "            importlib.import_module(f'{room}/handlers/{path.stem}'.replace('/', '.'))\n"
        f"for service in {sorted(carried(name))!r}:\n"
        "    boto3.client(service, region_name='us-east-1')\n"
        "print(boto3.__file__)\n"
    )
    assert run(built[name], tmp_path, program).startswith(str(built[name].path))


@pytest.mark.parametrize(("name", "room"), [("microsoft-sign-in", "microsoft"), ("google", "google")])
def test_every_module_of_a_partner_can_be_imported_where_its_sign_in_is(
    built: dict[str, bundles.Bundle], name: str, room: str, tmp_path: Path
):
    program = (
        "import importlib, pathlib\n"
        f"for path in pathlib.Path('lambdas', {room!r}).rglob('*.py'):\n"
        "    importlib.import_module('.'.join(path.with_suffix('').parts).removesuffix('.__init__'))\n"
        "from cryptography.hazmat.primitives.asymmetric import rsa\n"
        "from cryptography.hazmat.primitives.serialization import load_pem_private_key\n"
        "import cryptography, requests\n"
        "print(rsa.generate_private_key(65537, 2048).key_size, requests.__file__)\n"
    )
    assert run(built[name], tmp_path, program) == f"2048 {built[name].path}/requests/__init__.py"


@pytest.mark.parametrize(("name", "handler"), [("google", "google.auth.aws.Credentials"), ("core", "boto3.client")])
def test_the_local_cloud_starts_a_function_from_its_bundle(
    built: dict[str, bundles.Bundle], name: str, handler: str, tmp_path: Path
):
    code = built[name].path
    native = native_builds(code, tmp_path)
    function = Function("arn", "try", handler, {}, 3, 128, "/group", code, native, (), "sha")
    nurseries = [None, Nursery((*native, code))] if CAN_FORK else [None]
    for nursery in nurseries:
        worker = WorkerProcess(function, {}, nursery)
        try:
            assert worker.wait_until_ready() == []
        finally:
            worker.stop()
            nursery.stop() if nursery else None
    assert len(native) == 1


def test_a_value_is_sealed_and_opened_with_what_a_plain_bundle_carries(
    built: dict[str, bundles.Bundle], tmp_path: Path
):
    program = (
        "from lambdas.shared.adapters.sealing import new_pair, seal, unseal\n"
        "public, private = new_pair()\n"
        "print(unseal(private, seal(public, b'Ann')).decode())\n"
    )
    assert run(built["core"], tmp_path, program) == "Ann"


def test_no_handler_loads_the_cipher_before_there_is_something_to_seal(
    built: dict[str, bundles.Bundle], tmp_path: Path
):
    program = (
        "import importlib, pathlib, sys\n"
        "for path in pathlib.Path('lambdas/shared/handlers').glob('*.py'):\n"
        "    importlib.import_module(f'lambdas.shared.handlers.{path.stem}')\n"
        "print('nacl' in sys.modules, 'lambdas.shared.adapters.sealing' in sys.modules)\n"
    )
    assert run(built["core"], tmp_path, program) == "False False"


def test_code_with_a_binary_that_is_not_installed_here_is_named(tmp_path: Path):
    (tmp_path / "unheard_of").mkdir()
    (tmp_path / "unheard_of/fast.so").write_bytes(b"")
    with pytest.raises(NoNativeBuild, match="unheard_of, which is not installed here"):
        native_builds(tmp_path, tmp_path / "into")


def test_code_with_another_version_than_the_one_installed_here_is_named(tmp_path: Path):
    (tmp_path / "_cffi_backend.abi3.so").write_bytes(b"")
    (tmp_path / "cffi-0.1.dist-info").mkdir()
    with pytest.raises(NoNativeBuild, match=r"another cffi than .*make locks"):
        native_builds(tmp_path, tmp_path / "into")


@pytest.mark.parametrize("lock", sorted({recipe.requirements.name for recipe in BUNDLES.values()}))
def test_what_is_tested_is_what_is_shipped(lock: str):
    assert pins(ROOT / "requirements" / lock) - pins(ROOT / "requirements/dev.txt") == set()


def test_the_makefile_builds_again_when_a_lock_file_changes():
    rule = re.search(r"^LOCKS := \$\(addprefix requirements/, (.*)\)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert rule is not None
    assert set(rule[1].split()) == {recipe.requirements.name for recipe in BUNDLES.values()}


def test_bytecode_is_taken_without_looking_at_times(built: dict[str, bundles.Bundle]):
    for path in (built["aws"].path / "lambdas").rglob("*.pyc"):
        flags = int.from_bytes(path.read_bytes()[4:8], "little")
        assert flags == 0b01, path  # hash-based, unchecked
        assert path.read_bytes()[:4] == importlib.util.MAGIC_NUMBER


def test_the_manifest_states_the_size(built: dict[str, bundles.Bundle]):
    manifest = json.loads((ROOT / "build/bundles/aws.json").read_text())
    assert manifest["size"] == built["aws"].size
