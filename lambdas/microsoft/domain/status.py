"""Status and substatus of a referral: which belong together, and what may become what.

The two always move together, so the product holds them as one text, the standing: ``Active/Accepted``.
https://learn.microsoft.com/partner-center/developer/referral-resources
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SUBSTATUSES: Mapping[str, tuple[str, ...]] = {
    "New": ("Pending", "Received"),
    "Active": ("Accepted",),
    "Closed": ("Won", "Lost", "Declined", "Expired"),
}
_MAY_BECOME: Mapping[str, tuple[str, ...]] = {
    "New": ("New", "Active", "Closed"),
    "Active": ("Active", "Closed"),
    "Closed": ("Closed",),
}
STANDINGS = tuple(f"{status}/{each}" for status, substatuses in SUBSTATUSES.items() for each in substatuses)
"""Every consistent pair. ``Error`` is met as a substatus on read (unverified): it is shown and never written."""

WRITABLE = tuple(each for each in STANDINGS if each != "Closed/Expired")
"""What we may ask for: a referral expires by itself only."""

FIRST = "New/Pending"
"""How a referral begins that states no standing."""

ACCEPTED = "Active/Accepted"
DECLINED = "Closed/Declined"


def standing_of(document: Mapping[str, Any] | None) -> str | None:
    """``status/substatus`` as the referral says it, whether consistent or not; None where it states no status."""
    status = (document or {}).get("status")
    if not status or status == "None":
        return None
    return f"{status}/{document.get('substatus')}" if document and document.get("substatus") else str(status)


def split(standing: str) -> tuple[str, str]:
    """``("Active", "Accepted")``. ``ValueError``, naming what is allowed, for what may not be written."""
    if standing not in WRITABLE:
        raise ValueError(f"{standing[:40]!r} is no standing that can be written; allowed: {', '.join(WRITABLE)}")
    status, substatus = standing.split("/")
    return status, substatus


def is_closed(document: Mapping[str, Any] | None) -> bool:
    """Whether the referral is closed, which is for good."""
    return (document or {}).get("status") == "Closed"


def may_become(document: Mapping[str, Any], standing: str) -> bool:
    """Whether the referral as it is may take ``standing``. A closed one keeps even its substatus."""
    if is_closed(document):
        return standing == standing_of(document)
    status = str(document.get("status"))
    return standing in WRITABLE and standing.partition("/")[0] in _MAY_BECOME.get(status, tuple(SUBSTATUSES))


def unreachable(document: Mapping[str, Any]) -> frozenset[str]:
    """The standings that the referral cannot take from where it is."""
    return frozenset(each for each in STANDINGS if not may_become(document, each) and each != standing_of(document))
