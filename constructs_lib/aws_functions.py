"""The functions that only the AWS sync has: those that accept invitations, and those of the looks."""

from __future__ import annotations

from constructs_lib.needs import Access, Needs
from constructs_lib.partner_functions import NOTICES, SHARED, inbox_of

AWS = "lambdas.aws.handlers"
INVITATIONS = "COSELL_AWS_INVITATIONS_URL"

ACCEPTANCE_FUNCTIONS = {
    "DecideInvitation": Needs(
        name="aws-decide-invitation",
        handler=f"{AWS}.decide_invitation.handler",
        does="Decides about an invitation: the person's answer, else the rule",
        ledger=Access.WRITE,
        runs=Access.WRITE,
        hubspot=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "AskOnDeal": Needs(
        name="aws-ask-on-deal",
        handler=f"{AWS}.ask_on_deal.handler",
        does="Makes the deal on which a person is asked about an invitation",
        ledger=Access.WRITE,
        runs=Access.READ,
        audit=True,
        hubspot=True,
        sends=(inbox_of("aws"),),
    ),
    "StartAcceptance": Needs(
        name="aws-start-acceptance",
        handler=f"{AWS}.start_acceptance.handler",
        does="Begins to accept an invitation",
        ledger=Access.WRITE,
        audit=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "CheckAcceptance": Needs(
        name="aws-check-acceptance",
        handler=f"{AWS}.check_acceptance.handler",
        does="Asks how far the acceptance is",
        ledger=Access.WRITE,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "RejectInvitation": Needs(
        name="aws-reject-invitation",
        handler=f"{AWS}.reject_invitation.handler",
        does="Rejects an invitation with one of AWS's reasons",
        ledger=Access.WRITE,
        audit=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "JoinLead": Needs(
        name="aws-join-lead",
        handler=f"{AWS}.join_lead.handler",
        does="Accepts the invitation to a lead",
        ledger=Access.WRITE,
        audit=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "ShowLead": Needs(
        name="aws-show-lead",
        handler=f"{AWS}.show_lead.handler",
        does="Puts what an accepted lead says on its deal",
        ledger=Access.WRITE,
        audit=True,
        hubspot=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "QualifyLead": Needs(
        name="aws-qualify-lead",
        handler=f"{AWS}.qualify_lead.handler",
        does="Tells AWS how the deal qualifies its lead",
        ledger=Access.WRITE,
        audit=True,
        hubspot=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "TieInvitation": Needs(
        name="aws-tie-invitation",
        handler=f"{AWS}.tie_invitation.handler",
        does="Puts an accepted invitation's opportunity on its deal",
        ledger=Access.WRITE,
        audit=True,
        hubspot=True,
        sends=(inbox_of("aws"),),
    ),
    "OpenLink": Needs(
        name="aws-open-link",
        handler=f"{SHARED}.open_link.handler",
        does="Opens the link of an accepted opportunity and wakes it",
        ledger=Access.WRITE,
        sends=(inbox_of("aws"),),
    ),
}
SUBMISSION_FUNCTIONS = {
    "StartSubmission": Needs(
        name="aws-start-submission",
        handler=f"{AWS}.start_submission.handler",
        does="Begins to submit an opportunity that is ready for AWS's review",
        ledger=Access.WRITE,
        audit=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "CheckSubmission": Needs(
        name="aws-check-submission",
        handler=f"{AWS}.check_submission.handler",
        does="Asks how far the submission is",
        ledger=Access.WRITE,
        partner=True,
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
API_FUNCTIONS = {
    "solutions": Needs(
        name="aws-api-solutions",
        handler=f"{AWS}.api_solutions.handler",
        does="Operator's API: our solutions in Partner Central",
        ledger=Access.READ,
    ),
    "matches": Needs(
        name="aws-api-matches",
        handler=f"{AWS}.api_matches.handler",
        does="Operator's API: the solutions that fit a deal",
        ledger=Access.READ,
        hubspot=True,
    ),
    "submit": Needs(
        name="aws-api-submit",
        handler=f"{AWS}.api_submit.handler",
        does="Operator's API: checks a deal, says yes to its submission and wakes its link",
        ledger=Access.WRITE,
        audit=True,
        hubspot=True,
        partner=True,
        sends=(inbox_of("aws"),),
    ),
    "audit": Needs(
        name="api-audit",
        handler=f"{SHARED}.api_audit.handler",
        does="Operator's API: reports of the audit",
        reports_audit=True,
    ),
}
"""The functions of ``OperatorApi``, by what they are for."""

SETTINGS_POLL = {
    "aws.settings": Needs(
        name="aws-check-settings",
        handler=f"{AWS}.check_settings.handler",
        does="Registers the role of snapshot jobs where none is, and has a new catalogue of documents told",
        ledger=Access.WRITE,
        audit=True,
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
    "resources": Needs(
        name="aws-gather-resources",
        handler=f"{AWS}.gather_resources.handler",
        does="Finds new snapshots, advice and documents, and keeps the snapshot job running",
        ledger=Access.WRITE,
        runs=Access.WRITE,
        audit=True,
        partner=True,
    ),
    "engagement": Needs(
        name="aws-gather-engagement",
        handler=f"{AWS}.gather_engagement.handler",
        does="Reads who has joined the opportunity's engagement, and what changed since the last look",
        ledger=Access.WRITE,
        runs=Access.WRITE,
        partner=True,
    ),
}
"""What gathers each kind of look. A kind here has an inbox, a machine and a poll; its events and its interval are in
``stacks/partners.py``."""
