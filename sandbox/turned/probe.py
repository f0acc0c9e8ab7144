"""Where a world tells what happens in it, step by step, and where a test may make it stumble."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.turned.baton import Actor
from sandbox.turned.sqs import Message

ROUTER, WEBHOOK, NOTIFICATION = "router", "webhook", "notification"
DOORS = {ROUTER: "route_notices", WEBHOOK: "receive_webhook", NOTIFICATION: "receive_notification"}
"""What no machine calls: the router, HubSpot's webhook receiver, Partner Center's; by row, and the function."""


class Probe:
    """Does nothing by itself. ``row`` names a deployed machine: ``sync aws``, ``look summary``, ``poll aws.due``."""

    def begun(self, actor_name: str, queue: str, messages: list[Message]) -> None:
        """An execution, or a call of the router, takes messages."""

    def entered(self, actor: Actor, row: str, state: str) -> None:
        """An execution enters a state. It may be killed here (``actor.dead``), or held."""

    def task(self, row: str, state: str, resource: str, work: Callable[[], Any]) -> Any:
        """A task's call: ``work`` does it. What is raised here is what the machine sees.

        A function that no machine calls is told here too, with one of the rows of ``DOORS`` and its name as the state.
        """
        return work()

    def call(self, service: str, action: str, request: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        """A call that a function makes to the ledger (``dynamodb``) or to a queue (``sqs``)."""
        return work()

    def answered(self, operation: str) -> None:
        """A vendor has answered a function."""


class Probed:
    """A client whose calls go by the probe."""

    def __init__(self, client: Any, service: str, probe: Probe) -> None:
        self._client, self._service, self._probe = client, service, probe

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def probed(**request: Any) -> Any:
            return self._probe.call(self._service, name, request, lambda: method(**request))

        return probed


def through(probe: Probe, door: str, work: Callable[[], Any]) -> Any:
    """Tell the probe of a call of the door's function, which ``work`` makes."""
    return probe.task(door, DOORS[door], DOORS[door], work)
