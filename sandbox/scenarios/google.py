"""Google's review of what we submit, and opportunities that begin at Google."""

from __future__ import annotations

from sandbox.scenarios.scene import Stage

BROUGHT = "Summit Analytics"
REASON = "The customer is not in our program yet."


def review(stage: Stage) -> None:
    """Two of ours are submitted by a person; Google accepts one and rejects the other, with its reason."""
    world = stage.world
    world.begin_polls("google")
    accepted, rejected = stage.new_deal("Ridge Monitoring #GCP"), stage.new_deal("Delta Ledger #GCP")
    ours = {one.deal_id: stage.google_of(one.deal_id) for one in (accepted, rejected)}
    for deal_id, opportunity in ours.items():
        stage.require(opportunity.state == "DRAFT", f"a draft until a person submits it, it is {opportunity.state}")
        stage.shown(deal_id, gcp_sync_status="synced")
        stage.edit(deal_id, gcp_submit="true")
    for deal_id, opportunity in ours.items():
        stage.wait(lambda one=opportunity: one.state == "SUBMITTED", f"deal {deal_id} submitted")
        stage.shown(deal_id, gcp_review_status="SUBMITTED")
    stage.say("two drafts, submitted once a person said so on the deal")
    with stage.timed():
        world.google.review(ours[accepted.deal_id].name, accept=True)
        world.google.review(ours[rejected.deal_id].name, accept=False, reason=REASON)
        world.poll("google.opportunities")
        stage.shown(accepted.deal_id, gcp_review_status="ACCEPTED")
        stage.shown(rejected.deal_id, gcp_review_status="REJECTED", gcp_review_reason=REASON)
    stage.say(f"one is accepted; the other shows why not: “{REASON}”")


def bring(stage: Stage) -> str:
    """An opportunity begins at Google, and the poll comes by; its name."""
    stage.world.begin_polls("google")
    name = stage.world.google.new_google_opportunity(_theirs())
    stage.world.poll("google.opportunities")
    return name


def brought(stage: Stage, name: str) -> None:
    """It becomes a deal with tag and company."""
    world = stage.world
    deal_id = stage.wait(lambda: _deal_of(stage, name), "a deal made of Google's opportunity")
    stage.deals.append(deal_id)
    shown = world.deal(deal_id)
    stage.require(shown["dealname"] == f"{BROUGHT} #GCP", f"the tag in the name, it is {shown['dealname']!r}")
    companies = world.hubspot.associated("deals", deal_id, "companies")
    stage.require(companies, "the company on the deal")
    stage.shown(deal_id, gcp_review_status="ACCEPTED")
    stage.say(f"Google's {name} became deal “{shown['dealname']}”")


def _theirs() -> dict[str, object]:
    return {
        "opportunityInfo": {
            "displayName": BROUGHT,
            "description": "Dashboards for lift operators.",
            "opportunityAmount": {"currencyCode": "USD", "units": "38000"},
            "productFamily": ["SANDBOX_CLOUD"],
        },
        "qualificationInfo": {"estimatedCloseDate": {"year": 2027, "month": 8, "day": 31}},
        "customerInfo": {
            "customerDetails": {
                "organizationName": "Summit Lifts Example",
                "domain": "summit-lifts.example",
                "address": {"regionCode": "US", "locality": "Exampleville"},
            },
            "contact": {"email": "kim@summit-lifts.example", "givenName": "Kim", "familyName": "Sample"},
        },
    }


def _deal_of(stage: Stage, name: str) -> str | None:
    for record in stage.world.hubspot.records("deals"):
        if record.values().get("gcp_opportunity_id") == name.removeprefix("opportunities/"):
            return record.id
    return None
