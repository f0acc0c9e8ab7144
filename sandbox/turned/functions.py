"""The functions that all partners share: the webhook receiver, the router and the poll of deals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.shared.domain.tags import Tagging
from lambdas.shared.handlers import list_changed_deals, receive_webhook, route_notices
from sandbox.turned.partners import Side
from sandbox.turned.parts import NOTICES, Function, Parts, bound


class _Secrets:
    """Secrets Manager as far as the receiver asks it."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value

    def get(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        """The one secret."""
        return self._value


def shared_functions(p: Parts, sides: Iterable[Side]) -> dict[str, Function]:
    """The poll of deals by its name, and ``route_notices``."""
    partners = list(sides)
    tags = {one.name: Tagging.of(one.settings) for one in partners}
    deals = list_changed_deals.Collaborators(p.hubspot, p.links, p.base, p.watermarks, p.queues[NOTICES], tags, p.clock)
    routing = route_notices.Collaborators(
        p.links,
        lambda: p.hubspot,
        tuple(one.as_routed() for one in partners),
        p.queues[NOTICES],
        p.leases,
        route_notices.passed_on({one.name: one.settings for one in partners}),
    )
    return {
        "hubspot.deals": bound(list_changed_deals.list_changed_deals, deals),
        "route_notices": bound(route_notices.route_notices, routing),
    }


def receiver(p: Parts, settings: Mapping[str, Any], secret: dict[str, Any]) -> Function:
    """The webhook receiver."""
    collaborators = receive_webhook.Collaborators(
        secrets=_Secrets(secret),
        notices=p.queues[NOTICES],
        quarantine=p.quarantine,
        webhook_secret="webhook",
        aliases={name: name for name in settings["partners"]},
        max_body_bytes=settings["hubspot"]["max_body_bytes"],
        portal_id=settings["hubspot"]["portal_id"],
        clock=p.clock,
    )
    return bound(receive_webhook.receive_webhook, collaborators)
