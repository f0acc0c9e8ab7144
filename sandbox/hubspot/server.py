"""Serve the account on a loopback port with keep-alive connections."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.faults import FaultRules
from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.app import make_app
from sandbox.serving import ServingThread


@dataclass(slots=True)
class Served:
    """A running server. ``url`` has no slash at its end."""

    url: str
    account: HubSpotAccount
    faults: FaultRules
    _serving: ServingThread

    def stop(self) -> None:
        """Stop serving and stop all webhook senders of the account."""
        for receiver in list(self.account.feed.receivers):
            stop = getattr(receiver, "stop", None)
            if stop is not None:
                stop()
        self._serving.stop()


def serve(account: HubSpotAccount, port: int = 0, faults: FaultRules | None = None) -> Served:
    """Serve ``account`` on 127.0.0.1; port 0 takes a free one."""
    rules = faults if faults is not None else FaultRules()
    serving = ServingThread(make_app(account, rules), "hubspot-sandbox", port=port)
    return Served(serving.url, account, rules, serving)
