"""Tie and untie records: checks, primary companies, and the notices that follow (hubspot.md 1.3, 3.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.hubspot.actors import Actor
from sandbox.hubspot.association_table import HUBSPOT_DEFINED, MAX_LABELS, USER_DEFINED, Label, Ref, Spec, default_spec
from sandbox.hubspot.changes import Change
from sandbox.hubspot.facts import object_type, primary_type_id
from sandbox.hubspot.refusals import Refusal, conflict, invalid
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.writes import touch


def associate(
    state: AccountState, source: Ref, target: Ref, actor: Actor, specs: Iterable[Spec] | None = None
) -> set[Spec]:
    """Tie two records, by the unlabelled type or by ``specs`` (which replace the labels of the pair).

    Returns the types of the direction source to target. Refuses unknown records, and types of another direction.
    """
    source, target = _present(state, source), _present(state, target)
    before = state.associations.between(source, target)
    if specs is None:
        wanted = before | {_default(state, source, target)} | _automatic_primary(state, source, target)
    else:
        wanted = {check_spec(state, source[0], target[0], spec) for spec in specs} | {_default(state, source, target)}
    _demote_others(state, source, target, wanted)
    _set(state, source, target, wanted, actor)
    return wanted


def dissociate(
    state: AccountState, source: Ref, target: Ref, actor: Actor, specs: Iterable[Spec] | None = None
) -> None:
    """Untie two records, or take only ``specs`` off; taking the unlabelled type off removes everything."""
    before = state.associations.between(source, target)
    wanted = set() if specs is None else before - set(specs)
    if _default(state, source, target) not in wanted:
        wanted = set()
    _set(state, source, target, wanted, actor)


def check_spec(state: AccountState, source: str, target: str, spec: Spec) -> Spec:
    """The type itself, if that direction allows it."""
    known = state.associations.known(source, target)
    if spec not in known:
        wanted = ", ".join(f"{category} {type_id}" for category, type_id in known)
        message = f"{spec[0]} {spec[1]} is no association type from {source} to {target}; allowed: {wanted}"
        raise invalid(message, "3.8", errors=[{"message": message, "code": "INVALID_ASSOCIATION_TYPE"}])
    return spec


def parse_specs(given: Any) -> list[Spec]:
    """``[{associationCategory, associationTypeId}]`` as specs. Refuses anything else."""
    if not isinstance(given, list) or not given:
        raise invalid("A list of {associationCategory, associationTypeId} is needed", "3.8")
    specs = []
    for one in given:
        category = one.get("associationCategory") if isinstance(one, Mapping) else None
        type_id = one.get("associationTypeId") if isinstance(one, Mapping) else None
        if category not in (HUBSPOT_DEFINED, USER_DEFINED, "INTEGRATOR_DEFINED") or not isinstance(type_id, int):
            raise invalid("Each type needs associationCategory and a number associationTypeId", "3.8")
        specs.append((category, type_id))
    return specs


def parse_inline(state: AccountState, kind: str, given: Any) -> list[tuple[Ref, list[Spec]]]:
    """The ``associations`` of a create call, checked before anything is created: targets and their types."""
    if given in (None, []):
        return []
    if not isinstance(given, list):
        raise invalid("associations must be a list", "3.9")
    parsed = []
    for one in given:
        if not isinstance(one, Mapping) or not isinstance(one.get("to"), Mapping) or not one["to"].get("id"):
            raise invalid("An association needs to.id and types", "3.9")
        specs = parse_specs(one.get("types"))
        target = _target_type(state, kind, specs)
        key = str(one["to"]["id"])
        state.find(target, key)
        parsed.append(((target, key), specs))
    return parsed


def create_label(state: AccountState, source: str, target: str, body: Mapping[str, Any]) -> list[Label]:
    """Create a custom label; at most ten per object pair."""
    name, label = body.get("name"), body.get("label")
    if not name or not label:
        raise invalid("A label needs name and label", "3.8")
    mine = [one for one in state.associations.labels.values() if (one.source, one.target) == (source, target)]
    if any(one.name == name for one in mine):
        raise conflict(f"There is already a label {name!r}", "3.8")
    if len(mine) >= MAX_LABELS:
        raise invalid(f"At most {MAX_LABELS} labels per object pair", "3.8")
    return state.associations.add_label(source, target, name, label, str(body.get("inverseLabel") or label))


def _present(state: AccountState, ref: Ref) -> Ref:
    follow = state.switches.merged_id_resolves_beyond_get
    return ref[0], state.find(*ref, follow_merge=follow).id


def _default(state: AccountState, source: Ref, target: Ref) -> Spec:
    if not state.associations.known(source[0], target[0]):
        raise invalid(f"{source[0]} cannot be associated with {target[0]}", "3.8")
    return default_spec(source[0], target[0])


def _target_type(state: AccountState, kind: str, specs: list[Spec]) -> str:
    for target in state.records:
        if all(spec in state.associations.known(kind, target) for spec in specs):
            return target
    text = ", ".join(f"{category} {type_id}" for category, type_id in specs)
    message = f"{text}: no association type that starts at {kind} (the direction matters)"
    raise invalid(message, "3.8", errors=[{"message": message, "code": "INVALID_ASSOCIATION_TYPE"}])


def _automatic_primary(state: AccountState, source: Ref, target: Ref) -> set[Spec]:
    owner, company = (target, source) if source[0] == "companies" else (source, target)
    if company[0] != "companies" or not state.switches.first_company_is_primary:
        return set()
    primary = primary_type_id(source[0], target[0])
    if primary is None or state.associations.targets(owner, "companies"):
        return set()
    return {(HUBSPOT_DEFINED, primary)}


def _demote_others(state: AccountState, source: Ref, target: Ref, wanted: set[Spec]) -> None:
    primary = primary_type_id(source[0], target[0])
    if primary is None or (HUBSPOT_DEFINED, primary) not in wanted:
        return
    owner, company = (target, source) if source[0] == "companies" else (source, target)
    spec = (HUBSPOT_DEFINED, primary_type_id(owner[0], "companies"))
    for key, specs in state.associations.targets(owner, "companies").items():
        if key != company[1] and spec in specs:
            state.associations.put(owner, ("companies", key), specs - {spec})


def _set(state: AccountState, source: Ref, target: Ref, wanted: set[Spec], actor: Actor) -> None:
    before = state.associations.between(source, target)
    if before == wanted:
        return
    state.associations.put(source, target, wanted)
    if state.switches.association_moves_updated_at:
        for kind, key in (source, target):
            record = state.records[kind].get(key)
            if record is not None and record.archived_at is None:
                touch(state, record)
    primary = (HUBSPOT_DEFINED, primary_type_id(source[0], target[0]))
    if bool(before) != bool(wanted):
        _tell(state, source, target, actor, removed=not wanted, primary=False)
    if (primary in before) != (primary in wanted):
        _tell(state, source, target, actor, removed=primary in before, primary=True)


def _tell(state: AccountState, source: Ref, target: Ref, actor: Actor, *, removed: bool, primary: bool) -> None:
    for here, there in ((source, target), (target, source)):
        state.tell(
            Change(
                "associationChange",
                here[0],
                here[1],
                state.now(),
                actor,
                to_type=there[0],
                to_id=there[1],
                removed=removed,
                primary=primary,
            )
        )


def singular_pair(source: str, target: str) -> str:
    """``deal_to_company`` for two plural names."""
    return f"{object_type(source).singular}_to_{object_type(target).singular}"


def refuse_unknown_target(word: str) -> str:
    """The plural name of an associated object type, from any of its names. Raises ``Refusal``."""
    try:
        return object_type(word).name
    except Refusal as refusal:
        raise invalid(f"associations={word} is no object type", "3.1") from refusal
