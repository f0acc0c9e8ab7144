"""What must hold once the faults have stopped and the sweeps have run."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from lambdas.shared.adapters.ledger.audit import head_from
from lambdas.shared.domain.audit_chain import HEAD_SORT, check_chain
from sandbox.faults_matrix.plays import TAG
from sandbox.faults_matrix.watching import Record
from sandbox.turned import World, letters
from sandbox.turned.parts import AUDIT, LEDGER

ID = {"aws": "aws_opportunity_id", "microsoft": "microsoft_referral_id", "google": "gcp_opportunity_id"}
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d| UTC)?|\b1[78]\d{11}\b|\d\d:\d\d UTC"
)
_COUNTED = re.compile(r"revision \d+|snapshots:[0-9a-f]+")
"""How often we shared our own record is nobody's loss."""
_VOLATILE = re.compile(
    r"aws_milestones|last_sync|lastmodified|createdate|hs_object_id|hs_timestamp|eTag|TaskId|_update_count|hs_.*(date|time)"
)


def portrait(world: World) -> dict[str, list[str]]:
    """All that people see on both sides, without times and with ids as numbers in the order of their making."""
    account = world.hubspot.account
    names = _names(world)
    found: dict[str, list[str]] = {
        kind: [_plain(one.values(), names) for one in account.records(kind)]
        for kind in ("deals", "companies", "contacts", "tasks", "notes")
    }
    for partner, side in world.sides.items():
        found[partner] = [_plain(document, names) for document in side.documents().values()]
    return {kind: sorted(texts) for kind, texts in found.items()}


def _names(world: World) -> dict[str, str]:
    names = {key: f"<{p} {n}>" for p, side in world.sides.items() for n, key in enumerate(side.documents())}
    for kind in ("deals", "companies", "contacts"):
        names |= {one.id: f"<{kind} {n}>" for n, one in enumerate(world.hubspot.account.records(kind))}
    if "aws" in world.sides:
        state = world.central.account.catalogs["Sandbox"]
        for kind in ("engagements", "invitations", "tasks"):
            names |= {key: f"<{kind} {n}>" for n, key in enumerate(getattr(state, kind, ()))}
    return names


def _plain(document: Any, names: Mapping[str, str]) -> str:
    text = json.dumps(_stable(document), sort_keys=True, default=str, ensure_ascii=False)
    text = _COUNTED.sub("<revision>", _TIMES.sub("<time>", text))
    pattern = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({pattern})(?![\w-])", lambda found: names[found.group(1)], text) if names else text


def _stable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _stable(one) for name, one in value.items() if not _VOLATILE.search(str(name)) and one != ""}
    return [_stable(one) for one in value] if isinstance(value, (list, tuple)) else value


def wrong_in(
    world: World, twin: Mapping[str, list[str]] | None, breaks: int = 0, doubted: frozenset[Record] = frozenset()
) -> list[str]:
    """What does not hold; ``twin`` is the portrait of the same play without the fault.

    An intent may lack its outcome where it is among ``doubted``, the records of executions that a crash broke; and
    there may be as many of these as there were ``breaks``.
    """
    told = Counter(
        (kind, one.values()[f"hs_{kind[:-1]}_body"]) for kind in ("tasks", "notes") for one in _records(world, kind)
    )
    return [
        *(f"there twice: {one}" for one in world.duplicates()),
        *(f"dead: {one}" for one in world.dead_letters()),
        *(f"waiting letter: {one['pk']} {one.get('error')}" for one in letters.items(world.store) if _open(one)),
        *(f"waiting in {name}: {q.messages[0].body[:80]}" for name, q in world.sqs.queues.items() if q.messages),
        *(f"not settled: {one}" for one in world.unsettled()),
        *(f"unexpected: {one}" for one in world.unexpected),
        *(f"told {count} times: {kind} {body[:80]}" for (kind, body), count in told.items() if count > 1),
        *_unequal(world),
        *(_differences(twin, portrait(world)) if twin is not None else ()),
        *audit_faults(world, breaks, doubted),
    ]


def _records(world: World, kind: str) -> Any:
    return world.hubspot.account.records(kind)


def _open(letter: Mapping[str, Any]) -> bool:
    return letter["state"] == "waiting"


def _unequal(world: World) -> list[str]:
    """Deal and record name each other, and say the same amount."""
    wrong, deals = [], [one.values() for one in _records(world, "deals")]
    for partner, side in world.sides.items():
        documents, named = side.documents(), [one[ID[partner]] for one in deals if one.get(ID[partner])]
        wrong += [f"{partner}: no deal names {key}" for key in documents if key not in named]
        wrong += [f"{partner}: {count} deals name {key}" for key, count in Counter(named).items() if count > 1]
        for values in deals:
            ours = values.get("amount")
            if TAG[partner] not in values["dealname"] or not ours or values.get(ID[partner]) not in documents:
                continue
            theirs = _amount(partner, documents[values[ID[partner]]])
            if theirs is not None and float(ours) != theirs:
                wrong.append(f"{partner}: amount {ours} here, {theirs} there")
    return wrong


def _amount(partner: str, document: Mapping[str, Any]) -> float | None:
    if partner == "aws":
        rows = document["Project"].get("ExpectedCustomerSpend") or ()
        own = [row for row in rows if row.get("TargetCompany") == "Self"]
        return float(own[0]["Amount"]) if own else None
    if partner == "microsoft":
        return float(document["details"]["dealValue"])
    units = document["opportunityInfo"].get("opportunityAmount", {}).get("units")
    return None if units is None else float(units)


def _differences(twin: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> list[str]:
    wrong = []
    for kind, texts in twin.items():
        gone, new = Counter(texts) - Counter(now[kind]), Counter(now[kind]) - Counter(texts)
        for one, other in zip([*gone.elements()], [*new.elements()], strict=False):
            wrong.append(f"{kind} differ: {_first_difference(one, other)}")
        if len(texts) != len(now[kind]):
            wrong.append(f"{kind}: {len(now[kind])}, and {len(texts)} without the fault")
    return wrong


def _first_difference(one: str, other: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(at - 60, 0)
    return f"…{one[start : at + 60]}… became …{other[start : at + 60]}…"


def audit_faults(world: World, breaks: int, doubted: frozenset[Record]) -> list[str]:
    """Every chain verifies against its head, and every intent without outcome is explained by a crash."""
    chains: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in world.store.items(AUDIT):
        chains[item["pk"]].append(item)
    heads = {item["pk"]: head_from(item) for item in world.store.items(LEDGER) if item["sk"] == HEAD_SORT}
    wrong, open_intents = [], []
    for chain in sorted({*chains, *heads}):
        records = sorted(chains[chain], key=lambda one: one["sk"])
        wrong += [str(one) for one in check_chain(chain, records, heads.get(chain), [], now_ms=world.clock.now_ms())]
        answered = {one["intent"] for one in records if one["kind"] == "outcome"}
        open_intents += [one for one in records if one["kind"] == "intent" and one["sk"] not in answered]
    unexplained = [one for one in open_intents if (one["pk"], one["sk"]) not in doubted]
    if len(open_intents) > breaks or unexplained:
        shown = ", ".join(f"{one['run_id']} {one['operation']}" for one in open_intents)
        wrong.append(f"{len(open_intents)} intents without outcome, {breaks} crashes: {shown}")
    return wrong
