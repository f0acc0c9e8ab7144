"""Cloud Channel v1alpha1 opportunities: create, get, patch (fact sheet 3)."""

from __future__ import annotations

import copy

from sandbox.google.call import Call
from sandbox.google.errors import denied, invalid, not_found
from sandbox.google.lifecycle import check_edit, check_new
from sandbox.google.masks import apply, masked, parse_mask, written
from sandbox.google.schema import Document, get, without_defaults
from sandbox.google.state import Opportunity
from sandbox.google.times import day, to_text

MESSAGE = "Opportunity"
LIMITED_VIEW = ("state", "stage", "source", "customerDisplayName")
PARTNER_SOURCE, GOOGLE_SOURCE = "PARTNER", "GOOGLE"


def create(call: Call) -> Document:
    """``POST /v1alpha1/opportunities``. Twice the same body makes two opportunities: there is no request id."""
    body = call.world.channel.parse(MESSAGE, call.body)
    if "name" in body:
        raise invalid([("name", "is given by the vendor")])
    document = written(body, protected(call), call.switches.output_only)
    _check_named_partner(call, document)
    check_new(call, document, call.world.channel.first("Stage"))
    document["source"] = call.world.channel.ending("Source", PARTNER_SOURCE)
    document["creatorEmail"] = call.email
    return render(call, add(call, document))


def read(call: Call) -> Document:
    """``GET /v1alpha1/opportunities/{id}?partner=``."""
    call.require_partner()
    return render(call, find(call))


def patch(call: Call) -> Document:
    """``PATCH /v1alpha1/opportunities/{id}?updateMask=&partner=``."""
    call.require_partner()
    schema = call.world.channel
    paths = parse_mask(call.query.get("updateMask"), schema, MESSAGE)
    body = schema.parse(MESSAGE, call.body)
    record = find(call)
    if body.pop("name", record.name) != record.name:
        raise invalid([("name", "must be the name in the address")])
    if "name" in paths:
        raise invalid([("updateMask", "name cannot be changed")])
    how = call.switches.output_only
    paths = masked(paths, protected(call), how)
    body = written(body, protected(call), how)
    after = copy.deepcopy(record.document)
    apply(after, body, paths)
    check_edit(call, record, after, paths)
    after.setdefault("state", "DRAFT")
    if after["state"] == "SUBMITTED":
        after.pop("stateDescription", None)
    save(call, record, after)
    return render(call, record)


def find(call: Call) -> Opportunity:
    """The opportunity of the address; NOT_FOUND, or PERMISSION_DENIED once the partner is detached."""
    name = f"opportunities/{call.path['id']}"
    record = call.world.state.opportunities.get(name)
    if record is None:
        raise not_found("the opportunity")
    if record.detached:
        raise denied("the partner is not attached to this opportunity", "PARTNER_DETACHED")
    return record


def add(call: Call, document: Document, identifier: str | None = None) -> Opportunity:
    """Keep a new opportunity, in its first state and stage unless it says otherwise."""
    state = call.world.state
    name = f"opportunities/{identifier or state.new_id()}"
    document.setdefault("state", "DRAFT")
    document.setdefault("stage", call.world.channel.first("Stage"))
    record = Opportunity(name, document, call.now_ms, call.now_ms)
    state.opportunities[name] = record
    return record


def save(call: Call, record: Opportunity, after: Document) -> None:
    """Keep the changed document and move updateTime, always to a later time."""
    if after == record.document and not call.switches.same_value_moves_update_time:
        return
    record.document = after
    record.updated_ms = max(call.now_ms, record.updated_ms + 1)


def render(call: Call, record: Opportunity) -> Document:
    """The opportunity as this partner sees it."""
    digits = call.switches.time_digits
    document = {
        **copy.deepcopy(record.document),
        "customerDisplayName": get(record.document, "customerInfo.customerDetails.organizationName") or "",
        "creationDate": day(record.created_ms),
    }
    if call.world.settings.limited_view:
        document = {name: document[name] for name in LIMITED_VIEW if name in document}
    elif not call.switches.defaults_left_out:
        document = call.world.channel.filled(MESSAGE, document)
    if call.switches.defaults_left_out:
        document = without_defaults(document)
    document["name"] = record.name
    document["createTime"] = to_text(record.created_ms, digits)
    document["updateTime"] = to_text(record.updated_ms, digits)
    return document


def protected(call: Call) -> tuple[str, ...]:
    """Fields that a partner does not write."""
    names = call.world.channel.names(MESSAGE, "output")
    return names if call.switches.reference_id_writable else (*names, "referenceOpportunityId")


def _check_named_partner(call: Call, document: Document) -> None:
    """How create names the partner is not confirmed: in the body, or as on the other methods."""
    if call.switches.create_partner == "query":
        call.require_partner()
        return
    if "partner" in call.query:
        raise invalid([("partner", "is no parameter of this method")])
    entity = get(document, "opportunityInfo.partnerEntity")
    if not entity:
        raise call.refuse(("opportunityInfo.partnerEntity", "is required"))
    call.allow_partner(entity)
