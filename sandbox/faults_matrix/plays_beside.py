"""What happens in the scenarios beside a deal that lives both ways: invitations, submissions, looks, people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdas.shared.errors import Throttled
from sandbox.faults_matrix.plays import INVITATION, READY, answers, come_to_rest, fails, say
from sandbox.hubspot.actors import rep
from sandbox.hubspot.fixtures import create_rep_owner
from sandbox.partner_central.switches import TaskPace
from sandbox.turned import World
from sandbox.turned.parts import look_inbox_of

Play = Callable[[World], None]
LOOK_KINDS = ("summary", "notifications", "resources", "engagement")


def invited(answer: Mapping[str, str] | None = None, *, lead: bool = False) -> Play:
    """AWS invites us; ``answer`` is what a person says on the deal, None where the rule accepts."""

    def play(world: World) -> None:
        more: dict[str, Any] = {}
        if lead:
            contact = {"FirstName": "Ann", "LastName": "Lead", "Email": "ann@bigcorp.example", "BusinessTitle": "CIO"}
            more = {"lead": True, "contacts": [contact]}
        world.central.account.send_invitation(**{**INVITATION, **more})
        world.run_until_quiet()
        world.sweep()
        said = dict(answer or {})
        if said.get("aws_invitation_deal"):
            said["aws_invitation_deal"] = world.new_deal("Harbour #AWS").deal_id
            world.run_until_quiet()
        _say_on_invited(world, said)
        if lead:
            _say_on_invited(world, {"aws_lead_qualification": "Under evaluation"})
            _say_on_invited(world, {"aws_lead_qualification": "Qualified"})
        come_to_rest(world)

    return play


def _say_on_invited(world: World, said: Mapping[str, str]) -> None:
    for one in world.hubspot.account.records("deals"):
        if said and world.deal(one.id).get("aws_invitation_id"):
            say(world, one.id, **said)


def submitted(pace: TaskPace | None = None, *, looks: bool = False) -> Play:
    """A deal is submitted for AWS's review; AWS approves it, and says more about it."""

    def play(world: World) -> None:
        if pace:
            world.central.account.settings.submit_pace = pace
        if looks:
            for kind in ("summary", "notifications", "resources", "engagement"):
                world.functions[f"aws.{kind}"]({"poll": f"aws.{kind}"})
        world.new_deal(deal=dict(READY))
        come_to_rest(world)  # each step is seen before the next one: a look tells what it finds, not what was between
        for key in list(world.opportunities()) if looks else ():
            summary = {"Insights": {"EngagementScore": "High", "NextBestActions": "Call"}}
            world.central.account.edit_as_aws(key, catalog="Sandbox", review_status="Approved", summary=summary)
            come_to_rest(world)
            world.central.account.add_snapshot(key)
        for kind in LOOK_KINDS if looks else ():
            unknown = {"opportunity": "O9999999", "why": "partner", "correlation_id": "unknown"}
            world.parts.queues[look_inbox_of(kind)].send(unknown)
        if looks:
            _stop_jobs(world)
        come_to_rest(world)

    return play


def looked_at(world: World) -> None:
    """A submitted deal, and one look of each kind."""
    for kind in LOOK_KINDS:
        world.functions[f"aws.{kind}"]({"poll": f"aws.{kind}"})
    world.new_deal(deal=dict(READY))
    come_to_rest(world)


def looked_at_early(world: World) -> None:
    """As ``looked_at``; the look at resources, whose poll comes seldom, is asked for as soon as there is a record."""
    for kind in LOOK_KINDS:
        world.functions[f"aws.{kind}"]({"poll": f"aws.{kind}"})
    world.new_deal(deal=dict(READY))
    world.advance(60)
    for key in world.opportunities():
        world.parts.queues[look_inbox_of("resources")].send(
            {"opportunity": key, "why": "partner", "correlation_id": "early"}
        )
    come_to_rest(world)


def looks_wait(world: World) -> None:
    """Gathering is throttled for longer than a run tries."""
    for kind in LOOK_KINDS:
        fails(world, f"aws.gather.{kind}", Throttled("ordered"), 8)


def _stop_jobs(world: World) -> None:
    """Somebody stops the jobs that share our changes, then takes them away; each time the next look puts it right."""
    jobs: dict[str, Any] = world.central.account.catalogs["Sandbox"].jobs
    for trouble in ("stopped", "gone"):
        come_to_rest(world)
        for job in jobs.values():
            job.status = "Stopped"
        if trouble == "gone":
            jobs.clear()
        for key in list(world.opportunities()):
            world.central.account.edit_as_aws(key, catalog="Sandbox", next_steps=f"Call: {trouble}")


def owned(world: World) -> None:
    """The deal's owner is assigned at AWS, and changes."""
    deal = world.new_deal().deal_id
    world.run_until_quiet()
    owner = create_rep_owner(world.hubspot.account, 601)
    say(world, deal, hubspot_owner_id=owner)
    come_to_rest(world)


def referred(world: World) -> None:
    """Microsoft sends a referral, which the rule accepts."""
    world.microsoft.account.new_incoming_referral()
    world.run_until_quiet()
    come_to_rest(world)


def noted(world: World) -> None:
    """A note of the deal that is meant for the partner, a new name of its company, another contact."""
    made = world.new_deal()
    world.run_until_quiet()
    account = world.hubspot.account
    account.create(
        "notes",
        {"hs_note_body": "#AWS next: Call them", "hs_timestamp": "2026-11-28T10:00:00Z"},
        rep(),
        [("deals", made.deal_id)],
    )
    account.update("companies", made.company_id, {"name": "Harbour Holding"})
    account.update("contacts", made.contact_id, {"jobtitle": "CTO"})
    come_to_rest(world)


def busy_look(world: World) -> None:
    """The first look of each kind meets another one of its kind."""
    begin, met = world.functions["aws.BeginLook"], set()

    def begun(event: Mapping[str, Any]) -> Any:
        kind = event["run"]["kind"]
        if kind in met:
            return begin(event)
        met.add(kind)
        return {**begin(event), "look": False, "busy": True, "again": False}

    world.functions["aws.BeginLook"] = begun


def asked_twice(world: World) -> None:
    """A submission that takes long is asked for twice."""
    fails(world, "aws.StartSubmission", Throttled("ordered"), 8)
    sent, queue = [], world.parts.queues["submissions"]
    send = queue.send

    def twice(message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        send(message, delay_seconds)
        if not sent:
            sent.append(message)
            send(message, 60)

    queue.send = twice  # type: ignore[method-assign]


def submission_slots(world: World) -> None:
    """Only where the submission asks: its run has no link."""
    reserve, left = world.functions["aws.ReserveQuota"], [("later", 400), ("wait", 12)]

    def reserved(event: Mapping[str, Any]) -> Any:
        answer = reserve(event)
        if "link" in event["run"] or not left:
            return answer
        verdict, seconds = left.pop(0)
        at = world.clock.now_ms() + seconds * 1000
        return {**answer, "verdict": verdict, "wait_seconds": seconds if verdict == "wait" else 0, "not_before": at}

    world.functions["aws.ReserveQuota"] = reserved


def over(world: World) -> None:
    """There is nothing to submit any more."""
    answers(world, "aws.StartSubmission", lambda _answer: {"state": "over"}, instead=True)
