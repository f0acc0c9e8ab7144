"""Whatever is edited on either side, the writes end: what was sent is read back as what the deal says."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.microsoft.domain.json_patch import to_operations
from lambdas.shared.domain.documents import apply_to_deal
from tests.unit.microsoft.microsoft_support import deal, run, tied

STAGES = ["qualified", "proposal", "closedwon", "closedlost"]
STANDINGS = [("Active", "Accepted"), ("Closed", "Won"), ("Closed", "Lost"), ("Closed", "Declined"), ("Closed", "Error")]
ON_THE_DEAL = st.fixed_dictionaries(
    {},
    optional={
        "dealname": st.sampled_from(["Other #Microsoft", "BigCorp Migration #AWS #Microsoft"]),
        "description": st.sampled_from(["<p>Rich</p>", "a <b and c> d", "Other."]),
        "amount": st.decimals(1, 10**7, places=2).map(str),
        "deal_currency_code": st.sampled_from(["usd", "EUR", ""]),
        "closedate": st.sampled_from(["2028-02-29", "1835000000123", "2027-06-30T10:00:00.5Z"]),
        "dealstage": st.sampled_from(STAGES),
        "microsoft_share_sellers": st.sampled_from(["true", "false", ""]),
        "microsoft_solution_ids": st.sampled_from(["SOL-1;SOL-2", "SOL-2", ""]),
    },
)
AT_MICROSOFT = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Theirs", "Theirs #AWS"]),
        "dealValue": st.floats(1, 10**7).map(lambda each: round(each, 2)),
        "notes": st.sampled_from(["Theirs.", "<p>Theirs</p>"]),
        "closingDateTime": st.sampled_from(["2029-01-01T00:00:00.1234567Z", "2029-01-01T00:00:00"]),
        "standing": st.sampled_from(STANDINGS),
        "salesStage": st.sampled_from(["100", "Close", None]),
    },
)


def applied(referral: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """The referral after a patch."""
    after = copy.deepcopy(referral)
    for each in operations:
        *between, name = each["path"].strip("/").split("/")
        holder = after
        for step in between:
            holder = holder.setdefault(step, {})
        holder[name] = each["value"]
    return after


def edited(referral: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    """The referral after somebody changed it at Microsoft."""
    after = copy.deepcopy(referral)
    for name in ("dealValue", "notes", "closingDateTime"):
        after["details"][name] = edits.get(name, after["details"].get(name))
    after["name"] = edits.get("name", after["name"])
    after["status"], after["substatus"] = edits.get("standing", (after["status"], after["substatus"]))
    return {**after, "salesStage": edits.get("salesStage", after.get("salesStage"))}


@settings(max_examples=150, deadline=None)
@given(ON_THE_DEAL, AT_MICROSOFT)
def test_random_edits_on_both_sides_end_in_a_run_that_writes_nothing(
    ours: dict[str, str], theirs: dict[str, Any]
) -> None:
    document, referral, base = tied()
    document, referral = apply_to_deal(document, ours), edited(referral, theirs)
    for _ in range(3):
        plan = run(document, referral, base)
        operations = to_operations(plan.opportunity, referral)
        document, referral, base = apply_to_deal(document, plan.deal), applied(referral, operations), dict(plan.base)
    last = run(document, referral, base)
    assert (last.action, dict(last.opportunity), dict(last.deal)) == ("none", {}, {})


def test_a_create_is_read_back_as_what_the_deal_says() -> None:
    document, referral, base = tied()
    assert run(document, referral, base).action == "none"
    assert run(deal(), referral, base).outcome == "synced"
