"""Serve the account on a loopback port."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.faults import FaultRules
from sandbox.google.account import GoogleAccount
from sandbox.google.app import make_app
from sandbox.serving import ServingThread


@dataclass(slots=True)
class Served:
    """A running server. ``url`` stands for all four hosts of the vendor and has no slash at its end."""

    url: str
    account: GoogleAccount
    faults: FaultRules
    _serving: ServingThread

    def stop(self) -> None:
        """Stop serving."""
        self._serving.stop()


def serve(account: GoogleAccount, port: int = 0, faults: FaultRules | None = None) -> Served:
    """Serve ``account`` on 127.0.0.1; port 0 takes a free one."""
    rules = faults if faults is not None else FaultRules()
    serving = ServingThread(make_app(account, rules), "google-sandbox", port=port)
    return Served(serving.url, account, rules, serving)
