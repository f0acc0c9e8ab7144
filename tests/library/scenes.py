"""Short plays in the turned world, in which everything is written once that a deployed stage keeps.

``watch(world)`` is called with each world before anything happens in it. Everybody in the plays is made up.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import config
from cli.backfill_apply import Applying
from lambdas.shared.adapters.ledger import Backfills, DeadLetters, Forgets, Subjects, Sweep, Watermark
from lambdas.shared.domain.personal import subject_of
from lambdas.shared.handlers import forget_person
from sandbox.fakes import FakeQueue
from sandbox.partner_central.switches import TaskPace
from sandbox.turned import Options, World
from sandbox.turned.parts import LEDGER
from tests.workflow.backlog import backlog

type Watch = Callable[[World], None]

PERSON = "robin@forgotten.example"
INVITATION = {
    "catalog": "Sandbox",
    "title": "Shared harbour",
    "business_problem": "The customer wants to move its ERP to the cloud.",
    "company": "Harbour Customer",
    "industry": "Gaming",
    "country": "DE",
    "website": "harbour-customer.example",
    "target_completion_date": "2027-03-31",
}
ASK = {"rule": "ask", "remind_days": 3, "lead_qualified": "Qualified", "listed": {}}
LISTED = {"senders": [], "industries": ["Retail"], "countries": ["US"], "otherwise": "reject:Unable to support"}
READY = {
    "aws_use_case": "Migration / Database Migration",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Conducted POC / Demo",
    "aws_primary_needs": "Co-Sell - Deal Support",
    "aws_submit": "true",
}


class PlainWrap:
    """Stands for KMS: the private key is kept as it is. ``unwrap`` gives back what any other wrote."""

    def wrap(self, private: bytes, subject: str) -> str:
        return b64encode(private).decode()

    def unwrap(self, wrapped: str, subject: str) -> bytes:
        return b64decode(wrapped)


def three_partners(watch: Watch) -> None:
    """Looks, a change, a pause, a merge, a referral that comes in, and an answer that is lost."""
    world = World(Options(seed=1, partners=("aws", "microsoft", "google"), looks=True, letters=True))
    watch(world)
    first = world.new_deal("Harbour Migration #AWS #Microsoft #GCP")
    second = world.new_deal("Vineyard Forecasting #AWS", number=2)
    world.run_until_quiet()
    third = world.new_deal("Vineyard Harvest #AWS", number=3)
    world.hubspot.account.update("deals", first.deal_id, {"amount": "64000"})
    world.hubspot.account.update("deals", second.deal_id, {"dealname": "Vineyard Forecasting"})
    world.microsoft.account.new_incoming_referral(name="Sent by Microsoft")
    world.central.faults.add("CreateOpportunity", status=500, answer_lost=True, count=8)
    world.run_until_quiet()
    world.hubspot.account.merge("deals", third.deal_id, second.deal_id)
    world.poll("aws.solutions")
    world.run_until_quiet()


def invitations(watch: Watch) -> None:
    """Asked, accepted, linked, rejected; a lead; one that AWS fails, and one that the rule rejects."""
    world = World(Options(settings={"aws": {"invitations": ASK}}))
    watch(world)

    def asked(**more: Any) -> str:
        known = {one.id for one in world.hubspot.account.records("deals")}
        world.central.account.send_invitation(**{**INVITATION, **more})
        world.run_until_quiet()
        return next(one.id for one in world.hubspot.account.records("deals") if one.id not in known)

    def say(deal: str, **properties: str) -> None:
        world.hubspot.account.update("deals", deal, properties)
        world.run_until_quiet()

    accepted = asked()
    world.central.account.fail_tasks("accept", "InvitationAccessDenied", catalog="Sandbox")
    say(accepted, aws_invitation_answer="accept")
    say(accepted, aws_invitation_answer="")
    say(accepted, aws_invitation_answer="accept")
    say(asked(title="To be linked"), aws_invitation_answer="link", aws_invitation_deal=accepted)
    refused = asked(title="Not for us")
    say(refused, aws_invitation_answer="reject", aws_invitation_reject_reason="Unable to support")
    lead = asked(title="A lead", lead=True)
    say(lead, aws_invitation_answer="accept")
    say(lead, aws_lead_qualification="Under evaluation")
    say(lead, aws_lead_qualification="Qualified")

    listed = World(Options(settings={"aws": {"invitations": {**ASK, "rule": "listed", "listed": LISTED}}}))
    watch(listed)
    listed.central.account.settings.accept_pace = TaskPace(delay_ms=200_000)
    listed.central.account.fail_tasks("accept", "InternalError", catalog="Sandbox")
    listed.central.account.send_invitation(**INVITATION)
    listed.central.account.send_invitation(**{**INVITATION, "country": "US", "industry": "Retail", "title": "Taken"})
    listed.run_until_quiet()
    listed.parts.invitations.ignore("engi-late", "it had ended")


def submissions(watch: Watch) -> None:
    """A submission that fails, is begun anew, takes long, and locks what is edited meanwhile; and its engagement."""
    world, kinds = World(Options(looks=True)), ("resources", "engagement")
    watch(world)
    for kind in kinds:  # the first poll only notes where it begins
        world.functions[f"aws.{kind}"]({"poll": f"aws.{kind}"})
    world.central.account.settings.submit_pace = TaskPace(delay_ms=200_000)
    for reason in ("InternalError", "OpportunityValidationFailed"):
        world.central.account.fail_tasks("submit", reason, catalog="Sandbox", message="What AWS said")
    deal = world.new_deal("Orchard Sensors #AWS", deal=READY).deal_id
    world.run_until_quiet()
    for said in ("false", "true"):
        world.hubspot.account.update("deals", deal, {"aws_submit": said})
        world.run_until_quiet()
    world.hubspot.account.update("deals", deal, {"hs_next_step": "Ring the orchard"})
    world.run_until_quiet()
    for kind in kinds:
        world.poll(f"aws.{kind}")
        world.run_until_quiet()


def conflicts(watch: Watch) -> None:
    """A field that a person decides moves on both sides; and so few writes that a link keeps a slot for later."""
    shipped = config.render_settings(config.load(), "sandbox")["partners"]["aws"]
    manual = [{**rule, "strategy": "manual"} if rule["name"] == "next_steps" else rule for rule in shipped["fields"]]
    world = World(Options(settings={"aws": {"fields": manual}}, writes_per_second=0.01))
    watch(world)
    deal = world.new_deal("Lighthouse Archive #AWS", deal={"hs_next_step": "Agree on the scope"}).deal_id
    world.run_until_quiet()
    world.advance(60)
    world.hubspot.account.update("deals", deal, {"hs_next_step": "Ours"})
    for opportunity in world.opportunities():
        world.central.account.edit_as_aws(opportunity, next_steps="Theirs")
    world.run_until_quiet()
    world.hubspot.account.update("deals", deal, {"aws_conflict_pick": "hubspot"})
    world.run_until_quiet()


def dead_letters(watch: Watch) -> None:
    """Letters that are told, take each other's place, are replayed, dropped and resolved; what nobody can read."""
    world = World(Options(letters=True, looks=True))
    watch(world)
    letters = DeadLetters(world.store, LEDGER, world.clock)
    deal = world.new_deal("Quarry Planning #AWS").deal_id
    world.run_until_quiet()
    world.central.faults.add("GetOpportunity", malformed=True, count=None)
    for amount in ("71000", "72000"):
        world.hubspot.account.update("deals", deal, {"amount": amount})
        world.advance(7200)
    letters.replay(letters.newest("waiting")[0], world.sqs)
    world.advance(7200)
    letters.mark(letters.newest("waiting")[0].message_id, "dropped")
    world.hubspot.account.update("deals", deal, {"amount": "73000"})
    world.advance(7200)
    world.central.faults.clear()
    world.hubspot.account.update("deals", deal, {"amount": "74000"})
    world.advance(7200)
    world.parts.leases.note_failure("m-1", "Runtime.ExitError", "why", "execution")
    body = json.dumps({"link": world.links()[0]["pk"], "why": "poll", "correlation_id": "c"})
    letters.record("m-1", "aws.look.summary", body, 3, world.links()[0]["pk"], queue="aws-summary")
    world.advance(7200)
    world.parts.quarantine.put("no event of HubSpot", "{}")


