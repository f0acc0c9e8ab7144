"""The events of Partner Central that count, apart from the constructs: who only reads them needs no CDK and no Node."""

from __future__ import annotations

# What the router is told of; nothing else leaves the linked account.
OPPORTUNITY_EVENTS = ("Opportunity Created", "Opportunity Updated")
INVITATION_EVENTS = (
    "Engagement Invitation Created",
    "Engagement Invitation Accepted",
    "Engagement Invitation Rejected",
    "Engagement Invitation Expired",
)
MEMBER_EVENTS = ("Engagement Member Added",)
