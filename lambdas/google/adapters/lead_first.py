"""The lead that goes before an opportunity: made once, or told to a person when nobody can know whether it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.google.adapters.crm_partners import CrmPartners
from lambdas.google.domain.lead import BEGUN, NAMED, PREFIX, known_lead, lead_lost, to_lead_body
from lambdas.google.domain.paths import fold_path
from lambdas.shared.adapters.opportunities import Memory
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.refusals import explained
from lambdas.shared.errors import CosellError, NotFound, Problem, Rejected, Throttled, Unauthorized, was_not_sent

NOTHING_MADE = (Rejected, Throttled, Unauthorized, NotFound)
"""The errors after which it is certain that there is no lead."""


class LeadFirst:
    """``rules`` is the field map of leads, ``property_name`` the deal property that shows a lead's name."""

    def __init__(self, crm: CrmPartners, rules: Sequence[FieldRule], property_name: str) -> None:
        self._crm = crm
        self._rules = rules
        self._property = property_name

    def ensure(self, values: Mapping[str, Any], memory: Memory) -> None:
        """Return once there is a lead. ``values`` are the plan's, each path behind ``lead:``.

        Raises:
            Rejected: Google does not take the lead, has none of the name that the deal says, or did not answer an
                earlier create; a lead is never sent twice.
        """
        known = memory.known
        if known_lead(known) is not None:
            return
        if NAMED in values:
            memory.remember(f"{PREFIX}{self._existing(values[NAMED])}")
            return
        if BEGUN in known:
            raise Rejected("An earlier lead was not answered, and nothing can look it up.", [lead_lost(self._property)])
        memory.remember(BEGUN)
        memory.remember(f"{PREFIX}{self._make(values, memory)}")

    def _make(self, values: Mapping[str, Any], memory: Memory) -> str:
        body = to_lead_body({path.removeprefix(PREFIX): value for path, value in values.items()})
        try:
            return self._crm.create_lead(body)["name"]
        except CosellError as error:
            if isinstance(error, NOTHING_MADE) or was_not_sent(error):
                memory.forget(BEGUN)
            if isinstance(error, Rejected):
                raise Rejected(str(error), explained(error.problems, self._rules, fold_path)) from None
            raise

    def _existing(self, name: str) -> str:
        try:
            return self._crm.get_lead(name)["name"]
        except NotFound as error:
            message = f"Google has no lead of the name in the deal property {self._property!r}; please correct it."
            raise Rejected(str(error), [Problem("lead_name", message, "deal", self._property)]) from None