def first_day(watch: Watch) -> None:
    """A backfill that is over and one that was left off; a count of all links that is not at its end."""
    world = World(Options())
    watch(world)
    backlog.past_deal(world, "Mill Monitoring #AWS")
    backlog.past_deal(world, "Mill Without Country #AWS", 2, country=None)
    backlog.past_opportunity(world, "Made by hand")
    world.clock.advance(seconds=60)
    here = backlog.access(world)
    backfills = Backfills(world.store, LEDGER, world.clock)
    for scope in ("all|all|all|careful", "aws|all|5|careful"):
        backfill_id, _ = backfills.begin(scope, f"of {len(scope)}")
        work = Applying(here, backfill_id)
        work.raise_all(backlog.findings(world))
        work.finish()
    backfills.end("of 19")
    world.parts.watermarks.move("ledger", "census", Watermark(page='{"pk": "x"}', high="{}"), Watermark())
    world.run_until_quiet()


def forgetting(watch: Watch) -> None:
    """A person whose values lie sealed in the audit, and one who was forgotten."""
    world = World(Options())
    watch(world)
    world.new_deal("Garden Planning #AWS")
    world.run_until_quiet()
    subjects = Subjects(world.store, LEDGER, PlainWrap(), world.clock)
    chain = world.links()[0]["pk"]
    for address in (PERSON, "sam@kept.example"):
        subjects.seal(subject_of(address), chain, "said")
    subjects.know([{"id": "77", "properties": {"email": "sam@kept.example"}}])
    p, queue = world.parts, FakeQueue()
    c = forget_person.Collaborators(
        Forgets(world.store, LEDGER),
        subjects,
        Sweep(world.store, LEDGER, "runs"),
        p.links,
        world.hubspot.adapter,
        p.audit,
        p.leases,
        queue,
        world.settings["partners"],
        world.clock,
    )
    queue.send({"subject": subject_of(PERSON), "asked_by": "operator", "correlation_id": "c"})
    while messages := queue.take_all():
        records = [{"messageId": str(n), "body": json.dumps(one)} for n, one in enumerate(messages)]
        assert forget_person.forget_person({"Records": records}, c) == {"batchItemFailures": []}
        watch(world)
        world.clock.advance(seconds=900)


ALL: tuple[Callable[[Watch], None], ...] = (
    three_partners,
    invitations,
    submissions,
    conflicts,
    dead_letters,
    first_day,
    forgetting,
)
