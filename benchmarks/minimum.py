"""The fewest vendor calls that each kind of work needs, and why each is needed: ``{operation: (count, why)}``.

A change is more than its own run. Our own write comes back as an event, and nobody can tell that event from another's:
it names the record and nothing else, and the version that our write made is known from its answer, but not whether AWS
has changed the record again since. So it is a notice like any other, and what follows has contracts of its own below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

type Contract = Mapping[str, tuple[int, str]]

CREATE: Contract = {
    "deals.batch_read": (1, "is the new deal tagged at all? Read in one call for up to 100 deals"),
    "deals.read": (1, "the deal as it is now, with history and associations"),
    "companies.read": (1, "company fields that AWS requires at create"),
    "owners.read": (1, "its owner's address, by which AWS knows our people (kept by the function for a while)"),
    "contacts.batch_read": (1, "contacts, all in one call"),
    "CreateOpportunity": (1, "the opportunity"),
    "AssociateOpportunity": (1, "one call per solution, none can be given at create"),
    "deals.update": (1, "id, title and status onto the deal, in one call"),
}
UPDATE: Contract = {
    "deals.read": (1, "the deal as it is now"),
    "companies.read": (1, "its company may have changed as well"),
    "owners.read": (1, "its owner may have changed too"),
    "contacts.batch_read": (1, "so may its contacts"),
    "GetOpportunity": (1, "an update replaces the whole record and must carry its version"),
    "UpdateOpportunity": (1, "the change"),
    "deals.update": (1, "the status and time of the sync"),
}
AWS_EDIT: Contract = {
    "GetOpportunity": (1, "the event carries no values"),
    "deals.read": (1, "the three-way comparison needs the deal"),
    "companies.read": (1, "and its company"),
    "owners.read": (1, "and its owner"),
    "contacts.batch_read": (1, "and its contacts"),
    "deals.batch_read": (
        1,
        "has somebody written into the same property meanwhile? HubSpot's update asks for no version",
    ),
    "deals.update": (1, "the change"),
}
NO_OP: Contract = {
    "GetOpportunity": (1, "a notice, an echo too, says only that something may have changed"),
    "deals.read": (1, "both sides are read before anything is believed"),
    "companies.read": (1, "as above"),
    "contacts.batch_read": (1, "as above"),
}
RELATED: Contract = {
    "associations.batch_read": (
        1,
        "a company or contact changed: which deals it touches, HubSpot alone knows; one call per kind and message",
    ),
}
SUMMARY_LOOK: Contract = {
    "GetAwsOpportunitySummary": (1, "what AWS alone says of the record, which no event carries"),
}
NOTIFICATIONS_LOOK: Contract = {
    "GetOpportunity": (1, "review and stage as they are, compared with what was last told"),
    "GetAwsOpportunitySummary": (1, "score and recommendation; each look has its own pace, lease and memory"),
}


def total(contracts: Mapping[str, tuple[int, Contract]]) -> dict[str, tuple[int, str]]:
    """Calls and reasons of so many times each contract; the reasons of an operation are named by contract."""
    counts: Counter[str] = Counter()
    reasons: dict[str, list[str]] = {}
    for name, (times, contract) in contracts.items():
        for operation, (count, why) in contract.items():
            if times:
                counts[operation] += times * count
                reasons.setdefault(operation, []).append(f"{name} {times * count}: {why}")
    return {operation: (count, "; ".join(reasons[operation])) for operation, count in counts.items()}
