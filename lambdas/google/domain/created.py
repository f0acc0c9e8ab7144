"""Knowing again the record of a create whose answer was lost, without keeping a customer's value meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain import paths

CUSTOMER = "customerInfo.customerDetails.organizationName"
TITLE = "opportunityInfo.displayName"


def mark_of(values: Mapping[str, Any]) -> str:
    """The mark of a create with ``{dotted path: value}``: digests of the customer's name and of the display name."""
    return f"{_digest(values.get(CUSTOMER))}.{_digest(values.get(TITLE))}"


def fits(mark: str, row: Mapping[str, Any]) -> bool:
    """Whether an opportunity of Google's may be the one that ``mark`` was made for.

    A name that a limited view hides is taken to fit: a second record cannot be deleted, a wrong candidate is told from
    the right one by the time and the creator.
    """
    customer, _, title = mark.partition(".")
    customers = {row.get("customerDisplayName"), paths.get(row, CUSTOMER)} - {None}
    titles = {paths.get(row, TITLE) if "opportunityInfo" in row else None} - {None}
    return _among(customer, customers) and _among(title, titles)


def folded(text: Any) -> str:
    """Text for comparison: case and spaces do not count."""
    return " ".join(str(text or "").split()).casefold()


def _among(digest: str, names: set[Any]) -> bool:
    return not names or digest in {_digest(name) for name in names}


def _digest(text: Any) -> str:
    return hashlib.sha256(folded(text).encode()).hexdigest()
