"""Puts the AWS room's adapter together from the function's environment. Only entry points use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lambdas.shared import wiring

if TYPE_CHECKING:
    from lambdas.aws.adapters.engagements import Engagements
    from lambdas.aws.adapters.invitations import InvitationAnswers
    from lambdas.aws.adapters.leads import Leads
    from lambdas.aws.adapters.partner_central import PartnerCentral
    from lambdas.aws.adapters.solution_cache import SolutionCache
    from lambdas.aws.adapters.solutions import Solutions
    from lambdas.aws.adapters.submission_tasks import SubmissionTasks
    from lambdas.aws.adapters.summary import Summaries

PARTNER = "aws"


def settings() -> Mapping[str, Any]:
    """The AWS part of the settings document."""
    return wiring.settings()["partners"][PARTNER]


@cache
def central_client() -> Any:
    """The SDK client of Partner Central through the linked account's role."""
    from lambdas.aws.adapters.partner_central_client import make_client
    from lambdas.shared.adapters.read_only import gated_client
    from lambdas.shared.vendor_calls import watch_client

    made = make_client(
        settings(),
        os.environ.get("COSELL_PARTNER_CENTRAL_ROLE_ARN"),
        os.environ.get("COSELL_PARTNER_CENTRAL_EXTERNAL_ID"),
    )
    return watch_client(gated_client(made), PARTNER)


@cache
def solutions() -> Solutions:
    """Our solutions in the configured catalog."""
    from lambdas.aws.adapters.solutions import Solutions

    return Solutions(central_client(), settings()["catalog"])


@cache
def solution_cache() -> SolutionCache:
    """What the ledger holds of them."""
    from lambdas.aws.adapters.solution_cache import SolutionCache

    return SolutionCache(wiring.client("dynamodb"), os.environ["COSELL_LEDGER_TABLE"], settings()["catalog"])


@cache
def summary() -> Summaries:
    """What AWS says of opportunities of the configured catalog on its own side."""
    from lambdas.aws.adapters.summary import Summaries

    return Summaries(central_client(), settings()["catalog"])


@cache
def partner_central() -> PartnerCentral:
    """Opportunities and invitations of the configured catalog."""
    from lambdas.aws.adapters.partner_central import PartnerCentral

    return PartnerCentral(central_client(), settings()["catalog"])


@cache
def engagements() -> Engagements:
    """Engagements of the configured catalog."""
    from lambdas.aws.adapters.engagements import Engagements

    return Engagements(central_client(), settings()["catalog"])


@cache
def invitation_answers() -> InvitationAnswers:
    """Answers to invitations of the configured catalog."""
    from lambdas.aws.adapters.invitations import InvitationAnswers

    return InvitationAnswers(central_client(), settings()["catalog"])


@cache
def submission_tasks() -> SubmissionTasks:
    """Submission tasks of the configured catalog."""
    from lambdas.aws.adapters.submission_tasks import SubmissionTasks

    return SubmissionTasks(central_client(), settings()["catalog"])


@cache
def leads() -> Leads:
    """Leads of the configured catalog."""
    from lambdas.aws.adapters.leads import Leads

    return Leads(central_client(), settings()["catalog"])
