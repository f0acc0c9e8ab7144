"""Handlers for single records, lists, search and merge (hubspot.md 3.1)."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import associations, merging, writes
from sandbox.hubspot.call import Answer, Call
from sandbox.hubspot.facts import LIMITS, OBJECT_TYPES
from sandbox.hubspot.reading import Wanted, after_write, as_json
from sandbox.hubspot.refusals import invalid
from sandbox.hubspot.search import search as find
from sandbox.hubspot.times import iso
from sandbox.hubspot.writes import Written


def read(call: Call) -> Answer:
    """GET one record; an old id of a merge resolves to the new record."""
    record = call.state.find(
        call.kind, call.path["record_id"], call.query.get("idProperty"), archived=call.flag("archived")
    )
    return Answer(200, as_json(call.state, record, call.wanted()))


def list_page(call: Call) -> Answer:
    """GET a page of records in id order."""
    limit, after = call.limit(10, LIMITS["list_page"]), call.query.get("after", "0")
    if not after.isdecimal():
        raise invalid("after must be the value of the last page's paging.next.after", "3.1")
    found = [r for r in call.state.live(call.kind, call.flag("archived")) if int(r.id) > int(after)]
    document: dict[str, Any] = {"results": [as_json(call.state, r, call.wanted()) for r in found[:limit]]}
    if len(found) > limit:
        document["paging"] = {"next": {"after": found[limit - 1].id}}
    return Answer(200, document)


def create(call: Call) -> Answer:
    """POST a record, with inline associations."""
    document = call.document()
    tied = associations.parse_inline(call.state, call.kind, document.get("associations"))
    written = writes.create(call.state, call.kind, document.get("properties"), call.actor, call.version)
    for target, specs in tied:
        associations.associate(call.state, (call.kind, written.record.id), target, call.actor, specs)
    return Answer(201, written_json(call, written, document))


def update(call: Call) -> Answer:
    """PATCH a record, by id or by a unique property."""
    document = call.document()
    follow = call.state.switches.merged_id_resolves_beyond_get
    record = call.state.find(call.kind, call.path["record_id"], call.query.get("idProperty"), follow_merge=follow)
    written = writes.update(call.state, record, document.get("properties"), call.actor, call.version)
    return Answer(200, written_json(call, written, document))


def archive(call: Call) -> Answer:
    """DELETE: into the recycle bin."""
    writes.archive(call.state, call.kind, call.path["record_id"], call.actor)
    return Answer(204)


def merge(call: Call) -> Answer:
    """POST …/merge ``{primaryObjectId, objectIdToMerge}``."""
    document = call.document()
    primary, other = document.get("primaryObjectId"), document.get("objectIdToMerge")
    if not isinstance(primary, str) or not isinstance(other, str):
        raise invalid("primaryObjectId and objectIdToMerge are needed, as text", "3.6")
    return Answer(200, as_json(call.state, merging.merge(call.state, call.kind, primary, other, call.actor)))


def gdpr_delete(call: Call) -> Answer:
    """POST …/gdpr-delete ``{objectId, idProperty?}``: for contacts."""
    document = call.document()
    record = call.state.find(call.kind, str(document.get("objectId", "")), document.get("idProperty"))
    writes.privacy_delete(call.state, record, call.actor)
    return Answer(204)


def search(call: Call) -> Answer:
    """POST …/search over the index."""
    if len(call.raw.decode("utf-8", "replace")) > LIMITS["search_body_chars"]:
        raise invalid(f"A search body has at most {LIMITS['search_body_chars']} characters", "3.3")
    document = call.document()
    total, page, after = find(call.state, call.kind, document)
    names = tuple(document.get("properties") or OBJECT_TYPES[call.kind].shown)
    answer: dict[str, Any] = {"total": total, "results": []}
    for snapshot in page:
        shown = as_json(call.state, call.state.records[call.kind][snapshot.record_id], Wanted(properties=names))
        shown["properties"] = {name: snapshot.values.get(name) for name in shown["properties"]}
        shown["updatedAt"] = snapshot.values[OBJECT_TYPES[call.kind].modified]
        answer["results"].append(shown)
    if after is not None:
        answer["paging"] = {"next": {"after": after}}
    return Answer(200, answer)


def written_json(call: Call, written: Written, given: Any) -> dict[str, Any]:
    """The answer to a write, with 2026-09's warnings and the caller's own trace id."""
    document = after_write(call.state, written.record, tuple(given.get("properties") or ()))
    if written.warnings and call.version == "2026-09":
        document["warnings"] = written.warnings
    if given.get("objectWriteTraceId"):
        document["objectWriteTraceId"] = given["objectWriteTraceId"]
    document["createdAt"] = iso(written.record.created_at)
    return document
