"""What the AWS room gives to the sync (``lambdas.shared.room.Room``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lambdas.aws.domain.partner import plan_run
from lambdas.aws.wiring import PARTNER

if TYPE_CHECKING:
    from lambdas.shared.adapters.opportunities import Opportunities
    from lambdas.shared.domain.link import Link

__all__ = ["PARTNER", "extras", "opportunities", "plan_run"]


@cache
def opportunities() -> Opportunities:
    """Opportunities of the configured catalog."""
    from lambdas.aws.adapters.opportunities import AwsOpportunities
    from lambdas.aws.domain.owners import users_by_step
    from lambdas.aws.wiring import partner_central, settings
    from lambdas.shared.domain.field_map import parse_rules

    ours = settings()
    return AwsOpportunities(partner_central(), parse_rules(ours), ours["status_properties"], users_by_step(ours))


def extras(link: Link) -> Mapping[str, Any]:
    """``Situation.extras`` of AWS: one key for each of ``_READERS``, None where the ledger has nothing."""
    return {name: read(link) for name, read in _READERS.items()}


def _submission(link: Link) -> Mapping[str, Any] | None:
    """How the submission of the link's opportunity stands (``Submission`` in plain values)."""
    from lambdas.shared import wiring

    if link.opportunity_id is None:
        return None
    found = wiring.submissions(PARTNER).get(link.opportunity_id)
    return None if found is None else found.as_dict()


def _solutions(_link: Link) -> Any:
    """Our solutions at AWS as they were last read (``Catalogue``)."""
    from lambdas.aws.wiring import solution_cache

    return solution_cache().get()


def invitation_readers() -> Mapping[str, Callable[[Any, Link], Any]]:
    """What a decision is told of invitations, each from the ledger's ``Invitations`` and the link."""
    return {"invitation": _of_deal, "asked": _asked}


def _of_deal(invitations: Any, link: Link) -> Mapping[str, Any] | None:
    """The invitation that the link's deal stands for or came from (``Invitation`` in plain values)."""
    known = invitations.get(link.invitation_id) if link.invitation_id is not None and link.deal_id is not None else None
    return None if known is None else known.as_dict()


def _asked(invitations: Any, link: Link) -> list[str] | None:
    """For an opportunity without a deal: the marks of those that deals are asking about."""
    return invitations.open_marks() if link.deal_id is None and link.opportunity_id is not None else None


def _about_invitations(name: str) -> Callable[[Link], Any]:
    from lambdas.shared import wiring

    return lambda link: invitation_readers()[name](wiring.invitations(PARTNER), link)


_READERS: Mapping[str, Callable[[Link], Any]] = {
    "invitation": _about_invitations("invitation"),
    "asked": _about_invitations("asked"),
    "solutions": _solutions,
    "submission": _submission,
}
"""What a decision about a link is told beside deal, opportunity and base; each reads one item of the ledger."""
