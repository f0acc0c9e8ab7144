"""The portal's part of the decision. Pure: what a record says, and when a create makes no sense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from lambdas.shared.domain.codecs import CODECS
from lambdas.shared.domain.decision import decide
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.partner_view import OpportunityFacts
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Problem

PARTNER = "alliance"
_CLOSED = frozenset({"won", "lost"})


class Alliance:
    """``lambdas.shared.domain.partner_view.Partner`` for the portal."""

    name = PARTNER
    label = "Alliance"
    codecs: Mapping[str, Codec] = CODECS
    first_review_status: str | None = None

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.rules: Sequence[FieldRule] = parse_rules(settings)

    def facts(self, document: Mapping[str, Any]) -> OpportunityFacts:
        """A closed record takes no more changes."""
        closed = document.get("stage") in _CLOSED
        return OpportunityFacts(
            title=document.get("title"),
            modified_at=int(datetime.fromisoformat(document["updated_at"]).timestamp() * 1000),
            claimed_deal=document.get("reference"),
            shared_with_us=document.get("origin") == "alliance",
            locked=frozenset(rule.name for rule in self.rules) if closed else frozenset(),
            lock_is_final=closed,
            takes_entities=False,
        )

    def create_problems(self, values: Mapping[str, Any], context: Context) -> list[Problem]:
        """The portal takes no record that begins closed."""
        if values.get("stage") not in _CLOSED:
            return []
        return [Problem("stage", "The deal is closed already: the alliance takes open ones only.", "deal", "dealstage")]

    def entities(
        self, deal: Mapping[str, Any], context: Context, tied: AbstractSet[str] = frozenset()
    ) -> tuple[list[str], list[Problem]]:
        """Nothing is tied to a record there."""
        return [], []

    def is_opportunity_id(self, text: str) -> bool:
        """``opp-`` and digits."""
        return re.fullmatch(r"opp-\d{1,12}", text) is not None


def plan_run(now: Situation, settings: Mapping[str, Any], now_ms: int) -> Plan:
    """The plan of one run. ``settings`` is the whole settings document."""
    ours = settings["partners"][PARTNER]
    return decide(now, Alliance(ours), Context(now_ms, ours, settings.get("hubspot") or {}))
