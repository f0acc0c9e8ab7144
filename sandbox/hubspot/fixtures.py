"""Obviously made-up people and deals for tests and the demo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.actors import rep


@dataclass(frozen=True, slots=True)
class RepDeal:
    """The ids of a deal that a rep created, with its company, contact and owner."""

    deal_id: str
    company_id: str
    contact_id: str
    owner_id: str


def create_rep_deal(
    account: HubSpotAccount,
    name: str = "BigCorp Cloud Migration #AWS",
    *,
    number: int = 1,
    country: str | None = "US",
    deal: Mapping[str, str] | None = None,
    company: Mapping[str, str] | None = None,
    user_id: int = 600,
) -> RepDeal:
    """A rep creates a company, a contact and a deal and ties them. ``country`` None leaves the company's empty."""
    actor = rep(user_id)
    owner = create_rep_owner(account, user_id)
    domain = f"bigcorp-{number}.example"
    facts = {
        "name": f"BigCorp {number}",
        "domain": domain,
        "website": f"https://{domain}",
        "industry": "COMPUTER_SOFTWARE",
    }
    if country is not None:
        facts |= {"country": country, "state": "WA", "city": "Exampleville", "zip": "98101"}
    company_id = account.create("companies", {**facts, **(company or {})}, actor).id
    person = {"email": f"pat.example-{number}@{domain}", "firstname": "Pat", "lastname": "Example", "jobtitle": "CTO"}
    contact_id = account.create("contacts", person, actor, [("companies", company_id)]).id
    values = {
        "dealname": name,
        "dealstage": "qualifiedtobuy",
        "pipeline": "default",
        "amount": "50000",
        "closedate": "2027-03-31T00:00:00Z",
        "hubspot_owner_id": owner,
        **(deal or {}),
    }
    deal_id = account.create("deals", values, actor, [("companies", company_id), ("contacts", contact_id)]).id
    return RepDeal(deal_id, company_id, contact_id, owner)


def create_rep_owner(account: HubSpotAccount, user_id: int = 600) -> str:
    """The owner id of the rep with that user id, made if need be."""
    for owner in account.state.owners.owners.values():
        if owner.user_id == user_id:
            return owner.id
    return account.add_owner("Robin", f"Rep-{user_id}", f"robin.rep-{user_id}@isv.example", user_id).id
