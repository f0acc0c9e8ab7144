"""Events: their shapes against the recorded and documented ones, which come when, and how badly they travel."""

from __future__ import annotations

import json
import pathlib

import pytest

from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import EventTrouble
from tests.contract.partner_central.samples import INVITATION, associate, create, read, submitted, update

CONTRACT = json.loads((pathlib.Path(__file__).parent / "event_shapes.json").read_text())


def types(events):
    return [event["detail-type"] for event in events]


def structure(value):
    """Keys and types, without the values."""
    if isinstance(value, dict):
        return {name: structure(item) for name, item in value.items()}
    return [structure(item) for item in value[:1]] if isinstance(value, list) else type(value).__name__


def play_everything(account, client):
    """Cause every kind of event."""
    identifier = submitted(client)
    account.edit_as_aws(identifier, review_status="Approved")
    rejected = create(client, attempt="t-2")
    associate(client, rejected)
    client.start_engagement_from_opportunity_task(
        Catalog="AWS", ClientToken="s-2", Identifier=rejected, AwsSubmission={"InvolvementType": "Co-Sell"}
    )
    account.edit_as_aws(rejected, review_status="Rejected")
    account.send_invitation(**INVITATION)


def expected(detail_type, shape):
    """The contract's example; what was never recorded is taken as documented."""
    examples = CONTRACT["shapes"][detail_type]
    return examples.get(shape, examples["documented"])


@pytest.mark.parametrize("shape", ["observed", "documented"])
def test_every_event_has_the_members_of_the_contract(make, events, clock, shape):
    account = make(switch_event_shape=shape)
    play_everything(account, client_for(account))
    clock.turn(20 * 86400)
    account.tick()

    seen = {event["detail-type"] for event in events}
    assert seen == set(CONTRACT["shapes"]) - {"Engagement Updated"}  # no engagement is ever edited here
    for event in events:
        wanted = structure(expected(event["detail-type"], shape))
        got = structure(event)
        if "resources" in wanted:
            wanted["resources"] = got["resources"] = []  # observed opportunity events have it empty
        assert got == wanted, event["detail-type"]


@pytest.mark.parametrize(
    ("shape", "version", "participant"), [("observed", "0", "RECEIVER"), ("documented", "1", "Receiver")]
)
def test_the_shapes_differ_in_version_resources_and_participant(make, events, shape, version, participant):
    account = make(switch_event_shape=shape)
    create(client_for(account))
    account.send_invitation(**INVITATION)

    opportunity, invitation = events
    assert opportunity["version"] == version
    assert opportunity.get("resources") == ([] if shape == "observed" else None)
    assert invitation["detail"]["engagementInvitation"]["participantType"] == participant
    assert invitation["resources"] == [invitation["detail"]["engagementInvitation"]["arn"]]


