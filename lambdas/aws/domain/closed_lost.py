"""An opportunity that AWS closes as lost while its deal is open: a task for people, who alone close deals.

``closed_lost: task`` of the settings. The deal's stage stays, and so does AWS's: neither is written over the other.

| then | becomes |
|---|---|
| a person closes the deal as lost | both sides say the same |
| a person moves the deal on | the stage's conflict strategy decides; by default the later word opens it again at AWS |
| AWS opens the opportunity again | the deal follows as ever, and the task is old news |

``closed_lost: follow`` moves the deal to the stage of Closed Lost, as every other stage of AWS's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.deal_codecs import Stage, is_closed
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.finishing import restated
from lambdas.shared.domain.messages import note_fact, record_fact
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import status_changes
from lambdas.shared.domain.values import Context, Unwritable

LOST = "Closed Lost"
_STAGE, _REASON = "LifeCycle.Stage", "LifeCycle.ClosedLostReason"
_FACT, _MOVED_ON = "closed-lost", "closed-lost-moved-on"


class AwsStage(Stage):
    """The shared stage; a loss at AWS does not close an open deal unless the settings say so."""

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """As ``Stage``. ``Unwritable`` for a loss that people are to follow; a deal that is being made may begin so."""
        stays = value == LOST and context.partner.get("closed_lost", "task") == "task"
        if stays and text_of(deal, "deal", "dealstage") is not None and not is_closed(deal, context.partner):
            raise Unwritable
        return super().to_properties(value, deal, rule, context)


def tell_closed_lost(plan: Plan, now: Situation, partner: Any, context: Context) -> Plan:
    """The plan with what people hear of a loss at AWS, or forgotten what they heard of one that is over."""
    deal, names = now.deal, context.partner["status_properties"]
    compared = plan.outcome in ("synced", "blocked") or bool(plan.conflicts)
    if deal is None or now.opportunity is None or "closed_lost" not in names or not compared:
        return plan
    lost = paths.get(now.opportunity, _STAGE) == LOST and not is_closed(deal, context.partner)
    if not lost or context.partner.get("closed_lost", "task") != "task":
        return _over(plan, now, context)
    if plan.opportunity.get(_STAGE) not in (None, LOST):
        text = (
            "AWS had closed the opportunity as lost. The deal was moved on since, so its stage goes to AWS and the "
            "opportunity is opened again there."
        )
        fact = note_fact(_MOVED_ON, "The opportunity is opened again at AWS", text)
        plan = _over(plan, now, context)
        return replace(plan, tell=(*plan.tell, fact))
    reason = paths.get(now.opportunity, _REASON) or "no reason was given"
    said = f"AWS closed the opportunity as lost: {reason}. The deal is still open."
    ask = f"{said} Close the deal as lost, or move it on to another stage if it is alive."
    facts = replace(partner.facts(now.opportunity), waits_for=ask)
    fact = record_fact(_FACT, "AWS closed this deal's opportunity as lost", ask)
    plan = replace(plan, tell=(*plan.tell, fact))
    return restated(plan, deal, partner, context, shown={"closed_lost": said}, facts=facts)


def _over(plan: Plan, now: Situation, context: Context) -> Plan:
    changes = status_changes(now.deal, context.partner["status_properties"], {"closed_lost": ""}, context.now_ms)
    told = [key for key in now.link.told if key in (_FACT, _MOVED_ON)]
    return replace(plan, deal={**plan.deal, **changes}, no_longer=(*plan.no_longer, *told))
