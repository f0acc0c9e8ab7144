"""Every setting as tables of docs/configuration.md: key, default, what is allowed, what it means, what others call it.

``python -m config.settings_table`` writes them between the marks of that page; they come from the same schemas that
editors use, so they cannot say anything else than the models do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.editor_schemas import schemas
from config.seeds_names import SEEDS_NAMES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
_FILES = ("stages", "aws", "microsoft", "google", "hubspot_properties", "resources")
_COMMON = "aws"
"""The partner whose file shows what every partner's file has; the others show what they have beside it."""
_ONCE = ("lead.fields[]",)
"""Maps of fields that are made like ``fields``."""
_MOST = 7
_NAME = re.compile(r"[\w-]+(\(\)|\.py)?|#\w+")
_WORDS = {
    "boolean": "`true`, `false`",
    "array": "a list",
    "object": "a block",
    "integer": "a number",
    "number": "a number",
    "string": "a text",
}

type Row = tuple[str, str, str, str, str]


def tables() -> dict[str, str]:
    """Markdown by the YAML file's name without ``.yaml``."""
    made, common = {}, set[tuple[str, ...]]()
    every = schemas()
    for name in _FILES:
        rows = [row for row in _rows(every[name], every[name].get("$defs", {})) if row[:4] not in common]
        if name == _COMMON:
            common = {row[:4] for row in rows}
        made[name] = _markdown(rows)
    return made


def filled(page: str) -> str:
    """The page with each table between its marks: ``<!-- settings: aws -->`` and ``<!-- end -->``."""
    made = tables()

    def put(found: re.Match[str]) -> str:
        return f"<!-- settings: {found['name']} -->\n{made[found['name']]}<!-- end -->"

    return re.sub(r"<!-- settings: (?P<name>\w+) -->\n.*?<!-- end -->", put, page, flags=re.DOTALL)


def keys() -> set[str]:
    """Every key of every table."""
    every = schemas()
    return {row[0] for name in _FILES for row in _rows(every[name], every[name].get("$defs", {}))}


def _rows(schema: Mapping[str, Any], parts: Mapping[str, Any], at: str = "") -> Iterator[Row]:
    needed = schema.get("required", ())
    for key, stated in schema.get("properties", {}).items():
        here = f"{at}.{key}" if at else key
        kind = _resolved(stated, parts)
        yield _row(here, stated, kind, key in needed)
        yield from _below(here, kind, parts)


def _below(here: str, kind: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[Row]:
    if here.endswith("options"):
        return
    items = _resolved(kind.get("items") or {}, parts)
    if items.get("properties") and f"{here}[]" not in _ONCE:
        yield from _rows(items, parts, f"{here}[]")
    values = kind.get("additionalProperties")
    patterned = next(iter(kind.get("patternProperties", {}).values()), None)
    inner = _resolved(values if isinstance(values, dict) else patterned or {}, parts)
    if inner.get("properties"):
        yield from _rows(inner, parts, f"{here}.*")
    if kind.get("properties"):
        yield from _rows(kind, parts, here)


def _resolved(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference; of a block that may be left out or has a short form, the block."""
    for each in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if "$ref" in each:
            return _resolved(parts[each["$ref"].rpartition("/")[2]], parts)
    plain = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return {**plain[0], **{key: text for key, text in schema.items() if key != "anyOf"}} if plain else schema


def _row(here: str, stated: Mapping[str, Any], kind: Mapping[str, Any], needed: bool) -> Row:
    return here, _default(stated, kind, needed), _allowed(kind), stated["description"], _seeds_name(here)


def _seeds_name(here: str) -> str:
    plain = here.removesuffix("[]")
    return SEEDS_NAMES.get(plain, "") or SEEDS_NAMES.get(f"{plain}.*", "")


def _default(stated: Mapping[str, Any], kind: Mapping[str, Any], needed: bool) -> str:
    if needed:
        return "(required)"
    if "default" not in stated:
        return "empty"
    value = stated["default"]
    if isinstance(value, dict) or (kind.get("properties") and value is not None):
        return "as below" if value else "empty"
    return "none" if value is None else "empty" if value in ([], "") else f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _allowed(kind: Mapping[str, Any]) -> str:
    words = kind.get("enum") or ([kind["const"]] if "const" in kind else None)
    if words:
        shown = [f"`{_plain(each)}`" for each in words if each is not None]
        return ", ".join(shown[:_MOST]) + (f" and {len(shown) - _MOST} more" if len(shown) > _MOST else "")
    low, high = kind.get("minimum", kind.get("exclusiveMinimum")), kind.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}" if "minimum" in kind else f"above {low}, up to {high}"
    if low is not None:
        return f"from {low} on"
    return _WORDS.get(str(kind.get("type")), "")


def _markdown(rows: list[Row]) -> str:
    lines = ["| Key | Default | Allowed | What it means | Seed's name |", "|---|---|---|---|---|"]
    for key, default, allowed, means, seed in rows:
        shown = ", ".join(f"`{each}`" if _NAME.fullmatch(each) else each for each in seed.split(", ") if each)
        lines.append(f"| `{key}` | {default} | {allowed} | {means} | {shown} |".replace("  ", " "))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
    print(PAGE.name)
