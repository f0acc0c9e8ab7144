"""Short plays that together pass every state and every vendor call; which one passes what is measured, not written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import config
from lambdas.shared.errors import Conflict, Rejected, Throttled
from sandbox.faults_matrix.plays import (
    ASK,
    TAG,
    answers,
    come_to_rest,
    fails,
    fails_for_minutes,
    say,
)
from sandbox.faults_matrix.plays_beside import (
    Play,
    asked_twice,
    busy_look,
    invited,
    looked_at,
    looked_at_early,
    looks_wait,
    noted,
    over,
    owned,
    referred,
    submission_slots,
    submitted,
)
from sandbox.partner_central.switches import TaskPace
from sandbox.turned import World
from sandbox.turned.vendors import configuration


@dataclass(frozen=True)
class Scenario:
    """``play`` acts and lets everything happen; ``options`` are those of its world."""

    name: str
    play: Play
    options: Mapping[str, Any] = field(default_factory=dict)


def both_ways(partner: str) -> Play:
    """A deal is created, changed here and changed there."""

    def play(world: World) -> None:
        draft = {"gcp_submit": "false"} if partner == "google" else {}  # what is submitted takes no change
        deal = world.new_deal(f"Harbour Migration {TAG[partner]}", deal=draft).deal_id
        world.run_until_quiet()
        say(world, deal, amount="61000")
        _edit_there(world, partner)
        come_to_rest(world)

    return play


def _edit_there(world: World, partner: str) -> None:
    for key in list(world.sides[partner].documents()):
        if partner == "aws":
            world.central.account.edit_as_aws(key, next_steps="Meet in May")
        elif partner == "microsoft":
            world.microsoft.account.edit_as_microsoft(key, statusReason="Reason")
        else:
            step = {"isvSolutionConnectInfo.nextStep": "Step"}
            world.google.account.edit_as_google(world.google.name_of(key), step)
    world.run_until_quiet()


def after(trouble: Callable[[World], None], play: Play) -> Play:
    """The play with something arranged before."""

    def both(world: World) -> None:
        trouble(world)
        play(world)

    return both


def _slots(prefix: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        def later(seconds: int, verdict: str) -> Callable[[Any], dict[str, Any]]:
            return lambda _answer: {
                "verdict": verdict,
                "wait_seconds": seconds if verdict == "wait" else 0,
                "not_before": world.clock.now_ms() + seconds * 1000,
                "spacing_ms": 1000,
            }

        answers(world, f"{prefix}.ReserveQuota", later(400, "later"), later(12, "wait"))

    return arrange


def _vendor_away(partner: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        world.sides[partner].faults.add("*", status=503, count=8)

    return arrange


def _hubspot_away(world: World) -> None:
    world.hubspot.faults.add("deals.read", status=503, count=8)


def _overtaken(partner: str) -> Callable[[World], None]:
    return lambda world: fails(world, f"{partner}.UpdateOpportunity", Conflict("ordered"), 1)


def _hung(partner: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        work, hung = world.functions[f"{partner}.RecordOutcome"], []

        def hangs(event: Mapping[str, Any]) -> Any:
            if not hung:
                hung.append(event)
                key = event["run"]["link"]
                world.parts.links.raise_many([key])
                world.parts.inbox(partner).send({"link": key, "why": "sweep", "correlation_id": "hung"})
                world.baton.sleep(350)
            return work(event)

        world.functions[f"{partner}.RecordOutcome"] = hangs

    return arrange


def _changed_meanwhile(partner: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        work, done = world.functions[f"{partner}.PlanChanges"], []

        def changed(event: Mapping[str, Any]) -> Any:
            if not done:
                done.append(event)
                world.parts.links.raise_many([event["run"]["link"]])
            return work(event)

        world.functions[f"{partner}.PlanChanges"] = changed

    return arrange


_WAKES = {"again": False, "look_in": 0, "wake_in": 600}


def _wakes(partner: str) -> Callable[[World], None]:
    return lambda world: answers(world, f"{partner}.RecordOutcome", lambda answer: {**answer, **_WAKES})


def _of_partner(partner: str) -> list[Scenario]:
    o, play = {"partners": (partner,)}, both_ways(partner)
    troubles: dict[str, Callable[[World], None]] = {
        "slots": _slots(partner),
        "vendor away": _vendor_away(partner),
        "HubSpot away": _hubspot_away,
        "overtaken": _overtaken(partner),
        "hung": _hung(partner),
        "changed meanwhile": _changed_meanwhile(partner),
        "wakes": _wakes(partner),
    }
    scenarios = [Scenario(f"{partner}: both ways", play, o)]
    return scenarios + [Scenario(f"{partner}: {name}", after(one, play), o) for name, one in troubles.items()]


def _lead_first() -> dict[str, Any]:
    shipped = config.render_settings(configuration(), "sandbox")["partners"]["google"]["lead"]
    return {"partners": ("google",), "settings": {"google": {"lead": {**shipped, "enabled": True}}}}


def _persons(number: int) -> dict[str, str]:
    return {"email": f"p{number}@isv.example", "first_name": "Pat", "last_name": f"Rep{number}", "title": "Manager"}


_ASKS: dict[str, Any] = {"settings": {"aws": {"invitations": ASK}}}
_LOOKS: dict[str, Any] = {"looks": True}
_SLOW = TaskPace(delay_ms=200_000)


def _of_aws() -> list[Scenario]:
    link = {"aws_invitation_answer": "link", "aws_invitation_deal": "?"}
    reject = {"aws_invitation_answer": "reject", "aws_invitation_reject_reason": "Next steps unclear"}
    accept = {"aws_invitation_answer": "accept"}
    busy = lambda name: lambda world: fails(world, name, Throttled("ordered"), 8)  # noqa: E731
    refused = lambda world: fails(world, "aws.StartAcceptance", Rejected("ordered", []), 1)  # noqa: E731
    return [
        Scenario("aws: invited", invited()),
        Scenario("aws: invited, asks, accepted", invited(accept), _ASKS),
        Scenario("aws: invited, asks, rejected", invited(reject), _ASKS),
        Scenario("aws: invited, asks, tied", invited(link), _ASKS),
        Scenario("aws: lead", invited(accept, lead=True), _ASKS),
        Scenario("aws: invited, slots", after(_slots("aws"), invited())),
        Scenario("aws: invited, acceptance busy", after(busy("aws.CheckAcceptance"), invited())),
        Scenario("aws: invited, not begun", after(busy("aws.DecideInvitation"), invited())),
        Scenario("aws: invited, refused", after(refused, invited())),
        Scenario("aws: submitted", submitted()),
        Scenario("aws: submitted, slow", submitted(_SLOW)),
        Scenario("aws: submitted, slots", after(submission_slots, submitted())),
        Scenario("aws: submitted, asked twice", after(asked_twice, submitted(_SLOW))),
        Scenario("aws: submitted, over", after(over, submitted())),
        Scenario("aws: looked at once", looked_at, _LOOKS),
        Scenario("aws: looks busy", after(busy_look, looked_at), _LOOKS),
        Scenario("aws: looks wait", after(looks_wait, looked_at), _LOOKS),
        Scenario("aws: looked at", submitted(looks=True), _LOOKS),
    ]


def _of_people() -> list[Scenario]:
    table = {f"robin.rep-{number}@isv.example": _persons(number) for number in (600, 601)}
    accepts = {"partners": ("microsoft",), "settings": {"microsoft": {"referrals": "accept-all"}}}
    return [
        Scenario("aws: owned", owned, {"settings": {"aws": {"owners": table}}}),
        Scenario("aws: noted", noted),
        Scenario("microsoft: referred", referred, accepts),
        Scenario("google: lead first", both_ways("google"), _lead_first()),
    ]


def poll_trouble(poll: str, partner: str) -> Scenario:
    """A poll that has another page, then is throttled, then fails until its message is a dead letter."""

    def play(world: World) -> None:
        answers(world, poll, lambda answer: {**answer, "more": True})
        _poll_now(world, poll)
        fails(world, poll, Throttled("ordered"), 8)
        _poll_now(world, poll)
        fails_for_minutes(world, poll, 20)
        _poll_now(world, poll)
        come_to_rest(world)

    options = {"partners": (partner,), "looks": partner == "aws", "letters": True}
    return Scenario(f"{poll}: trouble", play, options)


def _poll_now(world: World, poll: str) -> None:
    world.poll(poll)
    world.run_until_quiet()


def poisoned(play: Play, *functions: str, minutes: int = 20, **options: Any) -> Scenario:
    """Functions fail until their message is a dead letter, and some time after."""

    def poison(world: World) -> None:
        for function in functions:
            fails_for_minutes(world, function, minutes)

    return Scenario(f"{functions[0]}: dead letters", after(poison, play), {**options, "letters": True})


def every(polls: Mapping[str, str]) -> list[Scenario]:
    """All scenarios, the shortest first; ``polls`` maps a poll to the partner in whose world it is played."""
    scenarios = [one for partner in TAG for one in _of_partner(partner)] + _of_aws() + _of_people()
    for partner in TAG:
        scenarios.append(poisoned(both_ways(partner), f"{partner}.PlanChanges", partners=(partner,)))
    scenarios += [
        poisoned(both_ways("aws"), "route_notices"),
        poisoned(invited(), "aws.DecideInvitation"),
        poisoned(submitted(), "aws.StartSubmission"),
        poisoned(looked_at_early, "aws.BeginLook", minutes=180, looks=True),
    ]
    for poll, partner in polls.items():
        scenarios.append(poll_trouble(poll, partner))
    return scenarios
