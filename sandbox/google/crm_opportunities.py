"""CRM Partners v1 opportunities: get and patch; there is no create and no list (fact sheet 2)."""

from __future__ import annotations

import copy

from sandbox.google.call import Call
from sandbox.google.errors import invalid, not_found
from sandbox.google.leads import present, require_crm_partner
from sandbox.google.masks import apply, masked, parse_mask, written
from sandbox.google.schema import Document
from sandbox.google.state import CrmRecord
from sandbox.google.times import day

MESSAGE = "Opportunity"


def read(call: Call) -> Document:
    """``GET /v1/partners/{id}/opportunities/{id}``."""
    return render(call, _find(call))


def patch(call: Call) -> Document:
    """``PATCH /v1/partners/{id}/opportunities/{id}?updateMask=``. No version is checked: the last writer wins."""
    record = _find(call)
    body = call.world.crm.parse(MESSAGE, call.body)
    if body.pop("name", record.name) != record.name:
        raise invalid([("name", "must be the name in the address")])
    outputs, how = call.world.crm.names(MESSAGE, "output"), call.switches.output_only
    body = written(body, outputs, how)
    paths = masked(_mask(call), outputs, how)
    if "name" in paths:
        raise invalid([("updateMask", "name cannot be changed")])
    apply(record.document, body, paths)
    return render(call, record)


def render(call: Call, record: CrmRecord) -> Document:
    """The opportunity as the API shows it. There is no updateTime."""
    document = copy.deepcopy(record.document)
    document["createDate"] = document["submitDate"] = day(record.created_ms)
    return {**present(call, MESSAGE, document), "name": record.name}


def _mask(call: Call) -> tuple[str, ...]:
    """The masked paths; without a mask it is not confirmed what is overwritten."""
    if not call.query.get("updateMask") and call.switches.crm_patch_without_mask == "overwrites":
        return call.world.crm.names(MESSAGE, "")
    return parse_mask(call.query.get("updateMask"), call.world.crm, MESSAGE)


def _find(call: Call) -> CrmRecord:
    require_crm_partner(call)
    name = f"{call.world.crm_partner}/opportunities/{call.path['id']}"
    record = call.world.state.crm_opportunities.get(name)
    if record is None:
        raise not_found("the opportunity")
    return record
