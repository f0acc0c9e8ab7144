"""What is new of an engagement's snapshots and of AWS's advice, and how a note shows it."""

from __future__ import annotations

from lambdas.aws.domain.shared_resources import advice_note, advice_of, latest, newer, snapshot_note

ENGAGEMENT, US = "eng-0000000000000a", "111122223333"


def snapshot(revision, created_by="aws", template="OpportunitySummaryView", resource="O1"):
    return {"resource": resource, "template": template, "revision": revision, "created_by": created_by}


def test_newer_are_later_revisions_of_others():
    listed = [snapshot(1, US), snapshot(2), snapshot(3, US), snapshot(1, template="AwsOpportunitySummaryFullView")]
    seen = latest([snapshot(1, US)], ENGAGEMENT)
    assert newer(listed, seen, ENGAGEMENT, US) == [listed[1], listed[3]]
    assert newer(listed, seen, ENGAGEMENT, None) == listed[1:]
    assert newer(listed, latest(listed, ENGAGEMENT), ENGAGEMENT, None) == []
    assert len(newer(listed, seen, "eng-0000000000000b", None)) == 4


def test_a_note_says_what_there_is_and_never_the_content():
    note = snapshot_note(
        [snapshot(2), snapshot(3), snapshot(1, US, "OtherView<"), snapshot(4, "", resource="O2")], ENGAGEMENT, US
    )
    assert note.kind == "note"
    for line in (
        "<li>Opportunity summary (shared with the members) of O1: revisions 2 to 3, by AWS</li>",
        "<li>OtherView&lt; of O1: revision 1, by us</li>",
        "<li>Opportunity summary (shared with the members) of O2: revision 4, by an unnamed member</li>",
    ):
        assert line in note.body
    again = snapshot_note(
        [snapshot(3), snapshot(2), snapshot(4, "", resource="O2"), snapshot(1, US, "OtherView<")], ENGAGEMENT, US
    )
    assert again.key == note.key


def test_a_long_list_is_cut():
    note = snapshot_note([snapshot(1, f"{number:012d}") for number in range(30)], ENGAGEMENT, US)
    assert note.body.count("<li>") == 21
    assert "<li>…</li>" in note.body


def test_advice_is_what_aws_says_and_may_be_missing():
    assert advice_of({}) == []
    assert advice_of({"Insights": {"NextBestActions": " ", "Recommendations": [{"Type": "X", "Details": ""}]}}) == []
    found = advice_of(
        {
            "Insights": {
                "NextBestActions": "Arrange a workshop",
                "Recommendations": [{"Type": "Funding <a>", "Details": "Ask for\ncredits"}, {"Details": "Call"}],
            }
        }
    )
    assert [one.kind for one in found] == ["Next best actions", "Funding <a>", "Recommendation"]
    assert len({one.mark for one in found}) == 3
    note = advice_note(found)
    assert "<li><strong>Funding &lt;a&gt;</strong>: Ask for<br>credits</li>" in note.body
    assert note.key == advice_note(found[::-1]).key


def test_a_long_advice_is_cut_before_it_is_escaped():
    (one,) = advice_of({"Insights": {"NextBestActions": "&" * 5000}})
    assert advice_note([one]).body.count("&amp;") == 1999