class TestScenarios:
    @pytest.fixture(autouse=True)
    def role_of_snapshot_jobs(self, client):
        """Without one no job of the account makes a snapshot (fact sheet 3.4)."""
        for catalog in ("AWS", "Sandbox"):
            client.put_selling_system_settings(Catalog=catalog, ResourceSnapshotJobRoleIdentifier="snapshots")

    def told(self, name):
        return CONTRACT["scenarios"][name]

    def test_create_submit_and_approve(self, account, client, events):
        identifier = create(client)
        assert types(events) == self.told("partner creates an opportunity")

        events.clear()
        associate(client, identifier)
        assert types(events) == ["Opportunity Updated"]  # a snapshot only once a snapshot job runs

        events.clear()
        client.start_engagement_from_opportunity_task(
            Catalog="AWS", ClientToken="s", Identifier=identifier, AwsSubmission={"InvolvementType": "Co-Sell"}
        )
        assert types(events) == self.told("partner submits with StartEngagementFromOpportunityTask")
        assert events[-1]["detail"]["engagementInvitation"]["participantType"] == "SENDER"

        events.clear()
        account.edit_as_aws(identifier, review_status="Approved")
        assert types(events) == self.told("AWS approves a submitted opportunity")

        events.clear()
        account.edit_as_aws(identifier, next_steps="Call the customer")
        assert types(events) == self.told("AWS updates the opportunity")

        events.clear()
        update(client, identifier, {"LifeCycle.NextSteps": "Called"})
        assert types(events) == self.told("partner updates an opportunity")

        events.clear()
        account.add_solution("S-2")
        associate(client, identifier, "S-2")
        assert types(events) == self.told("partner associates a solution")

        events.clear()
        offer = "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/Offer/offer-1"
        associate(client, identifier, offer, "AwsMarketplaceOffers")
        assert types(events) == self.told("partner associates a Marketplace offer")

    def test_a_rejection(self, account, client, events):
        identifier = submitted(client)
        events.clear()

        account.edit_as_aws(identifier, review_status="Rejected")

        assert types(events) == self.told("AWS rejects a submitted opportunity")

    def test_an_invitation_accepted_rejected_and_lapsed(self, account, client, events, clock):
        first, second, _third = (account.send_invitation(**INVITATION) for _ in range(3))
        assert types(events) == self.told("partner is invited by another partner") * 3

        events.clear()
        task = client.start_engagement_by_accepting_invitation_task(Catalog="AWS", ClientToken="a", Identifier=first)
        client.list_engagement_by_accepting_invitation_tasks(Catalog="AWS", TaskIdentifier=[task["TaskId"]])
        assert types(events) == self.told("partner accepts with StartEngagementByAcceptingInvitationTask")

        events.clear()
        client.reject_engagement_invitation(Catalog="AWS", Identifier=second, RejectionReason="Other")
        assert types(events) == self.told("partner rejects an invitation")

        events.clear()
        clock.turn(15 * 86400)
        account.tick()
        assert types(events) == self.told("partner lets an invitation lapse")

    def test_a_simulated_review_in_sandbox_announces_the_same(self, client, events):
        identifier = submitted(client, catalog="Sandbox")
        events.clear()

        update(client, identifier, {"LifeCycle.ReviewStatus": "Approved"}, catalog="Sandbox")

        assert types(events) == self.told("AWS approves a submitted opportunity")
        assert {event["detail"]["catalog"] for event in events} == {"Sandbox"}

    def test_a_refused_call_announces_nothing(self, client, events):
        identifier = create(client)
        events.clear()

        with pytest.raises(client.exceptions.ValidationException):
            update(client, identifier, {"Project.Title": None})

        assert events == []


class TestTrouble:
    def test_a_doubled_event_has_another_id_and_the_same_content(self, make, events):
        create(client_for(make(trouble=EventTrouble(duplicate_probability=1.0))))

        first, second = events
        assert first["id"] != second["id"]
        assert {**first, "id": ""} == {**second, "id": ""}

    def test_a_dropped_event_never_comes(self, make, events):
        account = make(trouble=EventTrouble(drop_probability=1.0))
        create(client_for(account))

        assert events == []
        assert account.events.lost == 1

    def test_a_delayed_event_comes_when_its_time_has(self, make, events, clock):
        account = make(trouble=EventTrouble(delay_min_ms=2000, delay_max_ms=2000))
        create(client_for(account))

        assert (events, account.events.waiting()) == ([], 1)
        clock.turn(2)
        account.tick()
        assert types(events) == ["Opportunity Created"]

    def test_random_delays_shuffle_and_are_repeatable(self, make, events, clock):
        def run(seed):
            events.clear()
            account = make(trouble=EventTrouble(delay_max_ms=60_000, seed=seed))
            for number in range(8):
                create(client_for(account), attempt=f"t-{number}")
            clock.turn(60)
            account.tick()
            return [event["detail"]["opportunity"]["identifier"] for event in events]

        assert run(1) == run(1)
        assert run(1) != sorted(run(1))

    def test_a_bus_that_is_down_loses_events_and_nothing_else(self, make):
        def down(_event):
            raise ConnectionError("no bus")

        account = make()
        account.events.emit = down
        client = client_for(account)

        assert read(client, create(client))
        assert account.events.lost == 1

    def test_a_receiver_may_call_the_account_from_within_the_event(self, make):
        account = make()
        client = client_for(account)
        seen = []

        def react(event):
            seen.append(event["detail-type"])
            if len(seen) == 1:
                update(client, event["detail"]["opportunity"]["identifier"], {"LifeCycle.NextSteps": "reacted"})

        account.events.emit = react
        create(client)

        assert seen == ["Opportunity Created", "Opportunity Updated"]
