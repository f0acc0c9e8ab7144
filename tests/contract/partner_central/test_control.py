"""Driving the account over HTTP under /_sandbox/, and served time that passes by itself."""

from __future__ import annotations

import json
import threading

import pytest
import urllib3

from lambdas.shared.clock import SystemClock
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.app import serve
from sandbox.partner_central.switches import EventTrouble, Quota
from tests.contract.partner_central.samples import INVITATION, create, document, read


@pytest.fixture
def control(served):
    """Call a control: (method, path, body) -> (status, document)."""

    def call(method, path, body=None):
        data = None if body is None else json.dumps(body)
        answer = urllib3.request(method, f"{served}/_sandbox/{path}", body=data, retries=False)
        return answer.status, answer.json() if answer.data else None

    return call


def test_aws_edits_an_opportunity(control, http_client):
    identifier = create(http_client)
    before = read(http_client, identifier)["LastModifiedDate"]

    status, _ = control(
        "POST",
        f"aws/opportunities/{identifier}",
        {
            "next_steps": "Meet the account team",
            "stage": "Qualified",
            "review_status": "Action Required",
            "review_comments": "Please clarify",
            "review_status_reason": "Clarify Revenue",
            "fields": {"Project.AdditionalComments": "seen by AWS"},
            "summary": {"LifeCycle": {"NextSteps": "AWS will call"}, "Insights": {"EngagementScore": "High"}},
        },
    )

    assert status == 204
    after = read(http_client, identifier)
    assert after["LastModifiedDate"] > before
    assert after["LifeCycle"]["Stage"] == "Qualified"
    assert after["LifeCycle"]["NextSteps"] == "Meet the account team"
    assert after["LifeCycle"]["ReviewStatus"] == "Action Required"
    assert after["Project"]["AdditionalComments"] == "seen by AWS"
    summary = http_client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
    assert summary["Insights"]["EngagementScore"] == "High"
    assert summary["LifeCycle"]["NextSteps"] == "AWS will call"


@pytest.mark.parametrize(
    ("path", "body", "status", "named"),
    [
        ("aws/opportunities/O1", {"stage": "Qualified"}, 404, "O1"),
        ("aws/invitations", {"title": "only"}, 400, "company"),
        ("solutions", {"identifier": "wrong"}, 400, "S-"),
        ("task-failures", {"kind": "accept", "reason_code": "Whatever"}, 400, "InternalError"),
        ("nothing", {}, 404, "/_sandbox/settings"),
    ],
)
def test_a_wrong_order_is_told_with_what_is_allowed(control, path, body, status, named):
    answer = control("POST", path, body)

    assert answer[0] == status
    assert named in answer[1]["error"]


@pytest.mark.parametrize(
    "edit",
    [
        {"stage": "Won"},
        {"colour": "red"},
        {"review_status": "Good"},
        {"fields": {"Project.Title": 5}},
        {"target_close_date": "soon"},
        {"summary": {"LifeCycle": {"Stage": "Prospecting"}}},
    ],
)
def test_a_wrong_edit_changes_nothing(control, http_client, edit):
    identifier = create(http_client)
    before = read(http_client, identifier)

    assert control("POST", f"aws/opportunities/{identifier}", {**edit, "next_steps": "x"})[0] == 400
    assert read(http_client, identifier) == before


def test_an_invitation_is_sent_listed_and_accepted(control, http_client):
    status, answer = control("POST", "aws/invitations", {**INVITATION, "catalog": "Sandbox"})
    assert status == 200

    _, listed = control("GET", "invitations?catalog=Sandbox")
    assert [(entry["id"], entry["status"]) for entry in listed] == [(answer["id"], "PENDING")]
    assert control("GET", "invitations?catalog=AWS") == (200, [])
    begun = http_client.start_engagement_by_accepting_invitation_task(
        Catalog="Sandbox", ClientToken="a", Identifier=answer["id"]
    )
    assert begun["TaskStatus"] == "IN_PROGRESS"


def test_records_solutions_failures_and_calls_are_at_hand(control, http_client):
    identifier = create(http_client)
    assert control("POST", "solutions", {"identifier": "S-77", "name": "Second", "catalog": "AWS"})[0] == 204
    assert control("POST", "task-failures", {"kind": "submit", "reason_code": "InternalError"})[0] == 204

    _, records = control("GET", "opportunities")
    _, calls = control("GET", "calls")

    assert [(record["id"], record["document"]["Project"]["Title"]) for record in records] == [
        (identifier, "Cloud Migration")
    ]
    assert calls["by_operation"] == {"CreateOpportunity": {"calls": 1, "throttled": 0}}
    assert [call["operation"] for call in calls["calls"]] == ["CreateOpportunity"]
    assert control("DELETE", "calls")[0] == 204
    assert control("GET", "calls")[1]["calls"] == []
    names = [s["Name"] for s in http_client.list_solutions(Catalog="AWS")["SolutionSummaries"]]
    assert "Second" in names


def test_settings_change_while_it_runs_and_unknown_ones_are_refused(control, account, http_client):
    identifier = create(http_client)

    status, settings = control(
        "PATCH",
        "settings",
        {"switches": {"encode_entities": True}, "quota": {"writes_per_second": 1}, "latency_seconds": 0.001},
    )

    assert (status, settings["switches"]["encode_entities"], settings["latency_seconds"]) == (200, True, 0.001)
    assert account.quota.quota.writes_per_second == 1
    assert read(http_client, identifier)["Project"]["CustomerUseCase"] == "Storage &amp; Backup"
    for wrong in ({"switches": {"encode": True}}, {"colour": {}}):
        status, answer = control("PATCH", "settings", wrong)
        assert status == 400
        assert "allowed" in answer["error"]


def test_faults_are_ordered_over_http(control, http_client):
    assert control("POST", "faults", {"operation": "ListSolutions", "status": 500})[0] == 201

    with pytest.raises(http_client.exceptions.InternalServerException):
        http_client.list_solutions(Catalog="AWS")

    assert control("GET", "faults")[1][0]["left"] == 0
    assert control("DELETE", "faults")[0] == 204


def test_a_served_account_delivers_late_events_by_itself():
    arrived = threading.Event()
    account = PartnerCentralAccount(
        SystemClock(),
        emit=lambda _event: arrived.set(),
        quota=Quota(None, None, None, None),
        trouble=EventTrouble(delay_min_ms=20, delay_max_ms=40),
    )
    server = serve(account)
    try:
        account.handle("CreateOpportunity", {"Catalog": "AWS", "ClientToken": "t", **document()})
        assert arrived.wait(60)
    finally:
        server.stop()


def test_a_stopped_server_leaves_its_port_and_threads(account):
    server = serve(account)
    server.stop()

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("partner-central")]
    with pytest.raises(urllib3.exceptions.HTTPError, match="refused"):
        urllib3.request("GET", server.url, retries=False)
