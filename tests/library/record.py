"""What users rely on, as two files: the public API (``api.json``) and what a deployed stage remembers (``state.json``).

``python -m tests.library.record`` writes both anew, and the table of the API in ``docs/library.md``, and prints the two
marks. A change has to be announced: its mark stands under the version's heading in the upgrade notes of that page.
API and resources are read from the source text and the reviewed templates, so that looking costs neither the CDK nor a
synth; items from plays in the turned world. It also writes items of the version that is not released yet
(``ledgers/<version>.json``); those of released versions stay as they are, for every later version to read.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.library.remembered import Memory, remember

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
API, STATE, PAGE = HERE / "api.json", HERE / "state.json", ROOT / "docs/library.md"
TEMPLATES = ROOT / "tests/infrastructure/__snapshots__/test_snapshots"
BEGIN, END = "<!-- the table is written by `python -m tests.library.record` -->", "<!-- end of the table -->"
STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
)
# What makes a stored item findable, or the resource another one. The rest of a resource may change in place.
IDENTITY = (
    *("AttributeDefinitions", "BucketName", "GlobalSecondaryIndexes", "KeySchema", "KeySpec", "KeyUsage", "Name"),
    *("ObjectLockEnabled", "TableName", "TimeToLiveSpecification", "TopicName"),
)

type Record = dict[str, Any]


def text_of(record: Record) -> str:
    """A record as its file."""
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def mark(kind: str, record: Record) -> str:
    """Short name of one state of a record, ``api:1a2b3c4d``."""
    return f"{kind}:{hashlib.sha256(text_of(record).encode()).hexdigest()[:8]}"


# The public API.


def api() -> Record:
    """Every public name by what it is and takes, and every key of the configuration with its default."""
    names = {name: _described(module, there) for name, (module, there) in sorted(public_names().items())}
    return {"names": names, "configuration": dict(_configuration())}


def public_names() -> dict[str, tuple[str, str]]:
    """Module and name there, of every name in the package's stub."""
    body = ast.parse((ROOT / "cosell_sync/__init__.pyi").read_text()).body
    return {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _described(module: str, name: str) -> Record:
    tree = _tree(module)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return {"kind": "function", "summary": _summary(node), **_signature(node, tree)}
        if isinstance(node, ast.ClassDef) and node.name == name:
            return _class(node, tree)
        if isinstance(node, ast.Assign) and name in [ast.unparse(target) for target in node.targets]:
            return _described(module, ast.unparse(node.value))
    raise LookupError(f"cosell_sync.{name}: {module} defines no class or function of that name")


def _class(node: ast.ClassDef, tree: ast.Module) -> Record:
    bases = [ast.unparse(base) for base in node.bases]
    found: Record = {"summary": _summary(node), "bases": bases}
    if any(ast.unparse(each).startswith("dataclass") for each in node.decorator_list) or set(bases) & _MODELS:
        return {"kind": "data", **found, "props": dict(_props(node, tree)), "members": dict(_members(node, tree))}
    made = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if "Enum" in bases:
        values = {
            ast.unparse(each.targets[0]): ast.unparse(each.value) for each in node.body if isinstance(each, ast.Assign)
        }
        return {"kind": "enumeration", **found, "values": values}
    kind = "protocol" if "Protocol" in bases else "exception" if _is_error(bases) else "construct"
    made_with = {} if made is None else _signature(made, tree)
    return {"kind": kind, **found, **made_with, "members": dict(_members(node, tree))}


_MODELS = {"Model", "Partner"}


def _is_error(bases: list[str]) -> bool:
    return any(base.endswith(("Exception", "Error")) for base in bases)


def _props(node: ast.ClassDef, tree: ast.Module) -> Iterator[tuple[str, Record]]:
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            prop: Record = {"type": ast.unparse(each.annotation)}
            default = each.value if each.value is None else _default(each.value, tree)
            yield each.target.id, prop if default is None else {**prop, "default": default}


def _default(value: ast.expr, tree: ast.Module) -> str | None:
    """The default's text; of ``field(…)`` what it makes, of a constant of the module what that is."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) in ("field", "Field"):
        said = {str(each.arg): each.value for each in value.keywords}
        if "default_factory" in said:
            made = said["default_factory"]
            return _default(made.body, tree) if isinstance(made, ast.Lambda) else f"{ast.unparse(made)}()"
        return _default(said["default"], tree) if "default" in said else None
    if isinstance(value, ast.Name):
        for each in tree.body:
            if isinstance(each, ast.Assign) and value.id in [ast.unparse(target) for target in each.targets]:
                return ast.unparse(each.value)
    return ast.unparse(value)


def _signature(node: ast.FunctionDef, tree: ast.Module) -> Record:
    arguments, takes = node.args, {}
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [*zip(plain, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    for each, default in pairs:
        if each.arg not in ("self", "cls"):
            takes[each.arg] = {"type": ast.unparse(each.annotation) if each.annotation else "Any"}
            if default is not None:
                takes[each.arg]["default"] = _default(default, tree)
    return {"takes": takes, "returns": ast.unparse(node.returns) if node.returns else "None"}


def _members(node: ast.ClassDef, tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
            is_property = any(ast.unparse(one).endswith("property") for one in each.decorator_list)
            yield each.name, ast.unparse(each.returns) if is_property and each.returns else _signature(each, tree)


def _configuration() -> Iterator[tuple[str, Record]]:
    """Every model of the files by its keys."""
    for path in sorted((ROOT / "config").rglob("*.py")):
        tree = ast.parse(path.read_text())
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} & _MODELS:
                yield node.name, dict(_props(node, tree))


def _summary(node: ast.ClassDef | ast.FunctionDef) -> str:
    """The docstring's first sentence."""
    said = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) ", said)[0]


