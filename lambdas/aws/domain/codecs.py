"""AWS's own codecs, beside the shared ones: the close date, and those of company and contacts.

What AWS takes is in its API reference:
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_CreateOpportunity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lambdas.aws.domain.closed_lost import AwsStage
from lambdas.aws.domain.company_codecs import PostalCode, UsState, Website
from lambdas.aws.domain.contacts import Contacts
from lambdas.aws.domain.involvement import Needs
from lambdas.shared.domain.codecs import CODECS as SHARED_CODECS
from lambdas.shared.domain.days import day_in, noon
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Parsed


class CloseDate(Parsed):
    """The day of the close date in the HubSpot account's time zone; not past, at most 60 years ahead."""

    mistake = "is not a date"

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """``YYYY-MM-DD`` from a date, an ISO time or epoch milliseconds; None for what is neither."""
        try:
            return day_in(str(value).strip(), context.zone).isoformat()
        except (ValueError, OverflowError, OSError):
            return None

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """Between today and 60 years from now."""
        day = date.fromisoformat(value)
        if day < context.today:
            return "lies in the past; AWS takes a date from today on"
        return "lies more than 60 years ahead" if day.year > context.today.year + 60 else None

    @property
    def standing(self) -> bool:
        """A close date that passes stops every update."""
        return True

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """Midday of that day, so that neighbouring time zones show the same day."""
        return noon(date.fromisoformat(value), context.zone)


CODECS: Mapping[str, Codec] = {
    **SHARED_CODECS,
    "stage": AwsStage(),
    "close_date": CloseDate(),
    "website": Website(),
    "us_state": UsState(),
    "postal_code": PostalCode(),
    "contacts": Contacts(),
    "needs": Needs(),
}
