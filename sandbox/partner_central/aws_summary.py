"""AWS's own side of an opportunity, as GetAwsOpportunitySummary shows it: what AWS edits there (fact sheet 3.2)."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.partner_central.call import Call
from sandbox.partner_central.fields import get, put
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.state import Opportunity

SUMMARY_EDITS = {
    "engagement_score": "Insights.EngagementScore",
    "quality": "Insights.OpportunityQuality",
    "next_best_actions": "Insights.NextBestActions",
    "recommendations": "Insights.Recommendations",
    "team": "OpportunityTeam",
    "aws_stage": "LifeCycle.Stage",
    "aws_target_close_date": "LifeCycle.TargetCloseDate",
    "aws_next_steps": "LifeCycle.NextSteps",
    "cosell_motion": "CosellMotion",
}
"""Short names of the sections that AWS fills; ``quality`` is ``{"Score", "Trend"}``, None takes a section away."""

CO_SELL, VISIBILITY_ONLY = "Co-Sell", "For Visibility Only"
_REASON = "InvolvementTypeChangeReason"


def changed_summary(call: Call, opportunity: Opportunity, edits: dict[str, Any]) -> dict[str, Any]:
    """The summary with ``edits`` applied: members of ``SUMMARY_EDITS``, ``involvement_reason`` and ``summary`` (merged
    in as it is). The opportunity itself is left as it was; the caller checks the summary against the model."""
    summary = copy.deepcopy(opportunity.summary)
    for name, path in SUMMARY_EDITS.items():
        if name in edits:
            put(summary, path, copy.deepcopy(edits[name]))
    if edits.get("aws_next_steps"):
        said = {"Value": edits["aws_next_steps"], "Time": to_text(call.now_ms)}
        put(summary, "LifeCycle.NextStepsHistory", [*(get(summary, "LifeCycle.NextStepsHistory") or []), said][-50:])
    if edits.get("involvement_reason"):
        summary[_REASON] = edits["involvement_reason"]
    _merge(summary, copy.deepcopy(edits.get("summary") or {}))
    return summary


def check_raise(opportunity: Opportunity, edits: dict[str, Any]) -> None:
    """AWS only ever raises: For Visibility Only to Co-Sell, with its reason, once it is submitted. ``ValueError``."""
    if edits.get("involvement") is None:
        if edits.get("involvement_reason"):
            raise ValueError("involvement_reason comes with involvement")
        return
    if edits["involvement"] != CO_SELL or opportunity.involvement != VISIBILITY_ONLY:
        raise ValueError(
            f"AWS raises {VISIBILITY_ONLY} to {CO_SELL}; this is {opportunity.involvement or 'not submitted'}, "
            f"and {edits['involvement']} was asked for"
        )
    if not edits.get("involvement_reason"):
        raise ValueError("AWS gives a reason when it raises the involvement: involvement_reason")


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        elif value is None:
            into.pop(name, None)
        else:
            into[name] = value
