"""What the API's functions about a deal have in common: which deal is meant, and whether it is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdas.shared.handlers.rehearsal import Rehearsed
from lambdas.shared.http_api import HttpProblem, Request, invalid


def deal_id_of(request: Request) -> str:
    """The path's deal id; 400 for a text that can be none."""
    deal_id = request.path.get("id", "")
    if not re.fullmatch(r"[0-9]{1,20}", deal_id):
        raise invalid("path", "id", "A deal's id is the number that HubSpot gives it.")
    return deal_id


def current_deal(read: Rehearsed) -> Mapping[str, Any]:
    """The deal's document; 404 when there is none of that id any more."""
    state, deal_id = read.deal["deal"], read.deal.get("deal_id")
    if state == "current" and read.document is not None:
        return read.document
    if state == "moved":
        detail = f"The deal was merged into the deal {deal_id}; ask for that one."
    elif state == "archived":
        detail = "The deal lies in HubSpot's recycle bin; restore it first."
    else:
        detail = "HubSpot has no deal of this id."
    allowed = [str(deal_id)] if state == "moved" else []
    error = {"object": "path", "property": "id", "message": detail, "allowed": allowed}
    raise HttpProblem(404, "unknown-deal", detail, [error])
