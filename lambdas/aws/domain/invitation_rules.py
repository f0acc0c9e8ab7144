"""Rules that decide about an invitation before anybody looks at it.

A rule is one function of the invitation document, the settings ``invitations`` of the partner and now; to add one,
write it and give it a line in ``RULES``, and its name one in ``config/partners/aws_invitations.py``. The name is what
``invitations.rule`` in ``aws.yaml`` says. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lambdas.aws.domain.invitation_document import REJECT_REASONS, customer_of

type Rule = Callable[[Mapping[str, Any], Mapping[str, Any], int], str]

ACCEPT, ASK, REJECT = "accept", "ask", "reject:"
"""What a rule answers: ``accept``, ``ask`` (a person decides on a deal), or ``reject:`` and one of AWS's reasons."""


def accept_all(_invitation: Mapping[str, Any], _settings: Mapping[str, Any], _now_ms: int) -> str:
    """Whatever comes is taken."""
    return ACCEPT


def ask(_invitation: Mapping[str, Any], _settings: Mapping[str, Any], _now_ms: int) -> str:
    """A person decides each one."""
    return ASK


def listed(invitation: Mapping[str, Any], settings: Mapping[str, Any], _now_ms: int) -> str:
    """Accept what fits every list that is filled (senders, industries, countries); else what ``otherwise`` says.

    A sender is named by its AWS account (``aws`` for AWS itself) or by its company. With no list filled nothing fits.
    """
    lists, customer = settings.get("listed") or {}, customer_of(invitation)
    said = {
        "senders": (invitation.get("SenderAwsAccountId"), invitation.get("SenderCompanyName")),
        "industries": (customer.get("Industry"),),
        "countries": (customer.get("CountryCode"),),
    }
    wanted = {name: _folded(lists.get(name) or ()) for name in said}
    filled = [name for name, values in wanted.items() if values]
    fits = bool(filled) and all(wanted[name] & _folded(said[name]) for name in filled)
    return ACCEPT if fits else str(lists.get("otherwise") or ASK)


RULES: Mapping[str, Rule] = {
    "accept-all": accept_all,
    "ask": ask,
    "listed": listed,
}
"""Every rule by its name in the configuration."""


def verdict(invitation: Mapping[str, Any], settings: Mapping[str, Any], now_ms: int) -> str:
    """What the configured rule says: ``accept``, ``ask`` or ``reject:<reason>``.

    ``ValueError`` for an unknown rule, and for a rule that answers anything else.
    """
    name = str(settings.get("rule"))
    if name not in RULES:
        raise ValueError(f"unknown rule {name[:40]!r} for invitations; allowed: {', '.join(RULES)}")
    said = RULES[name](invitation, settings, now_ms)
    if said in (ACCEPT, ASK) or said in [f"{REJECT}{reason}" for reason in REJECT_REASONS]:
        return said
    raise ValueError(f"the rule {name!r} for invitations answered what it may not; allowed: {', '.join(VERDICTS)}")


VERDICTS = (ACCEPT, ASK, *(f"{REJECT}{reason}" for reason in REJECT_REASONS))
"""Everything that a rule may answer."""


def _folded(values: Sequence[Any]) -> set[str]:
    return {str(value).strip().casefold() for value in values if value}
