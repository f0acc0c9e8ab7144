"""Which note is shared, what is taken of it, and whose word counts: the note's, the property's or the partner's."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.shared_notes import begins_with_mark, shared_note
from lambdas.shared.domain.situation import Situation
from tests.unit.domain.domain_support import NOW, context, history, moved, run, settings, tied

STAMPED = {"LastModifiedDate": "2026-09-21T14:12:30.000Z"}  # 50 s before NOW
MARKS = {"mark": "#share", "own_mark": "#AWS", "property": "hs_next_step", "most": 255}


def note(body: str, at: int = NOW - 10, note_id: str = "1", **more: Any) -> dict[str, Any]:
    return {"id": note_id, "body": body, "at": at, "source_type": "CRM_UI", "source_id": "userId:1", **more}


def found(*notes: dict[str, Any], **marks: Any) -> str | None:
    of = context(shared_notes={**MARKS, **marks})
    shared = shared_note({"notes": list(notes)}, of)
    return None if shared is None else shared.text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("#share Call Ann", "Call Ann"),
        ("#SHARE: Call Ann", "Call Ann"),
        ("<div><p><b>#share</b></p><p>Call &lt;Ann&gt;</p><ul><li>and Bob</li></ul></div>", "Call <Ann> and Bob"),
        ("#share\n\n  Call\nAnn  ", "Call Ann"),
        ("#shared Call Ann", None),
        ("Call Ann #share", None),
        ("#share", None),
        ("<p>#share</p><p> </p>", None),
        ("", None),
        ("#aws - Call Ann", "Call Ann"),
        ("#gcp Call Ann", None),
    ],
)
def test_the_mark_begins_the_text_and_what_follows_is_taken_as_plain_text(body: str, text: str | None) -> None:
    assert found(note(body)) == text
    assert begins_with_mark(body, MARKS) is (text is not None)


def test_a_long_note_is_cut_at_a_word_with_a_sign_and_one_word_is_cut_anywhere() -> None:
    text = found(note("#share " + "word " * 90))
    assert text is not None
    assert len(text) <= 255
    assert text.endswith("word…")
    assert found(note("#share " + "x" * 300)) == "x" * 254 + "…"
    assert found(note("#share " + "x" * 255)) == "x" * 255


def test_the_newest_counts_and_of_two_at_once_the_later_id() -> None:
    assert found(note("#share new", NOW - 1, "1"), note("#share old", NOW - 9, "2")) == "new"
    assert found(note("#share nine", NOW, "9"), note("#share ten", NOW, "10")) == "ten"


def test_what_our_own_app_wrote_is_never_shared() -> None:
    ours = {"source_type": "INTEGRATION", "source_id": context().own_source}
    assert found(note("#share said by AWS", **ours)) is None
    assert found(note("#share said<p><small>cosell-sync aws review:1</small></p>")) is None
    assert found(note("#share by another app", source_type="INTEGRATION", source_id="9")) == "by another app"


def test_a_partner_without_shared_notes_reads_none() -> None:
    assert shared_note({"notes": [note("#share x")]}, context(shared_notes=None)) is None
    assert shared_note({}, context(shared_notes=MARKS)) is None
    assert shared_note(None, context(shared_notes=MARKS)) is None


def planned(*notes: dict[str, Any], there: str | None = None, written_at: int = NOW - 50, theirs: Any = None) -> Plan:
    """The plan of a deal in sync whose notes were read."""
    ours, other, base = tied(hs_next_step=there)
    if there is not None:
        history(ours, "hs_next_step", written_at)
    other = {**(moved(other, LifeCycle__NextSteps=theirs) if theirs is not None else other), **STAMPED}
    return run({**ours, "notes": list(notes)}, other, base, document=settings(shared_notes=MARKS))


def test_a_newer_note_is_written_to_the_property_and_to_the_partner_as_our_peoples_word() -> None:
    plan = planned(note("#share Call Ann"), there="Write to Ann")
    assert plan.opportunity["LifeCycle.NextSteps"] == "Call Ann"
    assert plan.deal["hs_next_step"] == "Call Ann"
    assert plan.own_words == ("hs_next_step",)
    assert [(one.field, one.rule) for one in plan.deal_changes] == [("next_steps", "shared-note")]
    assert plan.base["next_steps"] == "Call Ann"


def test_a_note_for_this_partner_alone_counts_as_the_partners_word_for_the_others() -> None:
    plan = planned(note("#AWS Call Ann"))
    assert (plan.deal["hs_next_step"], plan.own_words) == ("Call Ann", ())


def test_an_older_note_changes_nothing() -> None:
    plan = planned(note("#share Call Ann", NOW - 90), there="Write to Ann")
    assert ("hs_next_step" in plan.deal, plan.opportunity, plan.own_words) == (False, {}, ())


def test_a_text_that_stands_there_already_is_not_written_again() -> None:
    assert "hs_next_step" not in planned(note("#share Call Ann"), there="Call Ann").deal


def test_against_the_partners_change_the_later_word_wins() -> None:
    later = planned(note("#share Call Ann", NOW), there="Write", theirs="AWS says")
    assert later.opportunity["LifeCycle.NextSteps"] == "Call Ann"
    earlier = planned(
        note("#share Call Ann", NOW - 200_000), there="Write", written_at=NOW - 300_000, theirs="AWS says"
    )
    assert earlier.deal["hs_next_step"] == "AWS says"
    assert (earlier.opportunity, earlier.own_words) == ({}, ())


def test_a_note_frees_the_property_from_another_partners_word() -> None:
    ours, other, base = tied(hs_next_step="Microsoft says")
    history(ours, "hs_next_step", NOW - 50)
    document = {**ours, "foreign": {"deal": ["hs_next_step"], "company": []}, "notes": [note("#share Call Ann")]}
    plan = run(document, other, base, document=settings(shared_notes=MARKS))
    assert (plan.opportunity["LifeCycle.NextSteps"], plan.withheld) == ("Call Ann", ())


def test_a_deal_without_the_tag_takes_no_note() -> None:
    ours, other, base = tied()
    off = {**ours, "properties": {**ours["properties"], "dealname": "BigCorp"}, "notes": [note("#share Call Ann")]}
    plan = run(off, other, base, document=settings(shared_notes=MARKS))
    assert (plan.outcome, "hs_next_step" in plan.deal) == ("paused", False)


def test_situation_without_notes_is_what_it_was() -> None:
    assert Situation.__dataclass_fields__["deal"]  # notes lie in the deal document, nothing else knows of them
    ours, other, base = tied()
    assert run(ours, other, base, document=settings(shared_notes=MARKS)) == run(ours, other, base)
