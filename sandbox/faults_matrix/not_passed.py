"""Rows that no scenario passes, each with the reason. A test holds this to what the scenarios really pass."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[tuple[str, str], str] = {
    ("sync google", "Complete the opportunity"): "Google's room has no steps",
    **{
        (f"dead_letter {queue}", "Mark the link"): "only a letter of a sync's inbox marks a link"
        for queue in (
            "aws-invitations",
            "aws-submissions",
            "aws-summary",
            "aws-notifications",
            "aws-resources",
            "aws-engagement",
            "polls",
            "notices",
        )
    },
}

_NOBODY = "no function calls it"
_COMMAND = "an operator's command or the API calls it, no machine"
_LEAD = "a lead that was not answered is a person's to look for, so nothing is equal afterwards: tests/contract/google"
_GOOGLE_SESSION = "google-auth's session asks for tokens; the world has one of its own in its place"

CALLS: Mapping[str, Mapping[str, str]] = {
    "aws": dict.fromkeys(
        (
            "DisassociateOpportunity",
            "SubmitOpportunity",
            "ListEngagements",
            "CreateResourceSnapshot",
            "GetResourceSnapshot",
            "StopResourceSnapshotJob",
        ),
        _NOBODY,
    ),
    "microsoft": {
        "ReplaceReferral": _NOBODY,
        **dict.fromkeys(
            (
                "GetRegistration",
                "CreateRegistration",
                "UpdateRegistration",
                "ListWebhookEvents",
                "SendValidationEvent",
                "GetValidationEvent",
                "Authorize",
            ),
            _COMMAND,
        ),
    },
    "google": {
        **dict.fromkeys(("sts.token", "iamcredentials.generateAccessToken", "oauth2.token"), _GOOGLE_SESSION),
        "partners.leads.create": _LEAD,
        **dict.fromkeys(("partners.opportunities.get", "partners.opportunities.patch", "partners.leads.get"), _NOBODY),
    },
    "hubspot": dict.fromkeys(
        (
            "companies.create",
            "contacts.create",
            "notes.read",
            "tasks.read",
            "companies.update",
            "contacts.update",
            "notes.update",
            "tasks.update",
            "contacts.search",
            "notes.search",
            "tasks.search",
            "companies.batch_read",
            "tasks.batch_read",
            "deals.batch_upsert",
            "notes.batch_upsert",
            "tasks.batch_upsert",
            "associations.associate",
            "associations.dissociate",
            "associations.batch_associate_default",
            "associations.batch_labels_archive",
            "associations.labels",
            "associations.create_label",
        ),
        _NOBODY,
    ),
}

HUBSPOT_COMMANDS = ("properties.", "groups.", "pipelines.", "stages.", "account.", "token.", "owners.list")
"""How operations begin that set-up, doctor and the other commands call."""

HUBSPOT_UNUSED = (
    ".list",
    ".archive",
    ".merge",
    ".gdpr_delete",
    ".batch_create",
    ".batch_update",
    ".batch_archive",
)
"""How operations end that no function calls, whatever the kind of record."""


def reason(vendor: str, operation: str) -> str | None:
    """Why no scenario calls it; None where there is no reason."""
    if vendor == "hubspot" and operation.startswith(HUBSPOT_COMMANDS):
        return _COMMAND
    if vendor == "hubspot" and operation.endswith(HUBSPOT_UNUSED):
        return _NOBODY
    return CALLS[vendor].get(operation)
