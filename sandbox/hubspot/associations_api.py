"""Handlers for associations, in the shapes of v3, v4 and the dated versions (hubspot.md 3.1, 3.8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.hubspot import associations
from sandbox.hubspot.association_table import USER_DEFINED, Ref, Spec
from sandbox.hubspot.batch_api import answer, inputs, key_of
from sandbox.hubspot.call import Answer, Call
from sandbox.hubspot.facts import LIMITS, OBJECT_TYPES
from sandbox.hubspot.reading import targets_of
from sandbox.hubspot.refusals import NoSuchPath, NoSuchRecord, Refusal, invalid


def associate_default(call: Call) -> Answer:
    """PUT …/associations/default/…: the unlabelled type, both directions."""
    source, target = _ends(call)
    associations.associate(call.state, source, target, call.actor)
    return answer(call, 200, _default_rows(call, source, target), [])


def associate(call: Call) -> Answer:
    """PUT …/associations/…: chosen types, which replace the labels of the pair."""
    source, target = _ends(call)
    specs = associations.parse_specs(call.body())
    associations.associate(call.state, source, target, call.actor, specs)
    return Answer(201, _labels_row(call, source, target, specs))


def dissociate(call: Call) -> Answer:
    """DELETE …/associations/…: everything between the two."""
    source, target = _ends(call)
    associations.dissociate(call.state, source, target, call.actor)
    return Answer(204)


def list_targets(call: Call) -> Answer:
    """GET …/{id}/associations/{type}; in 2026-09 only by switch."""
    if call.version.startswith("2026") and not call.state.switches.association_list_in_2026_09:
        raise NoSuchPath("GET …/associations/{type} in a dated version")
    record = call.state.records[call.kind].get(call.path["record_id"])
    if record is None:
        raise NoSuchRecord(f"Object of type {call.kind} with id {call.path['record_id']}")
    rows = [_target_row(call, key, specs) for key, specs in targets_of(call.state, record, call.target).items()]
    return Answer(200, {"results": rows})


def batch_read(call: Call) -> Answer:
    """POST /associations/{from}/{to}/batch/read: rows only for inputs that exist; merged ids come back empty."""
    rows, errors = [], []
    for given in inputs(call.document(), LIMITS["association_batch_read"]):
        key = key_of(given)
        record = call.state.records[call.kind].get(key)
        found = targets_of(call.state, record, call.target) if record is not None else {}
        if found:
            rows.append({"from": {"id": key}, "to": [_batch_target(call, to, specs) for to, specs in found.items()]})
        elif record is None:
            errors.append(NoSuchRecord(f"Object of type {call.kind} with id {key}").batch_row(id=key))
    return answer(call, 200, rows, errors)


def batch_create(call: Call) -> Answer:
    """POST …/batch/create ``{inputs: [{from, to, types}]}`` (v3: ``type`` is one name)."""

    def one(given: Mapping[str, Any], source: Ref, target: Ref) -> list[dict[str, Any]]:
        types = given.get("types")
        specs = None if types is None and "type" in given else associations.parse_specs(types)
        associations.associate(call.state, source, target, call.actor, specs)
        return [_labels_row(call, source, target, specs or [])]

    return answer(call, 201, *_pairs(call, one))


def batch_associate_default(call: Call) -> Answer:
    """POST …/batch/associate/default ``{inputs: [{from, to}]}``."""

    def one(_: Mapping[str, Any], source: Ref, target: Ref) -> list[dict[str, Any]]:
        associations.associate(call.state, source, target, call.actor)
        return _default_rows(call, source, target)

    return answer(call, 200, *_pairs(call, one))


def batch_archive(call: Call) -> Answer:
    """POST …/batch/archive ``{inputs: [{from, to: [..]}]}``."""
    for given in inputs(call.document(), LIMITS["association_batch_create"]):
        targets = given.get("to")
        for to in targets if isinstance(targets, list) else [targets]:
            ends = (call.kind, key_of(_part(given, "from"))), (call.target, key_of(to or {}))
            associations.dissociate(call.state, *ends, call.actor)
    return Answer(204)


def batch_labels_archive(call: Call) -> Answer:
    """POST …/batch/labels/archive ``{inputs: [{from, to, types}]}``: only those types."""
    for given in inputs(call.document(), LIMITS["association_batch_create"]):
        source, target = _row_ends(call, given)
        associations.dissociate(call.state, source, target, call.actor, associations.parse_specs(given.get("types")))
    return Answer(204)


def labels(call: Call) -> Answer:
    """GET …/labels: the types that a direction allows."""
    known = call.state.associations.known(call.kind, call.target)
    return Answer(200, {"results": [_spec_json(spec, label) for spec, label in known.items()]})


def create_label(call: Call) -> Answer:
    """POST …/labels ``{name, label, inverseLabel?}``."""
    made = associations.create_label(call.state, call.kind, call.target, call.document())
    return Answer(200, {"results": [{"category": USER_DEFINED, "typeId": one.type_id} for one in made]})


def _ends(call: Call) -> tuple[Ref, Ref]:
    return (call.kind, call.path["record_id"]), (call.target, call.path["target_id"])


def _row_ends(call: Call, given: Mapping[str, Any]) -> tuple[Ref, Ref]:
    return (call.kind, key_of(_part(given, "from"))), (call.target, key_of(_part(given, "to")))


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = given.get(name)
    if not isinstance(part, Mapping):
        raise invalid(f"Each input needs {name}.id", "3.8")
    return part


def _pairs(
    call: Call, one: Callable[[Mapping[str, Any], Ref, Ref], list[dict[str, Any]]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for given in inputs(call.document(), LIMITS["association_batch_create"]):
        source, target = _row_ends(call, given)
        try:
            rows.extend(one(given, source, target))
        except Refusal as refusal:
            errors.append(refusal.batch_row(fromObjectId=source[1], toObjectId=target[1]))
    return rows, errors


def _default_rows(call: Call, source: Ref, target: Ref) -> list[dict[str, Any]]:
    rows = []
    for here, there in ((source, target), (target, source)):
        for category, type_id in sorted(call.state.associations.between(here, there)):
            spec = {"associationCategory": category, "associationTypeId": type_id}
            rows.append({"from": {"id": here[1]}, "to": {"id": there[1]}, "associationSpec": spec})
    return rows


def _labels_row(call: Call, source: Ref, target: Ref, specs: list[Spec]) -> dict[str, Any]:
    known = call.state.associations.known(source[0], target[0])
    return {
        "fromObjectTypeId": OBJECT_TYPES[source[0]].type_id,
        "fromObjectId": source[1],
        "toObjectTypeId": OBJECT_TYPES[target[0]].type_id,
        "toObjectId": target[1],
        "labels": [label for spec in specs if (label := known.get(spec))],
    }


def _batch_target(call: Call, key: str, specs: set[Spec]) -> dict[str, Any]:
    if call.version == "v3":
        return {"id": key, "type": associations.singular_pair(call.kind, call.target)}
    return _target_row(call, key, specs)


def _target_row(call: Call, key: str, specs: set[Spec]) -> dict[str, Any]:
    known = call.state.associations.known(call.kind, call.target)
    return {"toObjectId": key, "associationTypes": [_spec_json(spec, known.get(spec)) for spec in sorted(specs)]}


def _spec_json(spec: Spec, label: str | None) -> dict[str, Any]:
    return {"category": spec[0], "typeId": spec[1], "label": label}
