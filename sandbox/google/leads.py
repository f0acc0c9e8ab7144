"""CRM Partners v1 leads: create and get; there is no list, patch or delete (fact sheet 2)."""

from __future__ import annotations

import copy

from sandbox.google.call import Call
from sandbox.google.errors import denied, invalid, not_found
from sandbox.google.masks import written
from sandbox.google.schema import Document, without_defaults
from sandbox.google.state import CrmRecord
from sandbox.google.times import day, to_text

MESSAGE = "Lead"


def create(call: Call) -> Document:
    """``POST /v1/partners/{id}/leads``. Twice the same body makes two leads."""
    require_crm_partner(call)
    schema = call.world.crm
    body = schema.parse(MESSAGE, call.body)
    if "name" in body:
        raise invalid([("name", "is given by the vendor")])
    document = written(body, _protected(call), call.switches.output_only)
    missing = [name for name in schema.names(MESSAGE, "required") if document.get(name) in (None, "", [], {})]
    if missing:
        raise invalid((name, "is required") for name in missing)
    if len(document["productInterests"]) > 1:
        raise invalid([("productInterests", "takes one value at present")])
    document["leadStatus"] = schema.first("LeadState")
    document["leadApprovalStatus"] = schema.ending("ApprovalState", "PENDING")
    name = f"{call.world.crm_partner}/leads/{call.world.state.new_id()}"
    lead = CrmRecord(name, document, call.now_ms)
    call.world.state.leads[name] = lead
    return render(call, lead)


def read(call: Call) -> Document:
    """``GET /v1/partners/{id}/leads/{id}``."""
    require_crm_partner(call)
    lead = call.world.state.leads.get(f"{call.world.crm_partner}/leads/{call.path['id']}")
    if lead is None:
        raise not_found("the lead")
    return render(call, lead)


def render(call: Call, lead: CrmRecord) -> Document:
    """The lead as the API shows it. It never names the opportunity that it became."""
    document = {
        **copy.deepcopy(lead.document),
        "submittedTime": to_text(lead.created_ms, call.switches.time_digits),
    }
    document.setdefault("createDate", day(lead.created_ms))
    return {**present(call, MESSAGE, document), "name": lead.name}


def present(call: Call, message: str, document: Document) -> Document:
    """With or without the fields that hold a default."""
    if call.switches.defaults_left_out:
        return without_defaults(document)
    return call.world.crm.filled(message, document)


def require_crm_partner(call: Call) -> None:
    """PERMISSION_DENIED unless the address names the caller's partner."""
    if f"partners/{call.path['partner']}" != call.world.crm_partner:
        raise denied("the caller has no access to this partner", "PARTNER_ACCESS_DENIED")


def _protected(call: Call) -> tuple[str, ...]:
    names = call.world.crm.names(MESSAGE, "output")
    if call.switches.lead_review_fields_output_only:
        names += call.world.crm.names(MESSAGE, "review")
    return names if call.switches.lead_external_id_writable else (*names, "externalSystemId")
