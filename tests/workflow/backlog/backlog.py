"""A world that has a past: deals and opportunities of which the sync has heard nothing, and the command that looks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import cli.backfill
import cli.reconcile
from cli.backfill_look import Looker, Paces
from cli.pace import Pace
from cli.progress import Progressing
from cli.sync_access import Access, PartnerAccess, quota_key
from lambdas.shared.adapters.ledger import Backfills, DeadLetters, Survey
from lambdas.shared.domain.backfill import Finding
from lambdas.shared.handlers.rehearsal import Deals, Stage
from sandbox.turned import World
from sandbox.turned.parts import LEDGER
from tests.contract.partner_central import samples


def quick(_rate: float = 0) -> Pace:
    """A pace that never waits."""
    return Pace(1_000_000, sleep=lambda _seconds: None)


def paces() -> Paces:
    """No waiting."""
    return Paces(quick(), quick(), quick())


def access(world: World) -> Access:
    """What the command works with, over the world's own parts."""
    p, settings = world.parts, world.settings
    deals = Deals(world.hubspot.adapter, p.origins, settings)
    partners = {
        name: PartnerAccess(
            name,
            side.settings,
            Stage(deals, p.links, p.base, side.opportunities, side.plan_run, side.extras, world.clock),
            p.inbox(name),
            quota_key(name, side.settings),
        )
        for name, side in world.sides.items()
    }
    return Access(
        hubspot=world.hubspot.adapter,
        links=p.links,
        base=p.base,
        survey=Survey(world.store, LEDGER),
        backfills=Backfills(world.store, LEDGER, world.clock),
        quota=p.quota,
        letters=DeadLetters(world.store, LEDGER, world.clock),
        records=lambda chain: p.audit.entries(chain, 40),
        partners=partners,
        clock=world.clock,
        sleep=lambda seconds: world.advance(max(seconds, 1)),
    )


def past_deal(world: World, name: str, number: int = 1, **more: Any) -> str:
    """A deal that was there before the app was connected: no webhook ever came of it."""
    made = world.new_deal(name, number=number, **more)
    forget_notices(world)
    return made.deal_id


def past_opportunity(world: World, title: str, **members: Any) -> str:
    """An opportunity that our people made in Partner Central by hand."""
    body = samples.document({"Project.Title": title, "PartnerOpportunityIdentifier": None}) | members
    made = world.central.adapter.create_opportunity(title, body)
    world.clock.advance(seconds=2)
    forget_notices(world)
    return made["id"]


def forget_notices(world: World) -> None:
    """What was said so far reached nobody, since nothing was connected."""
    while world.hubspot.sender.pending():
        world.hubspot.sender.pump(1)
    for side in world.sides.values():
        getattr(side, "events", []).clear()
    for queue in world.sqs.queues.values():
        queue.messages.clear()


def findings(world: World, partner: str = "aws", deals: Sequence[str] | None = None, **how: Any) -> list[Finding]:
    """The dry run's lines."""
    here = access(world)
    return list(Looker(here, here.partners[partner], paces(), **how).findings(deals))


def by_record(found: Sequence[Finding]) -> dict[str, str]:
    """Verdicts by record."""
    return {one.record: one.verdict for one in found}


def arguments(command: str, *words: str) -> argparse.Namespace:
    """The command line, parsed."""
    parser = argparse.ArgumentParser()
    {"backfill": cli.backfill, "reconcile": cli.reconcile}[command].add(parser)
    return parser.parse_args([*words, "--per-second", "10"])


def silent() -> Progressing:
    """No bar."""
    return Progressing()
