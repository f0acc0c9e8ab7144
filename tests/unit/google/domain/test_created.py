"""A lost create's record is known by digests alone, and never mistaken for another."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.google.domain.created import CUSTOMER, TITLE, fits, mark_of

MARK = mark_of({CUSTOMER: "Contoso GmbH", TITLE: "Migration"})


def row(customer: str | None = "Contoso GmbH", title: str | None = "Migration") -> dict[str, Any]:
    shown = {} if customer is None else {"customerDisplayName": customer}
    return shown if title is None else {**shown, "opportunityInfo": {"displayName": title}}


def test_the_mark_holds_no_value_and_is_the_same_each_time() -> None:
    assert "contoso" not in MARK.casefold()
    assert "migration" not in MARK.casefold()
    assert mark_of({TITLE: "  migration ", CUSTOMER: "CONTOSO  GmbH", "state": "DRAFT"}) == MARK


@pytest.mark.parametrize(
    ("seen", "fitting"),
    [
        (row(), True),
        (row("contoso gmbh ", "MIGRATION"), True),
        (row("Fabrikam"), False),
        (row(title="Another"), False),
        (row("Migration", "Contoso GmbH"), False),
        (row(title=None), True),  # a limited view
        (row("Fabrikam", title=None), False),
        (
            {
                "customerDisplayName": "Contoso",
                "customerInfo": {"customerDetails": {"organizationName": "Contoso GmbH"}},
                "opportunityInfo": {"displayName": "Migration"},
            },
            True,
        ),  # Google's own name for the customer beside ours
        ({"customerDisplayName": "Contoso GmbH", "opportunityInfo": {"description": "x"}}, True),
    ],
)
def test_all_that_is_shown_has_to_fit(seen: dict[str, Any], fitting: bool) -> None:
    assert fits(MARK, seen) is fitting


def test_a_create_without_a_customer_fits_no_customers_record() -> None:
    assert not fits(mark_of({TITLE: "Migration"}), row())
