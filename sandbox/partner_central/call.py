"""What every operation gets: the catalog's records, the time, the settings, and a way to announce events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.partner_central import snapshots
from sandbox.partner_central.errors import BAD_FORMAT, ConflictException, ResourceNotFoundException, refuse
from sandbox.partner_central.events import Event, EventShapes
from sandbox.partner_central.state import CatalogState, Ids, Opportunity, Remembered
from sandbox.partner_central.switches import Switches, TaskPace

Body = dict[str, Any]
Answer = dict[str, Any]

_ARN = "arn:aws:partnercentral:us-east-1"
# the creation token is not part of what two requests with one token must share
_NOT_PRINTED = frozenset({"ClientToken"})


@dataclass(slots=True)
class Settings:
    """The account's own data. ``users`` and ``aws_products`` None = any is known."""

    account_id: str
    company: str
    switches: Switches
    submit_pace: TaskPace = field(default_factory=TaskPace)
    accept_pace: TaskPace = field(default_factory=lambda: TaskPace(polls=1))
    users: frozenset[str] | None = None
    aws_products: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call under way."""

    settings: Settings
    state: CatalogState
    now_ms: int
    ids: Ids
    shapes: EventShapes
    announce: Callable[[Event], None]

    @property
    def switches(self) -> Switches:
        """The account's switches."""
        return self.settings.switches

    def owned_arn(self, kind: str, identifier: str) -> str:
        """ARN of what an account owns: opportunity, solution, resource-snapshot-job (section 5)."""
        return f"{_ARN}:{self.settings.account_id}:catalog/{self.state.name}/{kind}/{identifier}"

    def shared_arn(self, kind: str, identifier: str) -> str:
        """ARN without an account field: engagement, engagement-invitation and tasks (section 5)."""
        return f"{_ARN}::catalog/{self.state.name}/{kind}/{identifier}"

    def opportunity(self, identifier: str, *, reading: bool = False) -> Opportunity:
        """The opportunity, or ``ResourceNotFoundException``. Hidden until its invitation is accepted (1.4)."""
        found = self.state.opportunities.get(identifier)
        if found is None or found.hidden:
            raise ResourceNotFoundException(f"no opportunity {identifier} in catalog {self.state.name}", "7")
        if reading and self.now_ms - found.created_ms < self.switches.fresh_not_found_ms:
            raise ResourceNotFoundException(f"opportunity {identifier} is not readable yet", "1.9")
        return found

    def move(self, opportunity: Opportunity) -> None:
        """Give the record a new LastModifiedDate, always a later one."""
        step = self.switches.last_modified_step_ms
        now = self.now_ms - self.now_ms % step
        opportunity.modified_ms = max(now, opportunity.modified_ms + step)

    def announce_update(self, opportunity: Opportunity) -> None:
        """``Opportunity Updated``, and a snapshot where a job runs and a field of its template changed."""
        self.announce(self.shapes.opportunity("Updated", self.state.name, opportunity, self.now_ms))
        snapshots.after_change(self, opportunity)

    def once(self, operation: str, body: Body, work: Callable[[], Any]) -> Any:
        """Do ``work`` once per ClientToken (1.7): the same token and body get the same result again.

        Raises ``ConflictException`` for the same token with another body.
        """
        token = body["ClientToken"]
        if self.switches.client_token_max_64 and not (len(token) <= 64 and token.isascii() and token.isprintable()):
            raise refuse("ClientToken", BAD_FORMAT, "ClientToken takes 1 to 64 printable ASCII characters", "1.7")
        fingerprint = _fingerprint(body)
        known = self.state.tokens.get((operation, token))
        if known is not None:
            if known.fingerprint != fingerprint:
                raise ConflictException("conflicting client token: it was used with another body", "1.7")
            return known.answer
        answer = work()
        self.state.tokens[operation, token] = Remembered(fingerprint, answer)
        return answer


def _fingerprint(body: Body) -> str:
    canonical = {name: value for name, value in body.items() if name not in _NOT_PRINTED}
    return hashlib.sha256(json.dumps(canonical, sort_keys=True).encode()).hexdigest()
