"""What a deployed stage remembers: the shape of every item that a run writes, and items as this version writes them.

``Memory.of_plays()`` watches the plays of ``scenes`` step by step, since some attributes are there only while something
is under way. Of each kind of item it keeps, by the names of their attributes, the poorest and the richest: what a later
version has to be able to read (``ledgers/<version>.json``). Values of customers are taken out of those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lambdas.shared.adapters.ledger.values import from_attributes
from lambdas.shared.domain.audit_chain import Head, hash_of, head_of
from sandbox.turned import World
from tests.library import scenes

LEDGERS = Path(__file__).parent / "ledgers"
TABLES = ("ledger", "runs", "audit")
ANY = "text"
"""What stands where a value stood."""
_VALUES = frozenset({"before", "after", "base", "deal_value", "opportunity_value", "deal_moved_by"})
_ROWS = frozenset({"changes", "conflicts", "picked", "problems"})
_DOCUMENTS = frozenset({"fields", "document"})
_LATER_READ = "runs: <run> / sent"
"""The one document of a run that another run reads, maybe one of the next version."""
_SHOWN = {
    "deals": ("dealname", "description", "hs_next_step"),
    "companies": ("name", "domain", "website", "city"),
    "contacts": ("email", "firstname", "lastname"),
}
_SHORTEST = 4

type Item = dict[str, Any]
type Shapes = dict[str, dict[str, str]]
type Items = dict[str, list[Item]]


class Memory:
    """``types`` has for each kind of item its attributes and their types, ``said`` what customers' records say."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, set[str]]] = {}
        self.said: set[str] = set()
        self._found: dict[str, dict[frozenset[str], Item]] = {}
        self._chains: dict[str, dict[int, Item]] = {}
        self._worlds: list[World] = []
        self._seen: dict[int, Any] = {}

    @classmethod
    def of_plays(cls) -> Memory:
        """All plays, watched."""
        memory = cls()
        for play in scenes.ALL:
            before = len(memory._worlds)
            play(memory.watch)
            for world in memory._worlds[before:]:
                memory.look(world)
        return memory

    def watch(self, world: World) -> None:
        """Look at the world now, and after each of its steps from now on."""
        if world in self._worlds:
            self.look(world)
            return
        self._worlds.append(world)
        self.look(world)
        really = world.step

        def step() -> bool:
            moved = really()
            self.look(world)
            return moved

        world.step = step

    def look(self, world: World) -> None:
        """Take in what is there and was not before."""
        for table in TABLES:
            for raw in world.store._tables.get(table, ()):
                if id(raw) not in self._seen:
                    self._seen[id(raw)] = raw  # kept, so that no other item gets its id
                    self._note(self._worlds.index(world), table, from_attributes(raw))
        for kind, names in _SHOWN.items():
            for record in world.hubspot.account.records(kind):
                self.said |= {text for name, text in record.values().items() if name in names and text}

    def shapes(self) -> Shapes:
        """Kind to attribute to type."""
        return {
            kind: {name: " or ".join(sorted(types)) for name, types in sorted(shape.items())}
            for kind, shape in self.types.items()
        }

    def items(self) -> Items:
        """Of each kind the poorest and the richest items, without customers' values; of the audit whole chains."""
        found = {
            kind: [_masked(variants[names]) for names in _outermost(variants)]
            for kind, variants in sorted(self._found.items())
            if not kind.startswith(("runs", "audit")) or kind == _LATER_READ
        }
        return found | {"audit": list(_relinked(self._some_chains()))}

    def _note(self, world: int, table: str, item: Item) -> None:
        kind = f"{table}: {_kind(item)}"
        shape = self.types.setdefault(kind, {})
        for name, value in item.items():
            shape.setdefault(_free(table, name), set()).add(_type(value))
        self._found.setdefault(kind, {}).setdefault(frozenset(_free(table, name) for name in item), item)
        if table == "audit":
            self._chains.setdefault(f"{world} {item['pk']}", {})[item["seq"]] = item

    def _some_chains(self) -> Iterator[list[Item]]:
        """As many chains as it takes to have the poorest and the richest record of each kind."""
        variants: dict[str, dict[frozenset[str], None]] = {}
        for chain in self._chains.values():
            for one in chain.values():
                variants.setdefault(_record(one), {})[frozenset(one)] = None
        wanted = {(kind, names) for kind, found in variants.items() for names in _outermost(found)}
        for chain in sorted(self._chains.values(), key=len):
            records = [chain[seq] for seq in sorted(chain)]
            new = [number for number, one in enumerate(records) if (_record(one), frozenset(one)) in wanted]
            if new:
                wanted -= {(_record(one), frozenset(one)) for one in records}
                yield records[: new[-1] + 1]


