"""The adapter of engagements and the looks built on it, against the strict simulated account and through the SDK."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.engagements import Engagements
from lambdas.aws.adapters.partner_central import PartnerCentral
from lambdas.aws.adapters.solution_cache import SolutionCache
from lambdas.aws.adapters.summary import Summaries
from lambdas.aws.domain.solutions import Solution
from lambdas.aws.handlers import check_settings, gather_engagement, gather_resources
from lambdas.shared.adapters.ledger import Audit, Runs, Seen, Watermark, Watermarks
from lambdas.shared.errors import Conflict, NotFound, Rejected, Retryable, Throttled, Unauthorized
from sandbox.fakes import FakeClock, FakeDynamoDb
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import Quota, Switches
from tests.contract.partner_central.samples import INVITATION, SOLUTION, create, submitted

US = "111122223333"
ROLE = f"arn:aws:iam::{US}:role/HubSpotPartnerCentralSnapshotRole"
OTHER_ROLE = f"arn:aws:iam::{US}:role/somebody-elses"
LINK = "link#aws#d500"
NAMES = {
    role: f"aws_{role}"
    for role in ("engagement_id", "engagement_status", "engagement_members", "engagement_member_count", "milestones")
}
PAPER = {
    "kind": "whitepaper",
    "title": "A paper",
    "url": "https://a.example/p",
    "description": "",
    "solutions": [SOLUTION],
    "use_cases": [],
    "industries": [],
}
RULES = {
    "documents": [],
    "documents_per_note": 10,
    "snapshots": "others",
    "advice": True,
    "account": US,
    "snapshot_role": ROLE,
}


class Room:
    """One opportunity of one account, and everything that its looks work with."""

    def __init__(self, switches: Switches | None = None) -> None:
        self.clock, self.faults, dynamodb = FakeClock(1_795_874_580_000), FaultRules(), FakeDynamoDb()
        self.account = PartnerCentralAccount(
            self.clock, US, quota=Quota(None, None, None, None), switches=switches or Switches()
        )
        self.client = client_for(self.account, self.faults)
        self.engagements, self.central = Engagements(self.client, "AWS"), PartnerCentral(self.client, "AWS")
        self.summaries = Summaries(self.client, "AWS")
        self.runs, self.seen = Runs(dynamodb, "runs", self.clock), Seen(dynamodb, "ledger", self.clock)
        self.audit, self.watermarks = (
            Audit(dynamodb, "audit", self.clock, ledger="ledger"),
            Watermarks(dynamodb, "ledger"),
        )
        self.solutions = SolutionCache(dynamodb, "ledger", "AWS", self.clock)
        self.opportunity, self.rules, self._run = "", dict(RULES), 0

    def look(self, kind: str, *, remembered: bool = True) -> dict[str, Any]:
        """What a look finds; with what show and remember would do after it."""
        self._run += 1
        run = {
            "run_id": f"r{self._run}",
            "partner": "aws",
            "kind": kind,
            "link": LINK,
            "deal_id": "500",
            "opportunity_id": self.opportunity,
        }
        if kind == "engagement":
            c = gather_engagement.Collaborators(
                self.central, self.engagements, self.runs, self.seen, NAMES, 50, self.clock
            )
            answer = gather_engagement.gather_engagement({"run": run}, c)
        else:
            answer = gather_resources.gather_resources(
                {"run": run},
                gather_resources.Collaborators(
                    self.central,
                    self.engagements,
                    self.summaries,
                    self.runs,
                    self.seen,
                    self.audit,
                    self.rules,
                    lambda: f"token-{self._run}",
                ),
            )
        if not answer["news"]:
            return {"properties": {}, "facts": [], "announce": []}
        found = self.runs.get(run["run_id"], "findings")["findings"]
        assert sorted(found["properties"]) == answer["properties"]
        assert [one["key"] for one in found["facts"]] == answer["facts"]
        if remembered:
            assert self.seen.put(LINK, kind, found["seen"], found["seen_version"])
        return found

    def check(self) -> int:
        c = check_settings.Collaborators(self.engagements, self.watermarks, self.solutions, self.rules, self.audit)
        return check_settings.check_settings({}, c)["count"]

    def bodies(self) -> str:
        return "\n".join(one["body"] for one in self.look("resources")["facts"])

    def engagement(self) -> str:
        return self.engagements.of_opportunity(self.opportunity)[0]

    def job(self) -> dict[str, Any]:
        found = self.engagements.job_of(self.engagement(), self.opportunity)
        assert found is not None
        return found

    def calls(self, operation: str) -> int:
        return self.account.call_counts().get(operation, {"calls": 0})["calls"]


@pytest.fixture(params=["documented", "other"])
def room(request) -> Room:
    """Submitted, under both readings of what AWS leaves unclear."""
    made = Room(Switches(encode_entities=True) if request.param == "documented" else other_readings())
    made.opportunity = submitted(made.client)
    return made


def other_readings() -> Switches:
    switches = Switches.other_readings()
    switches.fresh_not_found_ms = 0  # the clock of these tests stands still
    return switches


class TestAdapter:
    def test_what_it_reads(self, room):
        engagement = room.engagement()
        room.account.add_member(engagement, account="222233334444", company="Second & Sons: Partner")

        assert room.engagements.read(engagement)["Id"] == engagement
        assert room.engagements.members(engagement) == [
            {"account": US, "company": "Example Partner Ltd"},
            {"account": "222233334444", "company": "Second & Sons: Partner"},
        ]
        assert [one["status"] for one in room.engagements.sent_invitations(engagement)] == ["PENDING"]
        assert room.engagements.snapshots(engagement) == [
            {"resource": room.opportunity, "template": "OpportunitySummaryView", "revision": 1, "created_by": US}
        ]
        assert (room.job()["status"], room.job()["resource"]) == ("Running", room.opportunity)

    def test_a_list_is_read_to_its_end(self, room, monkeypatch):
        monkeypatch.setattr("lambdas.aws.adapters.engagements._MEMBERS", 2)
        monkeypatch.setattr("lambdas.aws.adapters.engagements._MANY", 2)
        engagement = room.engagement()
        for number in range(6):
            room.account.add_member(engagement, account=f"22223333444{number}", company=f"Partner {number}")
            room.account.add_snapshot(room.opportunity)
        assert len(room.engagements.members(engagement)) == len(room.engagements.snapshots(engagement)) == 7

    def test_an_opportunity_that_was_never_submitted_is_in_none(self, room):
        assert room.engagements.of_opportunity(create(room.client, attempt="t-9")) == []

    def test_a_role_is_read_and_registered(self, room):
        assert room.engagements.job_role() is None
        room.engagements.register_job_role(ROLE)
        assert room.engagements.job_role() == ROLE

    def test_starting_what_runs_is_done(self, room):
        room.engagements.start_job(room.job()["id"])

    def test_a_token_gives_one_job_and_a_second_job_is_a_conflict(self, room):
        with pytest.raises(Conflict):
            room.engagements.create_job("t-1", room.engagement(), room.opportunity)

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            ("ThrottlingException", Throttled),
            ("ServiceQuotaExceededException", Throttled),
            ("InternalServerException", Retryable),
            ("AccessDeniedException", Unauthorized),
            ("ResourceNotFoundException", NotFound),
            ("ValidationException", Rejected),
        ],
    )
    def test_refusals_are_named_errors(self, room, code, error):
        status = 500 if "Internal" in code else 400
        room.faults.add("ListEngagementMembers", code=code, status=status)
        with pytest.raises(error):
            room.engagements.members("eng-00000000000000")


class TestEngagementLook:
    def test_the_life_of_an_engagement(self, room):
        found = room.look("engagement")
        assert found["properties"]["aws_engagement_id"] == room.engagement()
        assert found["properties"]["aws_engagement_status"] == "invited"
        assert found["properties"]["aws_engagement_members"] == "Example Partner Ltd"
        assert room.look("engagement")["properties"] == {}

        room.clock.advance(hours=1)
        room.account.edit_as_aws(room.opportunity, review_status="Approved")
        found = room.look("engagement")
        assert found["properties"]["aws_engagement_status"] == "joined"
        assert found["properties"]["aws_engagement_members"] == "Example Partner Ltd, AWS"
        assert found["properties"]["aws_engagement_member_count"] == "2"
        assert found["properties"]["aws_milestones"].splitlines()[-3:] == [
            "2026-11-28 15:03 UTC  Review: Submitted -> Approved",
            "2026-11-28 15:03 UTC  Engagement: invitation pending -> members joined",
            "2026-11-28 15:03 UTC  Member: AWS joined",
        ]
        assert found["announce"][0]["detail"]["status"] == "joined"

    @pytest.mark.parametrize(("event", "status"), [("Rejected", "declined"), ("lapsed", "expired")])
    def test_an_invitation_that_came_to_nothing(self, room, event, status):
        if event == "Rejected":
            room.account.edit_as_aws(room.opportunity, review_status=event)
        else:
            room.clock.advance(hours=16 * 24)
        assert room.look("engagement")["properties"]["aws_engagement_status"] == status

    def test_before_the_submission_there_is_none(self, room):
        room.opportunity = create(room.client, attempt="t-9")
        assert room.look("engagement")["properties"]["aws_engagement_status"] == "none"
        assert room.calls("ListEngagementMembers") == 0

    def test_an_accepted_invitation_shows_who_is_in(self):
        room = Room()
        invitation = room.account.send_invitation(**INVITATION)
        task = room.client.start_engagement_by_accepting_invitation_task(
            Catalog="AWS", ClientToken="a", Identifier=invitation
        )
        found = room.client.list_engagement_by_accepting_invitation_tasks(
            Catalog="AWS", TaskIdentifier=[task["TaskId"]]
        )
        room.opportunity = found["TaskSummaries"][0]["OpportunityId"]
        shown = room.look("engagement")["properties"]
        assert (shown["aws_engagement_status"], shown["aws_engagement_members"]) == (
            "joined",
            "AWS, Example Partner Ltd",
        )


class TestResourcesLook:
    def test_a_snapshot_of_others_is_told_once_and_ours_never(self, room):
        assert room.bodies() == ""
        room.account.add_snapshot(room.opportunity)
        room.account.add_snapshot(room.opportunity, created_by=US)
        assert "revision 2, by AWS" in room.bodies()
        assert room.bodies() == ""
        room.account.add_snapshot(room.opportunity)
        assert "revision 4, by AWS" in room.bodies()

    @pytest.mark.parametrize(("snapshots", "told"), [("all", True), ("none", False)])
    def test_which_snapshots_are_told_is_configured(self, room, snapshots, told):
        room.rules["snapshots"] = snapshots
        assert ("revision 1, by us" in room.bodies()) is told

    def test_advice_is_told_once_and_new_advice_again(self, room):
        first = {"Insights": {"NextBestActions": "Arrange: a workshop & call"}}
        room.account.edit_as_aws(room.opportunity, summary=first)
        assert "Arrange: a workshop &amp; call" in room.bodies()
        assert room.bodies() == ""
        more = {"Insights": {"Recommendations": [{"Type": "Funding", "Details": "Ask for credits"}]}}
        room.account.edit_as_aws(room.opportunity, summary=more)
        body = room.bodies()
        assert "Ask for credits" in body
        assert "workshop" not in body

    def test_a_look_that_died_after_telling_tells_the_same_fact_again(self, room):
        room.rules["documents"] = [PAPER]
        room.account.add_snapshot(room.opportunity)
        first, second = room.look("resources", remembered=False), room.look("resources")
        assert [one["key"] for one in first["facts"]] == [one["key"] for one in second["facts"]]

    def test_a_document_is_told_once_and_once_more_when_it_changed(self, room):
        room.rules["documents"] = [PAPER, {**PAPER, "title": "Of another", "solutions": ["S-9"]}]
        assert "A paper" in (body := room.bodies())
        assert "Of another" not in body
        room.rules["documents"] = [{**PAPER, "description": "only described anew"}]
        assert room.bodies() == ""
        room.rules["documents"] = [{**PAPER, "url": "https://a.example/second-edition"}]
        assert "second-edition" in room.bodies()
        assert room.bodies() == ""

    def test_documents_come_before_the_submission_too(self, room):
        room.opportunity = create(room.client, attempt="t-9")
        room.rules["documents"] = [{**PAPER, "solutions": [], "use_cases": ["Storage & Backup"]}]
        assert "A paper" in room.bodies()
        assert room.calls("ListResourceSnapshotJobs") == 0


class TestSnapshotJob:
    def test_a_stopped_one_is_started_once(self, room):
        room.client.stop_resource_snapshot_job(Catalog="AWS", ResourceSnapshotJobIdentifier=room.job()["id"])
        room.look("resources")
        room.look("resources")
        assert room.job()["status"] == "Running"
        assert room.calls("StartResourceSnapshotJob") == 1
        operations = {one["operation"] for one in room.audit.entries(LINK) if "operation" in one}
        assert operations == {"StartResourceSnapshotJob"}

    def test_a_missing_one_is_created_and_started_with_a_token_that_was_kept(self, room):
        lose_job(room)
        room.faults.add("CreateResourceSnapshotJob", status=503)
        with pytest.raises(Retryable):
            room.look("resources")
        kept = room.seen.get(LINK, "resources")[0]["jobs"]
        assert list(kept[room.engagement()]) == ["token"]

        room.look("resources")

        assert room.job()["status"] == "Running"
        assert room.seen.get(LINK, "resources")[0]["jobs"] == {room.engagement(): {"id": room.job()["id"]}}
        assert len(room.account.catalogs["AWS"].jobs) == 1

    def test_one_that_was_created_before_the_answer_was_lost_is_not_made_twice(self, room):
        lose_job(room)
        room.faults.add("CreateResourceSnapshotJob", answer_lost=True)
        with pytest.raises(Retryable):
            room.look("resources")
        room.look("resources")
        assert len(room.account.catalogs["AWS"].jobs) == 1
        assert room.job()["status"] == "Running"

    def test_one_that_was_deleted_at_aws_is_made_anew(self, room):
        room.look("resources")
        lose_job(room)
        room.look("resources")
        assert room.job()["status"] == "Running"

    def test_a_refusal_keeps_nothing_else_from_being_told(self, room):
        lose_job(room)
        room.faults.add("CreateResourceSnapshotJob", code="AccessDeniedException", status=400)
        room.rules["documents"] = [PAPER]
        assert "A paper" in room.bodies()


class TestSettings:
    def test_our_role_is_registered_where_none_is_and_left_from_then_on(self, room):
        assert room.check() == 1
        assert room.engagements.job_role() == ROLE
        assert room.check() == 0
        assert room.calls("PutSellingSystemSettings") == 1

    def test_a_role_of_somebody_else_is_never_replaced(self, room):
        room.engagements.register_job_role(OTHER_ROLE)
        assert room.check() == 0
        assert room.engagements.job_role() == OTHER_ROLE

    def test_a_changed_catalogue_has_every_opportunity_looked_at_once_more(self, room):
        room.check()
        room.watermarks.move("aws", "resources", Watermark(since="2026-11-28T00:00:00Z"), Watermark())
        assert room.check() == 0
        room.rules["documents"] = [PAPER]
        assert room.check() == 1
        assert room.watermarks.get("aws", "resources") == Watermark(since="2000-01-01T00:00:00Z")
        assert room.check() == 0

    def test_a_solution_that_the_account_does_not_have_is_warned_of_once_the_list_was_read(self, room, caplog):
        room.rules["documents"] = [PAPER, {**PAPER, "title": "B", "solutions": ["S-9"]}]
        room.check()
        assert "S-9" not in warned(caplog)
        room.solutions.put([Solution(SOLUTION, "Ours", "Software", "Active")])
        room.check()
        assert warned(caplog) == ["S-9"]

    def test_a_role_that_may_not_be_handed_over_is_a_named_error(self, room):
        room.rules["snapshot_role"] = ROLE.replace(US, "999988887777")
        with pytest.raises(Unauthorized):
            room.check()


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each for record in caplog.records for each in getattr(record, "solutions", ())]


def lose_job(room: Room) -> None:
    room.account.catalogs["AWS"].jobs.clear()
