"""The deal that stands for an invitation: woken when the ledger knows something new about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.ledger import Invitation

PARTNER = "aws"


@dataclass(frozen=True)
class AskingDeal:
    """Wakes links of deals; ``inbox`` is AWS's inbox of wake-ups."""

    links: Any
    inbox: Any

    def wake(self, known: Invitation | None, correlation_id: str = "none") -> None:
        """The deal on which a person is asked about ``known``, if there is one. Safe to repeat."""
        if known is None or known.deal_id is None:
            return
        key = self.links.open_for_deal(PARTNER, known.deal_id, "invitation", known.invitation_id)
        self.send(key, correlation_id)

    def send(self, link_key: str, correlation_id: str = "none") -> None:
        """A wake-up of a link that was raised already."""
        self.inbox.send({"link": link_key, "why": "partner", "correlation_id": correlation_id})


def target_of(known: Invitation | None) -> str | None:
    """The deal that is to get the opportunity of an invitation, None where a new one is made of it."""
    return None if known is None else known.wanted_deal or known.deal_id


def on_record(run: dict[str, Any], invitation_id: str) -> dict[str, Any]:
    """The run, filed in the audit under the invitation."""
    return {**run, "link": f"invitation#{run['partner']}#{invitation_id}"}
