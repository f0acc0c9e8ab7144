"""The operator's API: our solutions, which of them fit a deal and why, and what a submission would run into."""

from __future__ import annotations

from typing import Any

from sandbox.operator_api import ask
from sandbox.scenarios.scene import Stage
from sandbox.vendors import SOLUTIONS


def matches(stage: Stage) -> None:
    """Listed, searched, matched with reasons; an unknown id blocks; submitting says what is missing."""
    deal = stage.new_deal("Ferry Timetables #AWS", deal={"aws_use_case": "Migration / Database Migration"})
    stage.opportunity_of(deal.deal_id)
    stage.world.poll("aws.solutions")
    if stage.world.central.switches.sandbox_lists_no_solutions:
        stage.require(not _listed(stage), "no solution where AWS lists none")
    else:
        _match(stage, deal.deal_id)
        _unknown_solution(stage, deal.deal_id)
    status, problem = _asked(stage, "POST", f"/deals/{deal.deal_id}/submit")
    stage.require(status == 422, f"a refusal of an incomplete deal, it answered {status}")
    missing = sorted(str(each["property"]) for each in problem["errors"])
    stage.require("aws_delivery_models" in missing, f"what is missing by property, it says {missing}")
    stage.say(f"asked to submit it, the API names what AWS still wants: {', '.join(missing)}")


def _asked(stage: Stage, method: str, path: str, **query: str) -> tuple[int, dict[str, Any]]:
    """The API's answer, asked again as its caller would while it says 503: a vendor is busy, or AWS does not show the
    new opportunity yet."""

    def once() -> tuple[int, dict[str, Any]] | None:
        status, answer = ask(stage.world, method, path, **query)
        return None if status == 503 else (status, answer)

    return stage.wait(once, f"an answer to {method} {path}")


def _match(stage: Stage, deal_id: str) -> None:
    listed = stage.wait(lambda: _listed(stage), "the catalogue of our solutions")
    found = _asked(stage, "GET", "/solutions/search", q="ferry")[1]["items"]
    stage.require([one["id"] for one in found] == ["S-2000001"], f"one solution about ferries, found {found}")
    best = _asked(stage, "GET", f"/deals/{deal_id}/solutions")[1]["matches"][0]
    stage.require(best["solution"]["id"] == "S-2000001", f"the one about ferries first, it is {best}")
    stage.say(f"{len(listed)} solutions; for the deal “{best['solution']['name']}” fits best: {best['reasons'][0]}")


def _unknown_solution(stage: Stage, deal_id: str) -> None:
    stage.edit(deal_id, aws_solution_ids="S-2999999")
    stage.shown(deal_id, aws_sync_status="blocked")
    message = stage.world.deal(deal_id)["aws_sync_message"]
    stage.require("S-2999999" in message and "S-2000001" in message, f"the id and what is allowed, it says {message!r}")
    stage.edit(deal_id, aws_solution_ids="S-2000001")
    stage.shown(deal_id, aws_sync_status="synced")
    stage.say("a solution that AWS does not know blocks the deal, which names those that there are")


def _listed(stage: Stage) -> list[dict[str, Any]]:
    """Nothing before the first reading of the day."""
    status, answer = ask(stage.world, "GET", "/solutions")
    items = answer["items"] if status == 200 else []
    return items if len(items) >= len(SOLUTIONS) else []
