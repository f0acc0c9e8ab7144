"""The rules for the values of one record, before anything is changed (hubspot.md 0, 3.2, 3.9, 3.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.properties import Property
from sandbox.hubspot.records import Record
from sandbox.hubspot.refusals import Refusal, all_of, conflict, invalid, invalid_value
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.values import as_text, stored_form

STRICT_VERSIONS = ("2026-09",)
_NEEDS_ONE_OF = {"contacts": ("email", "firstname", "lastname"), "companies": ("name", "domain")}
_NEEDS_ALL = {"notes": ("hs_timestamp",), "tasks": ("hs_timestamp",), "deals": ("dealname", "dealstage")}
_ROWS = {"contacts": "3.2", "companies": "3.2", "deals": "3.2", "notes": "3.9", "tasks": "3.9"}


@dataclass(slots=True)
class Prepared:
    """Values ready to be written, and what was normalised on the way."""

    values: dict[str, str] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)


def prepare(state: AccountState, kind: str, given: Any, record: Record | None) -> Prepared:
    """Check all values as a writer sent them. Raises one ``Refusal`` that names every bad one."""
    if not isinstance(given, Mapping):
        raise invalid("properties must be an object of names and values", "3.2")
    prepared, refusals = Prepared(), []
    for pair in given.items():
        try:
            _take(state, kind, pair, record, prepared)
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise all_of(refusals)
    if kind == "deals":
        _place_deal(state, prepared.values, record)
    return prepared


def check_create(state: AccountState, kind: str, values: Mapping[str, str]) -> None:
    """What a new record of this kind must have."""
    one_of = _NEEDS_ONE_OF.get(kind, ())
    if one_of and not any(values.get(name) for name in one_of):
        raise invalid(f"A new record needs at least one of {', '.join(one_of)}", _ROWS[kind])
    if kind == "deals" and not state.switches.deal_needs_name_and_stage:
        return
    missing = [name for name in _NEEDS_ALL.get(kind, ()) if not values.get(name)]
    if missing:
        raise _missing(missing, "MISSING_REQUIRED_PROPERTY", _ROWS[kind])


def check_required(
    state: AccountState, kind: str, values: Mapping[str, str], record: Record | None, version: str
) -> None:
    """The admin's required rules, which only the newest API version obeys (hubspot.md 0)."""
    if version not in STRICT_VERSIONS:
        return

    def after(name: str) -> str:
        return values.get(name, record.value(name) if record else "")

    wanted = state.settings.required_on_create.get(kind, ()) if record is None else ()
    missing = [name for name in wanted if not after(name)]
    if missing:
        raise _missing(missing, "MISSING_REQUIRED_PROPERTY", "0")
    for rule in state.settings.conditional_rules:
        missing = [name for name in rule.required if not after(name)]
        if rule.object_type == kind and rule.property in values and after(rule.property) == rule.value and missing:
            raise _missing(missing, "MISSING_CONDITIONAL_REQUIRED_PROPERTY", "0")


def derived_values(state: AccountState, record: Record) -> dict[str, str]:
    """The values that the vendor calculates: won, lost and probability of a deal."""
    if record.object_type != "deals" or not record.value("dealstage"):
        return {}
    stage = state.pipelines.stage(record.value("pipeline"), record.value("dealstage"))
    closed = stage.is_closed == "true"
    probability = float(stage.probability)
    return {
        "hs_deal_stage_probability": stage.probability,
        "hs_is_closed": _flag(closed),
        "hs_is_closed_won": _flag(closed and probability == 1.0),
        "hs_is_closed_lost": _flag(closed and probability == 0.0),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _missing(names: list[str], code: str, row: str) -> Refusal:
    errors = [
        {"message": f"{name} is required", "code": code, "context": {"propertyName": [name]}, "in": name}
        for name in names
    ]
    return invalid(f"Required properties are missing: {', '.join(names)}", row, errors=errors)


def _take(state: AccountState, kind: str, pair: tuple[str, Any], record: Record | None, prepared: Prepared) -> None:
    name, raw = pair
    definition = state.properties[kind].find(name)
    if definition is None:
        raise invalid_value("PROPERTY_DOESNT_EXIST", name, f'Property "{name}" does not exist', "3.2")
    text = as_text(name, raw, state.switches)
    value = stored_form(definition, text, record.value(name) if record else "", state.switches)
    if name == "hubspot_owner_id" and value:
        _check_owner(state, value)
    if definition.unique and value:
        _check_unique(state, kind, definition, value, record)
    if definition.type in ("date", "datetime") and value != text:
        warning = {
            "code": "PROPERTY_VALUE_NORMALIZED",
            "propertyName": name,
            "rawValue": text,
            "normalizedValue": value,
        }
        prepared.warnings.append(warning)
    prepared.values[name] = value


def _check_owner(state: AccountState, value: str) -> None:
    owner = state.owners.owners.get(value)
    if owner is None or owner.archived:
        message = f"{value} is not the id of an active owner (a userId is not an owner id)"
        raise invalid_value("INVALID_OWNER_ID", "hubspot_owner_id", message, "3.9")


def _check_unique(state: AccountState, kind: str, definition: Property, value: str, record: Record | None) -> None:
    holder = state.unique[kind, definition.name].get(value)
    if holder is None or (record is not None and holder == record.id):
        return
    if kind == "contacts" and definition.name == "email":
        raise conflict(f"Contact already exists. Existing ID: {holder}", "3.2")
    message = f'{kind} {holder} already has that value for the unique property "{definition.name}"'
    if not state.switches.unique_clash_has_code:
        raise invalid(message, "3.4")
    raise invalid_value("CONFLICTING_UNIQUE_VALUE", definition.name, f"CONFLICTING_UNIQUE_VALUE: {message}", "3.4")


def _place_deal(state: AccountState, values: dict[str, str], record: Record | None) -> None:
    if record is not None and "pipeline" not in values and "dealstage" not in values:
        return
    current = record.value("pipeline") if record else None
    wanted = values.get("dealstage")
    if wanted is None and record is not None:
        wanted = record.value("dealstage")
    if not wanted and record is None:
        if state.switches.deal_needs_name_and_stage:
            return  # refused by check_create
        home = state.pipelines.pipelines.get(values.get("pipeline") or "default")
        wanted = next(iter(home.stages)) if home else ""
    home_id, stage = state.pipelines.place(values.get("pipeline"), wanted or "", current)
    values.update({"pipeline": home_id, "dealstage": stage.id})