@cache
def _tree(module: str) -> ast.Module:
    path = ROOT / (module.replace(".", "/") + ".py")
    return ast.parse((path if path.is_file() else path.with_suffix("") / "__init__.py").read_text())


# What a stage remembers.


def state(memory: Memory) -> Record:
    """Logical ids and identity of every resource that holds state, and the shape of every item that a run writes."""
    return {"resources": dict(sorted(_resources())), "items": memory.shapes()}


def _resources() -> Iterator[tuple[str, Record]]:
    for path in sorted(TEMPLATES.glob("*.json")):
        stack = path.stem.partition("[")[2].rstrip("]")
        for logical_id, resource in json.loads(path.read_text())["Resources"].items():
            if resource["Type"] in STATEFUL:
                properties = resource.get("Properties", {})
                identity = {name: properties[name] for name in IDENTITY if name in properties}
                kept = resource.get("DeletionPolicy", "Delete")
                yield f"{stack}/{logical_id}", {"type": resource["Type"], "on deletion": kept, **identity}


def unreleased() -> str | None:
    """The version that the changelog calls unreleased."""
    found = re.search(r"^## (\S+) \(unreleased\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    return found[1] if found else None


# The page.


def table_of(record: Record) -> str:
    """The public names as Markdown: each with its kind, what it is, and its props with their defaults."""
    lines = ["| Name | Kind | What it is | Props and arguments (default) |", "|---|---|---|---|"]
    for name, each in record["names"].items():
        taken = each.get("props") or each.get("takes") or {}
        shown = ", ".join(f"`{prop}`" + _shown(said) for prop, said in taken.items())
        lines.append(f"| `{name}` | {each['kind']} | {_cell(each['summary'], code=False)} | {shown} |")
    return "\n".join(lines)


def _shown(said: Record) -> str:
    return f" ({_cell(said['default'])})" if "default" in said else ""


def _cell(text: str, *, code: bool = True) -> str:
    text = text.replace("|", "\\|").replace("``", "`")
    return f"`{text}`" if code else text


def with_table(page: str, record: Record) -> str:
    """The page with its table written anew."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table_of(record)}\n\n{END}{rest.partition(END)[2]}"


def main() -> None:
    memory = Memory.of_plays()
    found_api, found_state = api(), state(memory)
    API.write_text(text_of(found_api))
    STATE.write_text(text_of(found_state))
    PAGE.write_text(with_table(PAGE.read_text(), found_api))
    if (version := unreleased()) is not None:
        remember(version, memory)
    print(f"{mark('api', found_api)} {mark('state', found_state)}")


if __name__ == "__main__":
    main()
