"""Leads on deals, once they are accepted: qualified by a person, then made an opportunity. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.aws.domain.invitation import Case
    from lambdas.shared.domain.plan import Plan


def lead_plan(case: Case) -> Plan | None:
    """The plan of a deal whose lead we have accepted; None before that."""
    return None
