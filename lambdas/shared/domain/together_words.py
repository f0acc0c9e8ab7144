"""What people read of two fields that stand or fall together: which two, why they wait, what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lambdas.shared.domain.plan import Became, FieldConflict, HeldTogether

_WHY: Mapping[Became, str] = {
    "locked": (
        "{partner} takes no change of {other} for now, so neither of the two went there. Put {other} back to what "
        "{partner} has and give {field} to match, or ask {partner} to change it"
    ),
    "withheld": (
        "another partner wrote {other}, so neither of the two is passed on. Write {other} anew, or say on the deal "
        "that it may go to all"
    ),
    "problem": "neither of the two goes anywhere until {other} is put right",
    "no-place": "the deal has no place for what {partner} says of {other}, so it keeps its own of both",
    "waits": "neither of the two goes anywhere until {other} is in order",
    "conflict": "neither of the two goes anywhere until a person has decided about {other}",
}


def together_text(held: Sequence[HeldTogether], partner: str) -> str:
    """A sentence for each field that waits for the one that it stands or falls with. ``partner`` is its label."""
    return "\n".join(
        f"{each.label} and {each.other_label} go together: "
        f"{_WHY[each.why].format(partner=partner, field=each.label, other=each.other_label)}."
        for each in held
    )


def one_pick_text(conflict: FieldConflict) -> str:
    """That a pick for this conflict is one for another as well; empty where it is not."""
    return f"goes together with {conflict.goes_with}: a pick for one counts for both" if conflict.goes_with else ""
