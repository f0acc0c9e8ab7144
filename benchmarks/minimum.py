"""The fewest vendor calls that each kind of change needs, and why each is needed."""

from __future__ import annotations

CREATE = {
    "deals.batch_read": "is the new deal tagged at all? Read in one call for up to 100 deals",
    "deals.read": "the deal as it is now, with history and associations",
    "companies.read": "company fields that AWS requires at create",
    "contacts.batch_read": "contacts, all in one call",
    "CreateOpportunity": "the opportunity",
    "AssociateOpportunity": "one call per solution, none can be given at create",
    "deals.update": "id, title and status onto the deal, in one call",
}
UPDATE = {
    "deals.read": "the deal as it is now",
    "companies.read": "its company may have changed as well",
    "contacts.batch_read": "so may its contacts",
    "GetOpportunity": "an update replaces the whole record and must carry its version",
    "UpdateOpportunity": "the change",
    "deals.update": "the status and time of the sync",
}
AWS_EDIT = {
    "GetOpportunity": "the event carries no values",
    "deals.read": "the three-way comparison needs the deal",
    "companies.read": "and its company",
    "contacts.batch_read": "and its contacts",
    "deals.update": "the change",
}
ECHO = {
    "GetOpportunity": "the event of our own write says only that something changed",
    "deals.read": "both sides are read before anything is believed",
    "companies.read": "as above",
    "contacts.batch_read": "as above",
}

# Calls that are made beyond the least, and what for.
BEYOND = {
    "associations.batch_read": "not the deal's: the webhooks of its company and contact ask which deals they touch",
}
