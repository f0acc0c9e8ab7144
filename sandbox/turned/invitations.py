"""The functions that answer AWS's invitations, and what a decision is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.aws.adapters.invitations import InvitationAnswers
from lambdas.aws.adapters.leads import Leads
from lambdas.aws.handlers import (
    ask_on_deal,
    check_acceptance,
    decide_invitation,
    join_lead,
    list_invitations,
    qualify_lead,
    reject_invitation,
    show_lead,
    start_acceptance,
    tie_invitation,
)
from lambdas.aws.handlers.asking_deal import AskingDeal
from lambdas.aws.room import invitation_readers
from sandbox.turned.parts import NOTICES, Function, Parts, bound

CATALOG = "Sandbox"


def functions(p: Parts, central: Any, client: Any, settings: Mapping[str, Any]) -> dict[str, Function]:
    """Name to function. ``central`` is the adapter, ``client`` the SDK client below it, ``settings`` the document."""
    answers, deal, aws = (
        InvitationAnswers(client, CATALOG),
        AskingDeal(p.links, p.inbox("aws")),
        settings["partners"]["aws"],
    )
    leads = Leads(client, CATALOG)
    join = join_lead.Collaborators(central, answers, p.invitations, p.audit, deal, p.turn)
    show = show_lead.Collaborators(leads, p.hubspot, p.invitations, p.audit, p.origins, deal, aws)
    qualify = qualify_lead.Collaborators(leads, p.hubspot, p.invitations, p.audit, deal, aws, p.turn)
    decide = decide_invitation.Collaborators(
        central, answers, p.invitations, p.links, p.hubspot, p.runs, deal, aws, p.clock
    )
    ask = ask_on_deal.Collaborators(p.hubspot, p.invitations, p.runs, p.audit, p.origins, deal, settings, p.clock)
    start = start_acceptance.Collaborators(central, p.invitations, p.audit, deal, leads, p.token, p.turn)
    reject = reject_invitation.Collaborators(central, answers, p.invitations, p.audit, deal, p.turn)
    tie = tie_invitation.Collaborators(p.hubspot, p.invitations, p.links, p.audit, deal, aws)
    check = check_acceptance.Collaborators(central, p.invitations, deal, leads)
    listing = list_invitations.Collaborators(central, p.invitations, p.watermarks, p.queues[NOTICES])
    return {
        "aws.DecideInvitation": bound(decide_invitation.decide_invitation, decide),
        "aws.AskOnDeal": bound(ask_on_deal.ask_on_deal, ask),
        "aws.StartAcceptance": bound(start_acceptance.start_acceptance, start),
        "aws.CheckAcceptance": bound(check_acceptance.check_acceptance, check),
        "aws.RejectInvitation": bound(reject_invitation.reject_invitation, reject),
        "aws.JoinLead": bound(join_lead.join_lead, join),
        "aws.ShowLead": bound(show_lead.show_lead, show),
        "aws.QualifyLead": bound(qualify_lead.qualify_lead, qualify),
        "aws.TieInvitation": bound(tie_invitation.tie_invitation, tie),
        "aws.invitations": bound(list_invitations.list_invitations, listing),
    }


def extras(p: Parts, link: Any) -> dict[str, Any]:
    """As the room reads them."""
    return {name: read(p.invitations, link) for name, read in invitation_readers().items()}
