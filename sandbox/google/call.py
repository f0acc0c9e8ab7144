"""What every API method gets: the account's records and rules, the request's parts, the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.google.errors import VendorError, Violation, denied, invalid
from sandbox.google.schema import Schema
from sandbox.google.state import State
from sandbox.google.switches import Settings, Switches


@dataclass(frozen=True, slots=True)
class World:
    """The account's parts that methods work on."""

    partner: str  # partners/{id} of Cloud Channel
    crm_partner: str  # partners/{id} of CRM Partners
    state: State
    settings: Settings
    switches: Switches
    channel: Schema
    crm: Schema


@dataclass(frozen=True, slots=True)
class Call:
    """One call under way. ``path``: the parts of the address; ``email``: the caller's service account."""

    world: World
    now_ms: int
    email: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any

    @property
    def switches(self) -> Switches:
        """The account's switches."""
        return self.world.switches

    def refuse(self, *violations: Violation) -> VendorError:
        """A rule's refusal, worded as the switch says."""
        return invalid(violations, named=self.switches.refusals_name_fields)

    def require_partner(self) -> None:
        """The ``partner`` query parameter must be there and name the caller's partner."""
        given = self.query.get("partner")
        if not given:
            raise invalid([("partner", "is required, in the form partners/{id}")])
        if not given.startswith("partners/") or given.count("/") != 1:
            raise invalid([("partner", "must have the form partners/{id}")])
        self.allow_partner(given)

    def allow_partner(self, given: str) -> None:
        """PERMISSION_DENIED unless it is the caller's partner."""
        if given != self.world.partner:
            raise denied("the caller has no access to this partner", "PARTNER_ACCESS_DENIED")
