"""Handlers for batches of records: rows out of order, rows that fail alone (hubspot.md 3.3, 3.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.hubspot import associations, writes
from sandbox.hubspot.call import Answer, Call
from sandbox.hubspot.facts import LIMITS
from sandbox.hubspot.objects_api import written_json
from sandbox.hubspot.reading import Wanted, as_json
from sandbox.hubspot.record_rules import check_create, check_required, prepare
from sandbox.hubspot.refusals import Refusal, invalid
from sandbox.hubspot.times import iso

Row = Mapping[str, Any]


def read(call: Call) -> Answer:
    """POST …/batch/read ``{inputs: [{id}], properties, propertiesWithHistory, idProperty}``; missing ids are errors."""
    document = call.document()
    if document.get("associations"):
        raise invalid("A batch read cannot return associations", "3.3")
    rows = inputs(document, LIMITS["batch_inputs"])
    for row in rows:  # an input without an id spoils the whole call
        key_of(row)
    history = tuple(document.get("propertiesWithHistory") or ())
    most = call.state.switches.batch_read_with_history
    if history and len(rows) > most:
        raise invalid(f"A batch read with history takes at most {most} inputs", "3.5")
    wanted = Wanted(tuple(document.get("properties") or ()), history)
    follow = call.state.switches.merged_id_resolves_beyond_get

    def one(row: Row) -> dict[str, Any]:
        record = call.state.find(
            call.kind, key_of(row), document.get("idProperty"), archived=call.flag("archived"), follow_merge=follow
        )
        return as_json(call.state, record, wanted)

    return answer(call, 200, *_rows(call, rows, one, lambda row: None))


def create(call: Call) -> Answer:
    """POST …/batch/create ``{inputs: [{properties, associations?, objectWriteTraceId?}]}``."""

    def check(row: Row) -> None:
        prepared = prepare(call.state, call.kind, row.get("properties"), None)
        check_create(call.state, call.kind, prepared.values)
        check_required(call.state, call.kind, prepared.values, None, call.version)

    def one(row: Row) -> dict[str, Any]:
        tied = associations.parse_inline(call.state, call.kind, row.get("associations"))
        written = writes.create(call.state, call.kind, row.get("properties"), call.actor, call.version)
        for target, specs in tied:
            associations.associate(call.state, (call.kind, written.record.id), target, call.actor, specs)
        return written_json(call, written, row)

    return answer(call, 201, *_rows(call, inputs(call.document(), LIMITS["batch_inputs"]), one, check))


def update(call: Call) -> Answer:
    """POST …/batch/update ``{inputs: [{id, idProperty?, properties}]}``; old ids of a merge are refused."""
    rows = inputs(call.document(), LIMITS["batch_inputs"])
    _refuse_twins(rows)

    def check(row: Row) -> None:
        record = call.state.find(call.kind, key_of(row), row.get("idProperty"), follow_merge=False)
        prepared = prepare(call.state, call.kind, row.get("properties"), record)
        check_required(call.state, call.kind, prepared.values, record, call.version)

    def one(row: Row) -> dict[str, Any]:
        record = call.state.find(call.kind, key_of(row), row.get("idProperty"), follow_merge=False)
        return written_json(
            call, writes.update(call.state, record, row.get("properties"), call.actor, call.version), row
        )

    return answer(call, 200, *_rows(call, rows, one, check))


def upsert(call: Call) -> Answer:
    """POST …/batch/upsert ``{inputs: [{idProperty, id, properties}]}``; rows tell ``new``."""
    rows = inputs(call.document(), LIMITS["batch_inputs"])
    if any(not row.get("idProperty") for row in rows):
        raise invalid("Each input of an upsert needs idProperty", "3.4")
    _refuse_twins(rows)
    by_email = call.kind == "contacts" and any(row["idProperty"] == "email" for row in rows)

    def check(row: Row) -> None:
        existing = call.state.id_by_unique(call.kind, row["idProperty"], key_of(row))
        record = None if existing is None else call.state.records[call.kind][existing]
        prepared = prepare(call.state, call.kind, row.get("properties"), record)
        if record is None:
            check_create(call.state, call.kind, {**prepared.values, row["idProperty"]: key_of(row)})

    def one(row: Row) -> dict[str, Any]:
        key = (call.kind, row["idProperty"], key_of(row))
        written = writes.upsert(call.state, key, row.get("properties"), call.actor, call.version)
        return {**written_json(call, written, row), "new": written.new}

    atomic = by_email and call.state.switches.contact_email_upsert_is_atomic
    for row in rows:  # a property that cannot be an idProperty spoils the whole call
        call.state.id_by_unique(call.kind, row["idProperty"], key_of(row))
    return answer(call, 200, *_rows(call, rows, one, check, atomic=atomic))


def archive(call: Call) -> Answer:
    """POST …/batch/archive ``{inputs: [{id}]}`` → 204; unknown ids are passed over."""
    for row in inputs(call.document(), LIMITS["batch_inputs"]):
        if key_of(row) in call.state.records[call.kind]:
            writes.archive(call.state, call.kind, key_of(row), call.actor)
    return Answer(204)


def inputs(document: Mapping[str, Any], most: int) -> list[Row]:
    """The ``inputs`` of a batch. Refuses more than ``most`` and anything but a list of objects."""
    rows = document.get("inputs")
    if not isinstance(rows, list) or any(not isinstance(row, Mapping) for row in rows):
        raise invalid("inputs must be a list of objects", "3.3")
    if len(rows) > most:
        raise invalid(f"At most {most} inputs in a batch; {len(rows)} given", "3.3")
    return rows


def key_of(row: Row) -> str:
    """The ``id`` of an input, as text. Refuses an input without one."""
    key = row.get("id")
    if not isinstance(key, str) or not key:
        raise invalid("Each input needs an id, as text", "3.2")
    return key


def answer(call: Call, status: int, results: Sequence[Any], errors: Sequence[Mapping[str, Any]]) -> Answer:
    """A batch answer: shuffled rows, and 207 with ``numErrors`` where some failed."""
    shuffled = list(results)
    call.state.random.shuffle(shuffled)
    now = iso(call.state.now())
    document: dict[str, Any] = {"status": "COMPLETE", "results": shuffled, "startedAt": now, "completedAt": now}
    if errors:
        document |= {"numErrors": len(errors), "errors": list(errors)}
        if call.version != "2026-09" or call.state.switches.partial_batch_is_207_in_2026_09:
            status = 207
    return Answer(status, document)


def _rows(
    call: Call, rows: Sequence[Row], one: Callable[[Row], Any], check: Callable[[Row], None], *, atomic: bool = False
) -> tuple[list[Any], list[dict[str, Any]]]:
    if atomic or not call.state.switches.batch_rows_fail_alone:
        for row in rows:
            _whole(check, row)
    results, errors = [], []
    for row in rows:
        try:
            results.append(one(row))
        except Refusal as refusal:
            trace = row.get("objectWriteTraceId")
            errors.append(refusal.batch_row(**({"objectWriteTraceId": str(trace)} if trace else {})))
    return results, errors


def _whole(check: Callable[[Row], None], row: Row) -> None:
    """In a batch that fails as a whole only what is wrong with the values does so; a missing record stays a row."""
    try:
        check(row)
    except Refusal as refusal:
        if refusal.status != 404:
            raise


def _refuse_twins(rows: Sequence[Row]) -> None:
    keys = [(row.get("idProperty"), key_of(row)) for row in rows]
    if len(set(keys)) != len(keys):
        raise invalid("Duplicate ids found in batch input", "3.4")
