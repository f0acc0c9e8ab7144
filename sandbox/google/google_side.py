"""What Google's own people do: review, edit, make opportunities, decide on leads."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.google.call import Call
from sandbox.google.enums import CLOSED
from sandbox.google.opportunities import GOOGLE_SOURCE, MESSAGE, PARTNER_SOURCE, add, save
from sandbox.google.schema import Document, get, put
from sandbox.google.state import CrmRecord, Opportunity

_OWN_FIELDS = ("name", "createTime", "updateTime", "creationDate", "customerDisplayName")


def review(call: Call, record: Opportunity, *, accept: bool, reason: str) -> None:
    """Decide on a submitted opportunity. ``ValueError`` in another state, or for a rejection without a reason."""
    if record.state != "SUBMITTED":
        raise ValueError(f"only a SUBMITTED opportunity is reviewed; this one is {record.state}")
    if not accept and not reason:
        raise ValueError("a rejection needs a reason")
    after = copy.deepcopy(record.document)
    after["state"] = "ACCEPTED" if accept else "REJECTED"
    put(after, "stateDescription", reason or None)
    save(call, record, after)


def edit(call: Call, record: Opportunity, edits: Mapping[str, Any]) -> None:
    """Set paths to values (None clears), without the partner's limits, CLOSED included; types hold all the same."""
    after = copy.deepcopy(record.document)
    for path, value in edits.items():
        if path in _OWN_FIELDS or call.world.channel.field_at(MESSAGE, path) is None:
            raise ValueError(f"{path} is no field that Google's people edit")
        put(after, path, value)
    save(call, record, call.world.channel.parse(MESSAGE, after))


def new(call: Call, document: Document) -> Opportunity:
    """An opportunity that Google made: accepted at once, unless the document says otherwise."""
    parsed = call.world.channel.parse(MESSAGE, {"state": "ACCEPTED", **document})
    parsed.setdefault("source", call.world.channel.ending("Source", GOOGLE_SOURCE))
    return add(call, parsed)


def review_lead(call: Call, lead: CrmRecord, *, accept: bool, reason: str) -> str | None:
    """Decide on a lead. An approved one becomes an opportunity, in both APIs; its CRM name is returned.

    ``ValueError`` if it was decided on before.
    """
    schema = call.world.crm
    if lead.document["leadApprovalStatus"] != schema.ending("ApprovalState", "PENDING"):
        raise ValueError("the lead was decided on before")
    lead.document["leadApprovalStatus"] = schema.ending("ApprovalState", "APPROVED" if accept else "REJECTED")
    if not accept:
        lead.document["leadStatus"] = schema.ending("LeadState", CLOSED)
        lead.document["rejectionReason"] = schema.ending("RejectionReason", "OTHER")
        put(lead.document, "rejectionComments", reason or None)
        return None
    lead.document["leadStatus"] = schema.ending("LeadState", "CONVERTED")
    put(lead.document, "approvalNotes", reason or None)
    return _convert(call, lead)


def _convert(call: Call, lead: CrmRecord) -> str:
    state, schema, source = call.world.state, call.world.crm, lead.document
    identifier = state.new_id()
    name = f"{call.world.crm_partner}/opportunities/{identifier}"
    document = {
        "lead": lead.name,
        "dealSize": source["partnerAnnualContractValue"],
        "dealCurrencyCode": source["leadCurrencyCode"],
        "closeDate": dict(source["estimatedCloseDate"]),
        "productFamily": source["productInterests"][0],
        "customer": copy.deepcopy(source["customer"]),
        "salesStage": schema.first("SalesStage"),
        "qualificationState": schema.first("QualificationState"),
        "sourceSystem": schema.first("SourceSystem"),
        "winProbability": "10",
    }
    if get(source, "externalSystemId"):
        document["externalSystemId"] = source["externalSystemId"]
    state.crm_opportunities[name] = CrmRecord(name, document, call.now_ms)
    channel: Document = {
        "state": "ACCEPTED",
        "source": call.world.channel.ending("Source", PARTNER_SOURCE),
        "submitterEmail": source["submitterEmail"],
        "opportunityInfo": {"partnerEntity": call.world.partner, "description": source["opportunitySummary"]},
        "qualificationInfo": {"estimatedCloseDate": dict(source["estimatedCloseDate"])},
    }
    add(call, channel, identifier if call.switches.ids_match_across_apis else None)
    return name
