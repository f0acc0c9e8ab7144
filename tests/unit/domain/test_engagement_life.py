"""Status, members and milestones of an engagement, from what our looks see."""

from __future__ import annotations

import pytest

from lambdas.aws.domain.engagement import EngagementView, announcements, milestones_text, properties, remember, view_of
from lambdas.shared.errors import Unexpected

NOW = 1_795_874_580_000  # 2026-11-28 14:03 UTC
ENGAGEMENT = "eng-0000000000000a"
NAMES = {
    name: f"aws_{name}"
    for name in (
        "engagement_id",
        "engagement_status",
        "engagement_members",
        "engagement_member_count",
        "milestones",
    )
}


def seen(*companies: str, review: str | None = "Submitted", invitations: tuple[str, ...] = ("PENDING",)):
    return EngagementView(ENGAGEMENT, companies or ("Us",), invitations, "Prospect", review)


@pytest.mark.parametrize(
    ("engagement", "companies", "invitations", "status"),
    [
        (None, (), (), "none"),
        (ENGAGEMENT, ("Us",), (), "created"),
        (ENGAGEMENT, ("Us",), ("PENDING",), "invited"),
        (ENGAGEMENT, ("Us",), ("EXPIRED", "PENDING"), "invited"),
        (ENGAGEMENT, ("Us",), ("REJECTED", "EXPIRED"), "declined"),
        (ENGAGEMENT, ("Us",), ("EXPIRED", "REJECTED"), "expired"),
        (ENGAGEMENT, ("Us",), ("ACCEPTED",), "joined"),
        (ENGAGEMENT, ("Us", "AWS"), ("PENDING",), "joined"),
        (ENGAGEMENT, ("AWS", "Us"), (), "joined"),
    ],
)
def test_the_status_is_derived_from_members_and_our_invitations(engagement, companies, invitations, status):
    assert EngagementView(engagement, companies, invitations).status == status


def test_a_status_of_an_invitation_that_aws_does_not_have_is_named():
    with pytest.raises(Unexpected, match="'LOST'; allowed: PENDING, ACCEPTED, REJECTED, EXPIRED"):
        _ = EngagementView(ENGAGEMENT, ("Us",), ("LOST",)).status


def test_a_member_without_a_name_shows_its_account():
    members = [{"account": "111122223333", "company": "Us"}, {"account": "444455556666", "company": ""}]
    opportunity = {"LifeCycle": {"Stage": "Prospect", "ReviewStatus": "Approved"}}
    view = view_of(opportunity, ENGAGEMENT, members, [{"id": "engi-1", "status": "ACCEPTED"}])
    assert view == EngagementView(ENGAGEMENT, ("Us", "444455556666"), ("ACCEPTED",), "Prospect", "Approved")


def test_a_first_look_says_that_it_saw_things_first():
    assert milestones_text(remember({}, seen(), NOW, 50)["milestones"]).splitlines() == [
        "2026-11-28 14:03 UTC  Stage: Prospect (first seen)",
        "2026-11-28 14:03 UTC  Review: Submitted (first seen)",
        "2026-11-28 14:03 UTC  Engagement: invitation pending (first seen)",
        "2026-11-28 14:03 UTC  Member: Us (first seen)",
    ]


def test_before_the_engagement_there_is_no_milestone_of_it():
    kept = remember({}, EngagementView(None, stage="Prospect", review="Pending Submission"), NOW, 50)
    assert [one["what"] for one in kept["milestones"]] == ["Stage", "Review"]
    assert properties(kept, NAMES) == {
        "aws_engagement_id": "",
        "aws_engagement_status": "none",
        "aws_engagement_members": "",
        "aws_engagement_member_count": "0",
        "aws_milestones": milestones_text(kept["milestones"]),
    }


def test_a_later_look_tells_what_changed_and_when_it_saw_it():
    before = remember({}, seen(), NOW - 3_600_000, 50)
    kept = remember(before, seen("Us", "AWS", review="Approved", invitations=("ACCEPTED",)), NOW, 50)
    assert milestones_text(kept["milestones"]).splitlines()[4:] == [
        "2026-11-28 14:03 UTC  Review: Submitted -> Approved",
        "2026-11-28 14:03 UTC  Engagement: invitation pending -> members joined",
        "2026-11-28 14:03 UTC  Member: AWS joined",
    ]
    assert properties(kept, NAMES)["aws_engagement_members"] == "Us, AWS"
    left = remember(kept, seen("Us", review="Approved", invitations=("ACCEPTED",)), NOW, 50)
    assert milestones_text(left["milestones"]).endswith("Member: AWS left")


def test_the_same_again_is_the_same_again():
    kept = remember({}, seen(), NOW, 50)
    assert remember(kept, seen(), NOW + 1, 50) == kept


def test_what_aws_leaves_out_of_an_answer_is_no_milestone():
    kept = remember({}, seen(), NOW, 50)
    assert remember(kept, seen(review=None), NOW + 1, 50) == kept


def test_only_the_newest_milestones_are_kept():
    kept = {}
    for number in range(30):
        kept = remember(kept, seen(review=("Submitted", "Approved")[number % 2]), NOW + number, 5)
    assert [one["at"] - NOW for one in kept["milestones"]] == [25, 26, 27, 28, 29]


def test_a_change_of_status_or_members_is_announced_with_ids_and_counts_only():
    none = remember({}, EngagementView(None), NOW, 50)
    assert announcements({}, none) == []
    invited = remember(none, seen(), NOW, 50)
    (event,) = announcements(none, invited)
    assert event["kind"] == "EngagementChanged"
    assert event["detail"] == {"engagement_id": ENGAGEMENT, "status": "invited", "was": "none", "members": 1}
    assert announcements(invited, remember(invited, seen(review="Approved"), NOW, 50)) == []
    joined = remember(invited, seen("Us", "AWS"), NOW, 50)
    assert announcements(invited, joined)[0]["key"] != event["key"]
