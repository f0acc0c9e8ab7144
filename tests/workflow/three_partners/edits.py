"""Edits as people make them, drawn by the dice: on the deal and its company and contact, and at each partner."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sandbox.hubspot import RepDeal
from sandbox.turned import World
from tests.workflow.three_partners.support import ID, TAGS

DEAL_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
)
AWS_STAGES = ("Qualified", "Technical Validation", "Business Validation")
_GOOGLE_STAGES = tuple(f"SANDBOX_STAGE_{number}" for number in range(5))
_DAYS = ("2027-02-28", "2027-05-31", "2027-08-30")

Edit = Callable[[World, RepDeal, Random], None]


def deal(world: World, made: RepDeal, dice: Random) -> None:
    """The rep changes a property."""
    changes: list[dict[str, str]] = [
        {"amount": str(dice.randint(40, 90) * 1000)},
        {"closedate": f"{dice.choice(_DAYS)}T00:00:00Z"},
        {"hs_next_step": f"Call number {dice.randint(1, 99)}"},
        {"dealstage": dice.choice(DEAL_STAGES)},
        {"description": f"Moving {dice.randint(20, 60)} servers to the cloud this year."},
        {"dealname": f"Harbour Migration {dice.randint(1, 9)} {TAGS}"},
        {"amount": str(dice.randint(40, 90) * 1000), "dealstage": dice.choice(DEAL_STAGES)},
    ]
    world.hubspot.account.update("deals", made.deal_id, dice.choice(changes))


def tag(world: World, made: RepDeal, dice: Random) -> None:
    """The rep takes a tag off, or puts all on again."""
    tags = TAGS.split()
    if dice.random() < 0.5:
        tags.remove(dice.choice(tags))
    name = world.deal(made.deal_id)["dealname"].split(" #")[0]
    world.hubspot.account.update("deals", made.deal_id, {"dealname": " ".join([name, *tags])})


def company(world: World, made: RepDeal, dice: Random) -> None:
    """The company moves or grows."""
    changes = [
        {"city": f"Exampletown {dice.randint(1, 9)}"},
        {"numberofemployees": str(dice.choice((5, 80, 3000)))},
        {"zip": dice.choice(("98101", "98199"))},
    ]
    world.hubspot.account.update("companies", made.company_id, dice.choice(changes))


def contact(world: World, made: RepDeal, dice: Random) -> None:
    """The contact has another number or name."""
    changes = [{"phone": f"+120655501{dice.randint(10, 99)}"}, {"firstname": f"Pat-{dice.choice('ABC')}"}]
    world.hubspot.account.update("contacts", made.contact_id, dice.choice(changes))


def aws(world: World, made: RepDeal, dice: Random) -> None:
    """AWS's people write."""
    opportunity_id = _id(world, made, "aws")
    edits: list[dict[str, str]] = [
        {"next_steps": f"AWS would meet {dice.randint(1, 99)}"},
        {"stage": dice.choice(AWS_STAGES)},
    ]
    if opportunity_id:
        world.central.account.edit_as_aws(opportunity_id, **dice.choice(edits))


def microsoft(world: World, made: RepDeal, dice: Random) -> None:
    """Microsoft's people write."""
    referral_id = _id(world, made, "microsoft")
    edits: list[dict[str, Any]] = [
        {"details": {"notes": f"Microsoft's note {dice.randint(1, 99)} on the servers."}},
        {"details": {"dealValue": float(dice.randint(40, 90) * 1000)}},
        {"details": {"closingDateTime": f"{dice.choice(_DAYS)}T00:00:00.0000000Z"}},
        {"statusReason": f"Reason {dice.randint(1, 99)}"},
    ]
    if referral_id:
        world.microsoft.account.edit_as_microsoft(referral_id, **dice.choice(edits))


def google(world: World, made: RepDeal, dice: Random) -> None:
    """Google reviews, or its people write."""
    opportunity_id = _id(world, made, "google")
    if not opportunity_id:
        return
    name, account = world.google.name_of(opportunity_id), world.google.account
    if world.google.documents()[opportunity_id]["state"] == "SUBMITTED":
        account.review(name, accept=dice.random() < 0.8, reason="Please say more.")
        return
    edits: list[dict[str, Any]] = [
        {"stage": dice.choice(_GOOGLE_STAGES)},
        {"isvSolutionConnectInfo.nextStep": f"Google would meet {dice.randint(1, 99)}"},
        {"opportunityInfo.description": f"Google's words {dice.randint(1, 99)}"},
    ]
    account.edit_as_google(name, dice.choice(edits))


EVERYBODY: tuple[Edit, ...] = (deal, deal, deal, tag, company, contact, aws, microsoft, google, google)


def _id(world: World, made: RepDeal, partner: str) -> str | None:
    return world.deal(made.deal_id).get(ID[partner])
