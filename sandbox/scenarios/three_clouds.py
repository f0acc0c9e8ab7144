"""One deal at AWS, Microsoft and Google at once."""

from __future__ import annotations

from sandbox.faults import FaultRule, FaultRules
from sandbox.google.schema import get as google_get
from sandbox.hubspot.fixtures import RepDeal
from sandbox.partner_central.fields import get
from sandbox.scenarios import google, microsoft
from sandbox.scenarios.scene import CHOICES, Stage

TITLE = "Contoso Migration"
_PREFIXES = ("aws", "microsoft", "gcp")


def one_deal(stage: Stage) -> None:
    """Three tags, three records; edits reach all three; Microsoft and Google answer back, each only to the deal."""
    world = stage.world
    world.poll("google.opportunities")
    servers = (world.central_server, world.microsoft_server, world.google_server)
    witnesses = [(server.faults, rule) for server in servers for rule in _witnesses(server.faults)]
    deal = _create(stage)
    _edit(stage, deal)
    _answer(stage, deal)
    for faults, rule in witnesses:
        hits = next(one["hits"] for one in faults.as_list() if one["id"] == rule.id)
        stage.require(hits == 0, f"no request with a tag in it, {hits} had {rule.match}")
        faults.clear(rule.id)
    stage.say("no request to any of the three carried a tag")


def both_send(stage: Stage) -> None:
    """A referral of Microsoft's and an opportunity of Google's become deals; a person accepts the referral."""
    name = google.bring(stage)
    microsoft.referral(stage)
    google.brought(stage, name)


def _witnesses(faults: FaultRules) -> list[FaultRule]:
    """Rules that do nothing but count the requests with a tag in their body."""
    return [faults.add(match=tag, count=None) for tag in CHOICES]


def _create(stage: Stage) -> RepDeal:
    world = stage.world
    with stage.timed():
        deal = stage.new_deal(f"{TITLE} #AWS #Microsoft #GCP")
        opportunity, referral_id = stage.opportunity_of(deal.deal_id), stage.referral_of(deal.deal_id)
        theirs = stage.google_of(deal.deal_id)
    titles = {
        "AWS": get(opportunity.document, "Project.Title"),
        "Microsoft": world.referral(referral_id)["name"],
        "Google": google_get(theirs.document, "opportunityInfo.displayName"),
    }
    stage.require(set(titles.values()) == {TITLE}, f"the title without any tag everywhere, there are {titles}")
    stage.say(f"{opportunity.id} at AWS, {referral_id} at Microsoft, {theirs.name} at Google, all “{TITLE}”")
    _all_synced(stage, deal)
    standing = stage.wait(lambda: world.deal(deal.deal_id).get("microsoft_status"), "Microsoft's status on the deal")
    stage.shown(deal.deal_id, gcp_review_status="DRAFT")
    shown = world.deal(deal.deal_id)
    names = [shown[name] for name in ("aws_opportunity_title", "microsoft_referral_name", "gcp_opportunity_name")]
    stage.require(set(names) == {TITLE}, f"the titles on the deal, there are {names}")
    stage.say(f"the deal shows all three ids; {standing} at Microsoft, a draft at Google")
    return deal


def _edit(stage: Stage, deal: RepDeal) -> None:
    """Amount and close date, as each partner writes them."""
    world = stage.world
    opportunity, theirs = stage.opportunity_of(deal.deal_id), stage.google_of(deal.deal_id)
    referral_id = stage.referral_of(deal.deal_id)
    with stage.timed():
        stage.edit(deal.deal_id, amount="64000", closedate="2027-09-30T00:00:00Z")
        stage.wait(
            lambda: get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "64000.00",
            "the amount at AWS",
        )
        stage.wait(lambda: world.referral(referral_id)["details"]["dealValue"] == 64000, "the amount at Microsoft")
        stage.wait(
            lambda: google_get(theirs.document, "opportunityInfo.opportunityAmount")["units"] == "64000",
            "the amount at Google",
        )
    stage.wait(lambda: get(opportunity.document, "LifeCycle.TargetCloseDate") == "2027-09-30", "the date at AWS")
    stage.wait(
        lambda: str(world.referral(referral_id)["details"]["closingDateTime"]).startswith("2027-09-30"),
        "the date at Microsoft",
    )
    stage.wait(
        lambda: (
            google_get(theirs.document, "qualificationInfo.estimatedCloseDate") == {"year": 2027, "month": 9, "day": 30}
        ),
        "the date at Google",
    )
    stage.say("amount 64000 and close date 2027-09-30 arrived at all three")


def _answer(stage: Stage, deal: RepDeal) -> None:
    """A change at Microsoft and one at Google come back to the deal."""
    world, theirs = stage.world, stage.google_of(deal.deal_id)
    with stage.timed():
        world.microsoft.edit_as_microsoft(
            stage.referral_of(deal.deal_id), details={"notes": "Their architect joins in May."}
        )
        stage.shown(deal.deal_id, description="Their architect joins in May.")
    world.begin_polls("google")
    with stage.timed():
        world.google.edit_as_google(theirs.name, {"isvSolutionConnectInfo.nextStep": "Book the workshop"})
        world.poll("google.opportunities")
        stage.shown(deal.deal_id, hs_next_step="Book the workshop")
    stage.say("Microsoft's note and Google's next step are on the deal")


def _all_synced(stage: Stage, deal: RepDeal) -> None:
    stage.shown(deal.deal_id, **{f"{prefix}_sync_status": "synced" for prefix in _PREFIXES})
