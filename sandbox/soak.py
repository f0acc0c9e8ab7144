"""The scenes again and again while things go wrong at random.

Vendors fail, answers get lost after the work was done, webhooks and events come twice, late, shuffled or never.

Each round is a fresh world with a seed of its own. Which call meets which fault depends on timing too, so a seed gives
the same odds, not the same round.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.demo import figures, play
from sandbox.faults import FaultRules
from sandbox.hubspot.trouble import WebhookTrouble
from sandbox.microsoft.switches import EventTrouble as NoticeTrouble
from sandbox.partner_central.switches import EventTrouble
from sandbox.scenarios import SCENES, Scene, Stage
from sandbox.schedules import schedules
from sandbox.world import Options, World

_READS = ("GetOpportunity", "ListOpportunities", "GetEngagementInvitation", "ListEngagementInvitations")
_WRITES = ("CreateOpportunity", "UpdateOpportunity", "AssociateOpportunity", "StartEngagementByAcceptingInvitationTask")
_MICROSOFT_READS = ("GetReferral", "ListReferrals")
_MICROSOFT_WRITES = ("CreateReferral", "UpdateReferral")
_GOOGLE_READS = ("opportunities.get", "opportunities.query", "sts.token")
_GOOGLE_WRITES = ("opportunities.create", "opportunities.patch")
_HUBSPOT_READS = ("deals.read", "deals.batch_read", "companies.read", "contacts.batch_read")
_HUBSPOT_WRITES = ("deals.update", "deals.create", "tasks.create")


def soak(
    rounds: int, seed: int, show: Callable[[str], None] = print, scenes: Sequence[Scene] = SCENES
) -> dict[str, Any]:
    """Play ``rounds`` rounds; returns the totals. ``held`` counts scenes, ``failed`` lists what did not hold."""
    totals: Counter[str] = Counter()
    failed: list[str] = []
    for number in range(rounds):
        began = time.monotonic()
        wrong, counted = play_round(seed + number, scenes)
        failed += [f"seed {seed + number}: {line}" for line in wrong]
        totals.update({name: counted[name] for name in _ADDED})
        took = time.monotonic() - began
        show(f"round {number + 1} of {rounds}, seed {seed + number}: {_said(wrong, counted)}, {took:.0f} s")
    return {"rounds": rounds, **totals, "failed": failed}


_ADDED = ("scenes", "held", "deals", "duplicates", "lost", "dead_lettered", "replayed", "executions", "faults")


def _said(wrong: list[str], counted: dict[str, Any]) -> str:
    held = f"{counted['held']} of {counted['scenes']} held"
    return "; ".join([f"{held}, {counted['faults']} faults met, {counted['executions']} executions", *wrong])


def play_round(seed: int, scenes: Sequence[Scene] = SCENES) -> tuple[list[str], dict[str, Any]]:
    """One round: what did not hold, and the figures."""
    trouble = WebhookTrouble(copies=2, shuffle=True, delay_ms=(0, 200), drop=0.1, seed=seed)
    events = EventTrouble(0.3, 0.1, 0, 500, seed)
    with World(Options(webhooks=trouble, events=events)) as world, schedules(world, every_seconds=2):
        world.microsoft.webhooks.trouble = NoticeTrouble(copies=2, drop=0.1, delay_max_ms=300)
        ordered = order_faults(world, random.Random(seed))
        stage = Stage(world, calm=False)
        results = play(stage, scenes, show=lambda _line: None)
        counted = figures(stage)
        strays = [one for one in world.dead_letters().newest() if one.link not in stage.poisoned]
        counted["faults"] = sum(_hits(faults) for faults in ordered)
    wrong = [f"{one.scene.number} {one.why}" for one in results if one.why]
    wrong += [f"{counted[name]} {name}" for name in ("duplicates", "lost") if counted[name]]
    wrong += [
        f"stray dead letter of {one.link or one.queue_url}: {one.error} {(one.cause or '')[:300]}" for one in strays
    ]
    return wrong, counted | {"scenes": len(results), "held": sum(one.why is None for one in results)}


def order_faults(world: World, dice: random.Random) -> list[FaultRules]:
    """Faults that pass by themselves, each with a small chance on every call until the world ends; of all vendors.

    No create fails at Microsoft or Google without being done and without saying so: such a one is looked for for
    minutes before there is another, longer than a scene waits; tests/workflow play it in turned time.
    """
    central, hubspot = world.central_server.faults, world.hubspot_server.faults
    microsoft, google = world.microsoft_server.faults, world.google_server.faults
    _order(central, dice, (*_READS, *_WRITES), status=503)
    _order(central, dice, _WRITES, status=500, answer_lost=True)
    _order(central, dice, _WRITES, status=400, code="ThrottlingException")
    _order(microsoft, dice, (*_MICROSOFT_READS, "UpdateReferral"), status=503)
    _order(microsoft, dice, _MICROSOFT_WRITES, status=500, answer_lost=True)
    _order(microsoft, dice, (*_MICROSOFT_READS, *_MICROSOFT_WRITES), status=429, headers={"Retry-After": "1"})
    _order(google, dice, (*_GOOGLE_READS, "opportunities.patch"), status=503)
    _order(google, dice, _GOOGLE_WRITES, status=500, answer_lost=True)
    _order(google, dice, ("opportunities.get", *_GOOGLE_WRITES), status=403, code="rateLimitExceeded")
    _order(hubspot, dice, (*_HUBSPOT_READS, *_HUBSPOT_WRITES), status=502)
    _order(hubspot, dice, _HUBSPOT_WRITES, status=504, answer_lost=True)
    return [central, hubspot, microsoft, google]


def _order(faults: FaultRules, dice: random.Random, operations: tuple[str, ...], **fault: Any) -> None:
    for operation in operations:
        faults.add(operation, probability=dice.uniform(0.02, 0.08), count=None, **fault)


def _hits(faults: FaultRules) -> int:
    return sum(rule["hits"] for rule in faults.as_list())


def run(rounds: int, seed: int, first: int = 1, last: int = SCENES[-1].number) -> int:
    """``cosell soak``: prints a line per round and one JSON line; 0 when everything held."""
    scenes = [one for one in SCENES if first <= one.number <= last]
    totals = soak(rounds, seed, lambda line: print(line, flush=True), scenes)
    print(json.dumps(totals))
    return 1 if totals["failed"] else 0
