"""The wheel: one package, the same from the sdist, and all that ten lines need, with the repository out of sight."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from constructs_lib.bundle import BUNDLES, OUTPUT, inputs_digest
from distribution.place_rooms import ROOMS, rewritten
from tests.library.conftest import ROOT

UV = str(Path(sys.executable).with_name("uv"))
# What a module is called where it is installed, where that is not its distribution's name.
CALLED = {
    "aws_cdk": "aws-cdk-lib",
    "yaml": "pyyaml",
    "google": "google-auth",
    "nacl": "pynacl",
    "jsonata": "jsonata-python",
}
# Brought by those that need them, and used through them.
BROUGHT = {"jsii": "aws-cdk-lib", "botocore": "boto3", "pydantic_core": "pydantic"}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the sdist and of the wheel made of it, from a copy of what is tracked; nothing is downloaded."""
    copy, target = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("built")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if not name.startswith(("tests/", "benchmarks/", "docs/")) and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    build(copy, target)
    build(copy, target / "straight", "--wheel")
    return target


def build(source: Path, target: Path, *arguments: str) -> None:
    command = [UV, "build", "--quiet", "--offline", "--no-build-isolation", "--python", sys.executable, *arguments]
    done = subprocess.run([*command, "-o", str(target), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def wheel_in(folder: Path) -> Path:
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    command = [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", sys.executable]
    subprocess.run([*command, "--target", str(target), str(wheel_in(built))], check=True)
    return target


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def test_the_wheel_has_one_package_and_is_typed(built: Path):
    found = contents(wheel_in(built))
    tops = {name.partition("/")[0] for name in found}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cosell_sync"}
    assert {"cosell_sync/py.typed", "cosell_sync/__init__.pyi"} <= set(found)
    (top_level,) = [body for name, body in found.items() if name.endswith("top_level.txt")]
    assert top_level == b"cosell_sync\n"


def test_the_wheel_from_the_sdist_is_the_one_from_the_repository(built: Path):
    assert contents(wheel_in(built)) == contents(wheel_in(built / "straight"))


def test_what_is_read_as_data_is_in_the_wheel_as_it_is(built: Path):
    found = contents(wheel_in(built))
    wanted = [
        *ROOT.glob("lambdas/**/*.py"),
        *ROOT.glob("statemachines/*.json"),
        *ROOT.glob("config/*.yaml"),
        *(ROOT / recipe.requirements for recipe in BUNDLES.values()),
    ]
    assert len(wanted) > 300
    for path in wanted:
        assert found[f"cosell_sync/_data/{path.relative_to(ROOT)}"] == path.read_bytes()


def test_no_module_in_the_wheel_imports_a_room_by_its_name_in_the_repository(built: Path):
    for name, body in contents(wheel_in(built)).items():
        if name.endswith((".py", ".pyi")) and not name.startswith("cosell_sync/_data/"):
            for node in ast.walk(ast.parse(body)):
                modules = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
                modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                assert not [one for one in modules if str(one).partition(".")[0] in ROOMS], name


def test_no_module_of_the_host_names_another_by_a_string():
    """Such a string would be right in the repository only. Constructs name handlers: these are names in a bundle."""
    name = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.\w+)+")
    for room in ("cli", "config", "sandbox", "stacks"):
        for path in (ROOT / room).rglob("*.py"):
            strings = [
                node.value
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
            assert not [text for text in strings if name.fullmatch(text)], path


def test_a_line_stays_where_it_is_and_only_our_rooms_are_renamed():
    lines = ["import config", "import os", "if x:", "    from stacks.names import (", "        Names,", "    )"]
    assert rewritten("\n".join([*lines, "from configparser import x"]), "a.py").split("\n") == [
        "from cosell_sync import config",
        "import os",
        "if x:",
        "    from cosell_sync.stacks.names import (",
        "        Names,",
        "    )",
        "from configparser import x",
    ]


@pytest.mark.parametrize("line", ["import config.rooms", "import config, stacks", "from  stacks import names"])
def test_an_import_that_cannot_be_renamed_stops_the_build(line: str):
    with pytest.raises(ValueError, match=r"^a\.py:1: "):
        rewritten(line + "\n", "a.py")


def test_every_library_that_is_imported_is_required(built: Path):
    (folder,) = [name for name in contents(wheel_in(built)) if name.endswith("/METADATA")]
    text = contents(wheel_in(built))[folder].decode()
    required: dict[str, set[str]] = {"": set(), "sandbox": set()}
    for line in re.findall(r"^Requires-Dist: (.*)$", text, re.MULTILINE):
        requirement = Requirement(line)
        required["sandbox" if "extra" in str(requirement.marker or "") else ""].add(requirement.name.lower())
    for name, body in contents(wheel_in(built)).items():
        if not name.endswith(".py") or name.startswith("cosell_sync/_data/"):
            continue
        allowed = required[""] | (required["sandbox"] if name.startswith("cosell_sync/sandbox/") else set())
        for module in third_parties(body):
            needed = BROUGHT.get(module) or CALLED.get(module) or module.replace("_", "-")
            assert needed in allowed, f"{name} imports {module}"


def third_parties(body: bytes) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(str(node.module))
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    tops = {module.partition(".")[0] for module in modules}
    return {top for top in tops if top not in sys.stdlib_module_names and top not in {"cosell_sync", "cosell_settings"}}


@pytest.fixture(scope="session")
def project(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder after ``cosell init`` of the installed package, with the bundles of the repository: the digests
    of what both would build are the same, so nothing has to be built again."""
    folder = tmp_path_factory.mktemp("newcomer")
    done = alone(installed, folder, "-m", "cosell_sync", "init")
    assert done.returncode == 0, done.stderr
    (folder / OUTPUT).parent.mkdir()
    (folder / OUTPUT).symlink_to(ROOT / OUTPUT)
    return folder


def alone(installed: Path, folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python with the installed package and its dependencies, and without the repository (``-S``: no .pth file)."""
    return subprocess.run(
        [sys.executable, "-S", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": f"{installed}{os.pathsep}{sysconfig.get_path('purelib')}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "build" / "jsii"),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


SYNTH = """
import json, runpy, sys
runpy.run_path("app.py", run_name="__main__")
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
json.dump(files, open("loaded.json", "w"))
"""


@pytest.mark.slow
def test_ten_lines_and_the_wheel_make_a_deployment_stage(installed: Path, project: Path):
    variables = {"CDK_OUTDIR": "cdk.out", "CDK_CONTEXT_JSON": '{"stage": "dev"}', "CDK_VALIDATION": "false"}
    done = alone(installed, project, "-c", SYNTH, **variables)
    assert done.returncode == 0, done.stderr[-3000:]
    loaded = json.loads((project / "loaded.json").read_text())
    assert [one for one in loaded if one.startswith(f"{installed}{os.sep}cosell_sync")]
    libraries = sysconfig.get_path("purelib")
    assert [one for one in loaded if one.startswith(f"{ROOT}{os.sep}") and not one.startswith(libraries)] == []
    stacks = {path.name.removesuffix(".template.json")[:-8] for path in project.rglob("*.template.json")}
    parts = ("Api", "Audit", "Aws", "Data", "DeadLetters", "PartnerCentral", "Seeing", "Sync")
    assert stacks == {f"dev{part}" for part in parts}
    assert (project / "build/settings/dev/python/cosell_settings/settings.json").is_file()


def test_the_installed_package_would_build_the_very_same_bundles(installed: Path, project: Path):
    code = (
        "import json; from cosell_sync.constructs_lib.bundle import BUNDLES, inputs_digest;"
        "print(json.dumps({name: inputs_digest(recipe) for name, recipe in BUNDLES.items()}))"
    )
    done = alone(installed, project, "-c", code)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {name: inputs_digest(recipe) for name, recipe in BUNDLES.items()}


def test_the_installed_command_checks_what_it_has_written(installed: Path, project: Path):
    done = alone(installed, project, "-m", "cosell_sync", "check")
    assert done.returncode == 0, done.stderr
    assert "dev: account 111111111111" in done.stdout
    again = alone(installed, project, "-m", "cosell_sync", "init")
    assert again.returncode == 1
    assert "app.py" in again.stderr
    assert "nothing was written" in again.stderr


def test_a_command_that_is_the_repository_s_alone_says_so(installed: Path, tmp_path: Path):
    done = alone(installed, tmp_path, "-m", "cosell_sync", "faults")
    assert done.returncode == 1
    assert done.stderr == (
        "cosell faults: this command is for a checkout of the repository; the package does not have it\n"
    )


def test_the_package_costs_nothing_until_a_name_is_used(installed: Path, tmp_path: Path):
    code = (
        "import sys, cosell_sync; before = set(sys.modules); cosell_sync.load_configuration;"
        "assert not [one for one in before if one.startswith(('aws_cdk', 'jsii', 'pydantic', 'yaml', 'boto'))], before;"
        "assert 'aws_cdk' not in sys.modules"
    )
    done = alone(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr


def test_no_module_is_named_by_a_text_that_the_wheel_would_not_know():
    """`import_module(f"lambdas.{name}")` works in a checkout alone: the build rewrites imports, not texts."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in set(ROOMS) - {"lambdas"}
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "import_module"
        and re.match(rf"""f?['"]({"|".join(ROOMS)})\b""", ast.unparse(node.args[0]))
    ]
    assert found == []
