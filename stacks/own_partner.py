"""A partner outside of our code, beside ours in a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aws_cdk import Duration
from constructs import Construct

from constructs_lib.partner_access import FederatedAccess, PartnerAccess
from constructs_lib.partner_functions import inbox_of
from constructs_lib.partner_sync import PartnerSync, PartnerSyncProps
from stacks.names import pascal
from stacks.partners import Wired
from stacks.site import Site
from stacks.sources import MakesCode


def _no_access(_scope: Construct) -> PartnerAccess:
    return FederatedAccess()


@dataclass(frozen=True, kw_only=True)
class OwnPartner:
    """A partner outside of our code: a room of yours, in a bundle of yours, synced by the same machine as all others.

    Attributes:
        room: the module of its room within the bundle (see ``lambdas/shared/room.py``), ``acme.room``.
        code: the bundle's code, see ``code_of``; it holds ``lambdas/shared`` and your package.
        settings: its part of the settings document (docs/architecture.md): tag, label, status properties, fields.
        access: how its functions reach the partner, made in the stack given; default nothing but their roles.
        opportunities_every: time between two polls for what changed there; default 15 minutes.
        due_every: time between two looks for links that are due; default one minute.
    """

    room: str
    code: MakesCode
    settings: Mapping[str, Any]
    access: Callable[[Construct], PartnerAccess] = _no_access
    opportunities_every: Duration = field(default_factory=lambda: Duration.minutes(15))
    due_every: Duration = field(default_factory=lambda: Duration.minutes(1))

    def wire(self, name: str) -> Callable[[Construct, Site], Wired]:
        """What puts the partner in place under this name."""
        return partial(self._wired, name)

    def _wired(self, name: str, scope: Construct, site: Site) -> Wired:
        base = site.base
        sync = PartnerSync(
            scope,
            pascal(name),
            PartnerSyncProps(
                partner=name,
                room=self.room,
                functions=base.defaults(self.code()),
                ledger=base.data.ledger,
                token_secret=base.data.secrets.token,
                notices=site.router.notices.queue,
                events=base.data.events,
                access=self.access(scope),
                definitions=base.sources.definitions,
                name_prefix=base.names.prefix,
                inbox=base.queue(f"the inbox of {name}", f"{name}-inbox"),
                alarms=base.alarms,
            ),
        )
        return Wired(
            routed={inbox_of(name): f"{name}-inbox"},
            polls=sync.polls,
            every={f"{name}.opportunities": self.opportunities_every, f"{name}.due": self.due_every},
            queues={f"{name}-inbox": sync.inbox.inbox},
        )
