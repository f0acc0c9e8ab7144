"""A deal that lies with all three partners, and what has to hold once nobody changes anything any more."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lambdas.shared.adapters.ledger import Watermark
from sandbox.hubspot import RepDeal
from sandbox.turned import Options, World

ALL = ("aws", "microsoft", "google")
TAGS = "#AWS #Microsoft #GCP"
STATUS = {"aws": "aws_sync_status", "microsoft": "microsoft_sync_status", "google": "gcp_sync_status"}
ID = {"aws": "aws_opportunity_id", "microsoft": "microsoft_referral_id", "google": "gcp_opportunity_id"}
_EPOCH = {"hubspot": "120000"}  # of a poll that looks two minutes back


def three(seed: int = 1, **options: Any) -> World:
    """A world with all three partners."""
    return World(Options(seed=seed, partners=ALL, **options))


def shared(world: World, name: str = "Harbour Migration", **more: Any) -> RepDeal:
    """A deal that is complete and tagged for all three."""
    return world.new_deal(f"{name} {TAGS}", **more)


def statuses(world: World, deal_id: str) -> dict[str, str | None]:
    """How the deal says that its sync stands, by partner."""
    values = world.deal(deal_id)
    return {partner: values.get(name) for partner, name in STATUS.items()}


def record(world: World, deal_id: str, partner: str) -> Any:
    """The partner's record that the deal names."""
    return world.sides[partner].documents()[world.deal(deal_id)[ID[partner]]]


def wrong_in(world: World) -> list[str]:
    """What may never be, whatever happened."""
    told = Counter(one.values()["hs_task_body"] for one in world.hubspot.account.records("tasks"))
    return [
        *world.duplicates(),
        *world.dead_letters(),
        *map(str, world.unsettled()),
        *world.unexpected,
        *(f"told {count} times: {body[:80]}" for body, count in told.items() if count > 1),
    ]


def look_at_everything(world: World) -> Counter[str]:
    """Every poll from the beginning of time, and every link woken; what was written because of it."""
    before = world.writes()
    marks = world.parts.watermarks
    for owner, subject in (("hubspot", "deals"), *((partner, "opportunities") for partner in world.sides)):
        found = marks.get(owner, subject)
        marks.move(owner, subject, Watermark(since=_EPOCH.get(owner, "1970-01-01T00:00:00Z")), found)
    keys = [link["pk"] for link in world.links()]
    world.parts.links.raise_many(keys)
    for link in world.links():
        wake = {"link": link["pk"], "why": "sweep", "correlation_id": "all"}
        world.parts.inbox(link["partner"]).send(wake)
    world.sweep()
    return world.writes() - before


def come_to_rest(world: World, at_most: int = 4) -> None:
    """Sweep until nothing is written any more. ``AssertionError`` when the writes do not end."""
    world.run_until_quiet()
    written: Counter[str] = Counter()
    for _ in range(at_most):
        before = world.writes()
        world.sweep()
        written = world.writes() - before
        if not written:
            return
    raise AssertionError(f"still writing after {at_most} sweeps: {dict(written)}")
