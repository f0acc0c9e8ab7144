"""Which resources stand together in the picture of the architecture, what they are called, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.pictures.resources import Deployed

VENDORS = {
    "hubspot": ("HubSpot", "deals"),
    "aws": ("AWS", "Partner Central"),
    "microsoft": ("Microsoft", "Partner Center"),
    "google": ("Google", "Partner Hub"),
}
"""Name, and what of theirs is called."""
LEFT_OUT = r"Data/Alarms"
"""Every box would have an arrow to the alarms."""

INBOXES, PIPES, MACHINES, THEIRS = 6.68, 7.93, 9.27, 11.25
FRAME = (5.72, 10.27)
"""Left and right of the frame around the rows, in inches like every x."""
TITLE_ROW = -0.72


@dataclass(frozen=True)
class Place:
    """One box, around ``x`` inches and ``y`` rows from the top left.

    ``holds`` matches the beginning of the keys of its resources; one that holds none is a vendor or a person.
    ``row`` is the partner's row on which it stands, if on one.
    """

    name: str
    title: str
    look: str
    x: float
    y: float
    holds: str = ""
    note: str = ""
    row: str = ""
    width: float = 1.6


@dataclass(frozen=True)
class Says:
    """Who says by itself that something is to be looked at: no template of ours holds the vendors' side."""

    to: str
    place: Place


_LEFT, _NEXT = 0.55, 2.18
FIXED = (
    Place("events", "Partner events", "queue", _NEXT, 0, r"Data/PartnerEvents"),
    Place("door", "Webhooks", "function", _NEXT, 1.5, r"Sync/Ingress(Api|Receiver)|\w+/\w+WebhookReceiver"),
    Place("polls", "Polls", "machine", _NEXT, 2.95, r"Sync/Polls"),
    Place("clock", "Clock", "plain", _LEFT, 2.95, r"\w+/Schedules", width=1.0),
    Place("notices", "Notices", "queue", 3.8, 1.5, r"Sync/RouterNoticesQueue", width=0.85),
    Place("router", "Router", "function", 4.92, 1.5, r"Sync/RouterFunction", width=0.85),
    Place("forget", "Forget", "function", 4.92, 2.35, r"Sync/Forgetting", width=0.95),
    Place("operator", "Operator's API", "function", _NEXT, 4, r"Api/"),
)
"""From the left to the router."""
SAYS = (
    Says("events", Place("says-aws", "AWS", "vendor", _LEFT, 0, note="events", width=1.0)),
    Says("door", Place("says-hubspot", "HubSpot", "vendor", _LEFT, 1.1, note="webhooks", width=1.0)),
    Says("door", Place("says-microsoft", "Microsoft", "vendor", _LEFT, 1.9, note="webhooks", width=1.0)),
    Says("operator", Place("says-operator", "You", "plain", _LEFT, 4, note="cosell, REST", width=1.0)),
)


def rows_of(deployed: Deployed) -> tuple[Place, ...]:
    """An inbox, a Pipe and a machine for each partner, and again for what a partner has beside its sync."""
    found = {match[1] for key in deployed.drawn if (match := re.match(r"(\w+)/\1PartnerInboxQueue", key))}
    names = sorted(found, key=lambda name: [*VENDORS, name.lower()].index(name.lower()))
    ways: list[tuple[str, str, str, str]] = []
    for name in names:
        partner, title = name.lower(), VENDORS.get(name.lower(), (name, ""))[0]
        further = rf"{name}/{name}(?!Partner)\w*(?<!DeadLetter)"
        if any(re.match(f"{further}Queue", key) for key in deployed.drawn):
            ways.append((f"{partner}-more", "Further inboxes", "Further machines", further))
        ways.append((partner, f"{title} inbox", f"{partner}-sync", rf"{name}/{name}Partner\w*(?<!DeadLetter)"))
    return tuple(place for y, way in enumerate(ways) for place in _row(y, *way))


def _row(y: float, row: str, inbox: str, machine: str, holds: str) -> tuple[Place, ...]:
    return (
        Place(f"{row}-inbox", inbox, "queue", INBOXES, y, f"{holds}Queue", row=row, width=1.56),
        Place(f"{row}-pipe", "", "plain", PIPES, y, f"{holds}Pipe", row=row, width=0.62),
        Place(f"{row}-sync", machine, "machine", MACHINES, y, f"{holds}Machine", row=row, width=1.7),
    )


def kept_below(y: float) -> tuple[Place, ...]:
    """What is kept and what goes out, below the last row, which is at ``y``."""
    below = y + 1.65
    return (
        Place(
            "dead",
            "Dead letters",
            "queue",
            6.56,
            below,
            r"DeadLetters/|\w+/DeadLetters|\w+/\w+(DeadLetterQueue|Undelivered)",
            "of every queue",
            width=1.65,
        ),
        Place("audit", "Audit", "table", 9.62, below, r"Data/LedgerAudit", "hash chains", width=1.15),
        Place("ledger", "Ledger", "table", 8.2, below, r"Data/Ledger", "links and bases", width=1.15),
        Place("seals", "Daily seals", "table", THEIRS, below, r"Audit/", width=1.3),
        Place("news", "Notifications", "queue", THEIRS, y + 0.82, r"Data/Events|Data/NotificationsTopic", width=1.3),
    )
