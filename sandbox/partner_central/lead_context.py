"""The Lead context that a lead's engagement begins with (fact sheet 3.5)."""

from __future__ import annotations

import copy
from typing import Any


def lead_context(payload: dict[str, Any], hidden: dict[str, Any]) -> dict[str, Any]:
    """The Lead context of a new engagement: what the invitation shows, and the contact that only members see."""
    shown, contact = payload["Interaction"], hidden.get("Contact") or {}
    interaction = {name: shown[name] for name in ("SourceType", "SourceId", "SourceName", "Usecase") if name in shown}
    person = {"BusinessTitle": shown.get("ContactBusinessTitle") or "Unknown", **contact}
    interaction["Contact"] = {"Email": "unknown@lead.example", "FirstName": "Unknown", "LastName": "Lead", **person}
    if hidden.get("BusinessProblem"):
        interaction["BusinessProblem"] = hidden["BusinessProblem"]
    customer = {**copy.deepcopy(payload["Customer"]), **({"Address": hidden["Address"]} if "Address" in hidden else {})}
    customer.pop("CountryCode", None)
    return {"Customer": customer, "Interactions": [interaction]}