def _outermost(variants: Mapping[frozenset[str], Any]) -> list[frozenset[str]]:
    """Sets of names of which no other is a part, or that are no part of any other."""
    names = list(variants)
    return sorted(
        (one for one in names if not any(each < one for each in names) or not any(one < each for each in names)),
        key=lambda one: (len(one), sorted(one)),
    )


def outline(items: Items) -> dict[str, list[tuple[str, ...]]]:
    """What of a file of items a version changes: kinds, and the names of their attributes."""
    return {kind: sorted({tuple(sorted(one)) for one in found}) for kind, found in items.items()}


def _masked(item: Item) -> Item:
    return {name: _without_values(name, value, item) for name, value in item.items()}


def _without_values(name: str, value: Any, item: Item) -> Any:
    if name in _DOCUMENTS and isinstance(value, str) and not item["pk"].startswith("group#"):
        return json.dumps(_every(json.loads(value)), sort_keys=True)
    if name in _ROWS and isinstance(value, str):
        return json.dumps([_row(one) for one in json.loads(value)], sort_keys=True)
    return ANY if name == "message" else value


def _row(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: _every(one) if name in _VALUES else one for name, one in row.items()}


def _every(value: Any) -> Any:
    """The same with another text wherever one stands."""
    if isinstance(value, Mapping):
        return {name: _every(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_every(one) for one in value]
    return ANY if isinstance(value, str) else value


def _relinked(chains: Iterable[list[Item]]) -> Iterator[Item]:
    """Chains whose records say nothing of a customer, whole again: each names the hash of the one before."""
    for number, records in enumerate(chains):
        head = Head()
        for record in records:
            # Of two worlds the same deal: one chain each.
            said = {**_masked(record), "pk": f"{record['pk']}{number:03d}", "prev": head.hash}
            said["hash"] = hash_of(said)
            head = head_of(said)
            yield said


def _kind(item: Mapping[str, Any]) -> str:
    begin, has_more, _ = str(item["pk"]).partition("#")
    return f"{begin}#… / {_sort(str(item['sk']))}" if has_more else f"<run> / {_sort(str(item['sk']))}"


def _record(item: Mapping[str, Any]) -> str:
    """Of the audit: whose chain, and what kind of record."""
    return f"{_kind(item)} {item['kind']}"


def _sort(sort: str) -> str:
    """The sort key, for what is not the same in all items of the kind a name."""
    if re.fullmatch(r"\d{6,}", sort):
        return "<number>"
    for mark in ("#", ":"):
        if re.fullmatch(rf"[a-z]+{mark}.*", sort):
            return f"{sort.partition(mark)[0]}{mark}…"
    return sort if re.fullmatch(r"[a-z]+(-letter)?", sort) else "<id>"


def _free(table: str, name: str) -> str:
    """Names of attributes that are made of a property's name or of an id are one."""
    free = {"p_": "p_<property>", "m_": "m_<deal id>"}
    return free.get(name[:2], name) if table == "ledger" else name


def _type(value: Any) -> str:
    names = {str: "text", bool: "bool", dict: "map", list: "list", type(None): "null"}
    return names.get(type(value), "number")


def text_of(version: str, items: Items) -> str:
    """The file of a version's items, one item a line."""
    kinds = [
        f" {json.dumps(kind, ensure_ascii=False)}: [\n"
        + ",\n".join(f"  {json.dumps(one, sort_keys=True, ensure_ascii=False)}" for one in found)
        + "\n ]"
        for kind, found in items.items()
    ]
    return f'{{"version": {json.dumps(version)}, "items": {{\n' + ",\n".join(kinds) + "\n}}\n"


def written(version: str) -> Items:
    """The items that a version wrote; none for a version of which there is no file."""
    path = LEDGERS / f"{version}.json"
    return json.loads(path.read_text())["items"] if path.is_file() else {}


def said_in(text: str, memory: Memory) -> list[str]:
    """What the text says of a customer."""
    words = {re.sub(r"\s*#(AWS|Microsoft|GCP)\b", "", one) for one in memory.said}
    return sorted(one for one in words if len(one) >= _SHORTEST and re.search(rf"\b{re.escape(one)}\b", text))


def remember(version: str, memory: Memory) -> None:
    """Write the file anew where it is out of date: ids and times differ with every play, and say nothing."""
    items = memory.items()
    if outline(items) == outline(written(version)):
        return
    text = text_of(version, items)
    if said := said_in(text, memory):
        raise ValueError(f"the items hold values of customers: {', '.join(said)}; take them out in remembered._masked")
    LEDGERS.mkdir(exist_ok=True)
    (LEDGERS / f"{version}.json").write_text(text)
