"""What a submission would run into, asked from outside (the REST API) before the deal says that it wants one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.aws.domain.partner import plan_run
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.situation import Situation
from lambdas.shared.errors import Problem


def problems_of(now: Situation, settings: Mapping[str, Any], now_ms: int) -> tuple[Problem, ...]:
    """Every problem that the deal would show had a person just said yes: those of its fields and the preflight's.

    ``now`` is the situation as ``plan_changes`` makes it, ``settings`` the whole settings document. Empty when the
    deal can be submitted, or is under way. A refusal that stands is not among them: saying yes anew tries again.
    """
    if now.deal is None:
        return ()
    name = settings["partners"]["aws"]["status_properties"]["submit"]
    extras = {key: value for key, value in now.extras.items() if key != "submission"}
    wanting = replace(now, deal=apply_to_deal(now.deal, {name: "true"}), extras=extras)
    return plan_run(wanting, settings, now_ms).problems
