"""Ids and names of Google's: partners of both APIs, opportunities, leads."""

from __future__ import annotations

import re

from lambdas.shared.errors import Unexpected

_ID = r"[A-Za-z0-9_-]{1,64}"


def partner_hub_name(partner_id: str) -> str:
    """``partners/{id}`` for Cloud Channel. ``Unexpected`` unless 10 letters and digits (Partner Hub, Account page)."""
    if not re.fullmatch(r"[A-Za-z0-9]{10}", partner_id, re.ASCII):
        raise Unexpected("The Partner Hub id has 10 letters and digits; the 18-character Vector id is another one.")
    return f"partners/{partner_id}"


def vector_name(partner_id: str) -> str:
    """``partners/{id}`` for CRM Partners. ``Unexpected`` unless an 18-character Vector account id, from ``0014`` on."""
    if not re.fullmatch(r"0014[A-Za-z0-9]{14}", partner_id, re.ASCII):
        raise Unexpected("The Vector account id has 18 letters and digits and begins with 0014.")
    return f"partners/{partner_id}"


def is_opportunity_id(text: str) -> bool:
    """Whether this may be the id of an opportunity (without ``opportunities/``)."""
    return re.fullmatch(_ID, text, re.ASCII) is not None


def opportunity_id(name: object) -> str:
    """The id in ``opportunities/{id}``. ``Unexpected`` for anything else."""
    found = re.fullmatch(rf"opportunities/({_ID})", str(name), re.ASCII)
    if found is None:
        raise Unexpected("Google's answer names no opportunity as opportunities/….")
    return found[1]


def opportunity_name(identifier: str) -> str:
    """``opportunities/{id}`` from an id or a name. ``Unexpected`` for anything that could leave its place in a URL."""
    return f"opportunities/{opportunity_id('opportunities/' + identifier.removeprefix('opportunities/'))}"


def lead_name(text: str, partner: str) -> str:
    """The name of a lead of ``partner`` (``partners/…``). ``Unexpected`` for another one."""
    if not re.fullmatch(rf"{re.escape(partner)}/leads/{_ID}", text, re.ASCII):
        raise Unexpected("The lead name must be partners/…/leads/… of the configured partner.")
    return text


def is_lead_name(text: str, vector_id: str) -> bool:
    """Whether this may be the name of a lead of that Vector account."""
    return re.fullmatch(rf"partners/{re.escape(vector_id)}/leads/{_ID}", text, re.ASCII) is not None
