"""The functions that only the AWS sync has: those that accept invitations, and those of the looks."""

from __future__ import annotations

from constructs_lib.needs import Access, Needs
from constructs_lib.partner_functions import NOTICES, SHARED, inbox_of, look_poll, poll_functions, sync_functions

AWS = "lambdas.aws.handlers"
INVITATIONS = "COSELL_AWS_INVITATIONS_URL"

ACCEPTANCE_FUNCTIONS = {
    "StartAcceptance": Needs(
        name="aws-start-acceptance",
        handler=f"{AWS}.start_acceptance.handler",
        does="Begins to accept an invitation, if the rule says so",
        ledger=Access.WRITE,
        audit=True,
        partner=True,
    ),
    "CheckAcceptance": Needs(
        name="aws-check-acceptance",
        handler=f"{AWS}.check_acceptance.handler",
        does="Asks how far the acceptance is",
        ledger=Access.WRITE,
        partner=True,
    ),
    "OpenLink": Needs(
        name="aws-open-link",
        handler=f"{SHARED}.open_link.handler",
        does="Opens the link of an accepted opportunity and wakes it",
        ledger=Access.WRITE,
        sends=(inbox_of("aws"),),
    ),
}
INVITATION_POLL = {
    "aws.invitations": Needs(
        name="aws-list-invitations",
        handler=f"{AWS}.list_invitations.handler",
        does="One page of pending invitations",
        ledger=Access.WRITE,
        partner=True,
        sends=(NOTICES,),
    )
}
SOLUTION_POLL = {
    "aws.solutions": Needs(
        name="aws-list-solutions",
        handler=f"{AWS}.list_solutions.handler",
        does="Reads all our solutions in Partner Central into the ledger",
        ledger=Access.WRITE,
        partner=True,
    )
}
LOOKS: dict[str, Needs] = {
    "summary": Needs(
        name="aws-gather-summary",
        handler=f"{AWS}.gather_summary.handler",
        does="Reads what AWS says of the opportunity and what of it is news",
        ledger=Access.READ,
        runs=Access.WRITE,
        partner=True,
    ),
    "notifications": Needs(
        name="aws-gather-notifications",
        handler=f"{AWS}.gather_notifications.handler",
        does="Finds what AWS did with the opportunity that somebody should hear of",
        ledger=Access.READ,
        runs=Access.WRITE,
        partner=True,
    ),
}
"""What gathers each kind of look. A kind here has an inbox, a machine and a poll; its events and its interval are in
``stacks/partners.py``."""


def partner_central_functions() -> list[str]:
    """Names of the functions that take the role in the linked account, for its trust policy."""
    looks = {**LOOKS, "poll": look_poll("aws", LOOKS)}
    of_each = (sync_functions("aws"), ACCEPTANCE_FUNCTIONS, poll_functions("aws"), INVITATION_POLL, SOLUTION_POLL, looks)
    return [needs.name for functions in of_each for needs in functions.values() if needs.partner]
