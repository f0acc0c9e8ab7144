"""PATCH and PUT: paths, the status machine, eTags, what is answered (fact sheet 3 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.microsoft.sim_api import MEMBER, PATH, Api, deal, move, operation, refused

Start = Callable[..., Api]
NOTES = operation("/details/notes", "changed")


def test_a_patch_answers_204_without_a_body_and_moves_etag_and_time(api: Api) -> None:
    before = api.create()
    answer = api.patch(before["id"], NOTES)
    after = api.read(before["id"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert after["details"]["notes"] == "changed"
    assert answer.headers["ETag"] == after["eTag"] != before["eTag"]
    assert after["updatedDateTime"] > before["updatedDateTime"]
    assert after["createdDateTime"] == before["createdDateTime"]


def test_prefer_representation_returns_the_changed_referral(api: Api) -> None:
    referral = api.create()
    answer = api.patch(referral["id"], NOTES, Prefer="return=representation")
    assert answer.status_code == 200
    assert answer.json() == api.read(referral["id"])


def test_prefer_is_ignored_under_the_other_reading(start: Start) -> None:
    api = start(representation_returned=False)
    assert api.patch(api.create()["id"], NOTES, Prefer="return=representation").status_code == 204


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/campaignId", "c"),
        ("/consent/consentToShareReferralWithMicrosoftSellers", True),
        ("/customerProfile/team", [MEMBER]),
        ("/details/closingDateTime", "2030-07-31T00:00:00Z"),
        ("/details/currency", "EUR"),
        ("/details/dealValue", 60000),
        ("/details/requirements/solutions", [{"type": "Name", "id": "SOL-2"}]),
        ("/externalReferenceId", "deal-7"),
        ("/referralProgram", "p"),
        ("/salesStage", "Develop"),
        ("/statusReason", "price"),
        ("/team", []),
    ],
)
def test_each_published_path_is_patched(start: Start, path: str, value: Any) -> None:
    api = start(rows_filled=False)
    identifier = api.create()["id"]
    assert api.patch(identifier, operation(path, value)).status_code == 204
    found: Any = api.read(identifier)
    for name in path.removeprefix("/").split("/"):
        found = found[name]
    assert found == value


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("/team/-", MEMBER, ("team",)),
        ("/customerProfile/team/-", MEMBER, ("customerProfile", "team")),
        (
            "/details/requirements/solutions/-",
            {"type": "Name", "id": "SOL-2"},
            ("details", "requirements", "solutions"),
        ),
    ],
)
def test_add_appends_a_row(start: Start, path: str, value: Any, where: tuple[str, ...]) -> None:
    api = start(rows_filled=False)
    identifier = api.create()["id"]
    assert api.patch(identifier, operation(path, value, "add")).status_code == 204
    found: Any = api.read(identifier)
    for name in where:
        found = found[name]
    assert len(found) == 2
    assert found[-1] == value


@pytest.mark.parametrize(
    ("body", "sheet"),
    [
        ({"details": {"notes": "merged"}}, "5"),
        ([], "5"),
        ([operation("/details/notes", None, "remove")], "5"),
        ([operation("/details/notes", "x", "test")], "5"),
        ([operation("/name", "new")], "5"),
        ([operation("/details/closeDate", "2030-06-30")], "5"),
        ([operation("/registrations/-", {}, "add")], "5"),
        ([operation("/team/-", MEMBER)], "5"),
        ([{"op": "replace", "path": "/team"}], "5"),
        ([{**NOTES, "from": "/team"}], "5"),
        ([operation("/details/dealValue", "60000")], "5"),
        ([operation("/details/closingDateTime", "2030-07-31")], "2"),
        ([operation("/salesStage", "100")], "2"),
        ([operation("/team", [{"emailAddress": "x@partner.example"}])], "2"),
        ([operation("/status", "Open")], "3"),
        ([operation("/status", "Active")], "3"),
        ([operation("/substatus", "Received")], "3"),
        (move("Active", "Engaged"), "3"),
        (move("Active", "Pending"), "3"),
        (move("Closed", "Error"), "3"),
    ],
)
def test_a_wrong_patch_is_refused_whole(api: Api, body: Any, sheet: str) -> None:
    before = api.create()
    refused(api.call("PATCH", f"{PATH}/{before['id']}", body), 400, sheet, "invalidRequest")
    assert api.read(before["id"]) == before


def test_nothing_of_a_patch_stands_when_its_last_operation_is_refused(api: Api) -> None:
    before = api.create()
    refused(api.patch(before["id"], NOTES, operation("/name", "new")), 400, "5")
    assert api.read(before["id"]) == before


def test_name_is_patched_under_the_other_reading(start: Start) -> None:
    api = start(name_patchable=True)
    identifier = api.create()["id"]
    assert api.patch(identifier, operation("/name", "new")).status_code == 204
    assert api.read(identifier)["name"] == "new"


def test_status_and_substatus_walk_the_machine_and_leave_their_times(api: Api) -> None:
    identifier = api.create()["id"]
    assert api.patch(identifier, *move("Active", "Accepted")).status_code == 204
    assert api.read(identifier)["acceptedDateTime"] is not None
    refused(api.patch(identifier, *move("New", "Pending")), 400, "3")
    assert api.patch(identifier, *move("Closed", "Won")).status_code == 204
    assert api.read(identifier)["closedDateTime"] is not None


@pytest.mark.parametrize("target", [("New", "Pending"), ("Active", "Accepted"), ("Closed", "Lost")])
def test_closed_is_terminal(api: Api, target: tuple[str, str]) -> None:
    identifier = api.create()["id"]
    api.patch(identifier, *move("Closed", "Won"))
    refused(api.patch(identifier, *move(*target)), 400, "3")
    assert api.patch(identifier, NOTES).status_code == 204


def test_a_closed_substatus_changes_under_the_other_reading(start: Start) -> None:
    api = start(closed_substatus_changes=True)
    identifier = api.create()["id"]
    api.patch(identifier, *move("Closed", "Won"))
    assert api.patch(identifier, *move("Closed", "Lost")).status_code == 204
    refused(api.patch(identifier, *move("Active", "Accepted")), 400, "3")


def test_a_closed_referral_is_frozen_under_the_other_reading(start: Start) -> None:
    api = start(closed_is_frozen=True)
    closed = api.create()
    api.patch(closed["id"], *move("Closed", "Won"))
    refused(api.patch(closed["id"], NOTES), 400, "3")
    body = deal(status="Closed", substatus="Won")
    etag = api.read(closed["id"])["eTag"]
    refused(api.call("PUT", f"{PATH}/{closed['id']}", body, If_Match=etag), 400, "3")


@pytest.mark.parametrize("code", ["preconditionFailed", "resourceModified"])
def test_a_stale_weak_or_unquoted_etag_is_a_412(start: Start, code: str) -> None:
    api = start(mismatch_code=code)
    before = api.create()
    identifier, old = before["id"], before["eTag"]
    assert api.patch(identifier, NOTES, If_Match=old).status_code == 204
    current = api.read(identifier)["eTag"]
    for tag in (old, f"W/{current}", current.strip('"')):
        refused(api.patch(identifier, NOTES, If_Match=tag), 412, "5", code)
    assert api.patch(identifier, NOTES, If_Match=current).status_code == 204


def test_an_unknown_referral_is_a_404(api: Api) -> None:
    for answer in (api.call("GET", f"{PATH}/none"), api.patch("none", NOTES)):
        refused(answer, 404, "7", "itemNotFound")


def test_put_replaces_all_and_needs_an_etag_and_no_links(api: Api) -> None:
    before = api.create(externalReferenceId="deal-1")
    place = f"{PATH}/{before['id']}"
    refused(api.call("PUT", place, deal()), 400, "5")
    refused(api.call("PUT", place, deal(), If_Match='"old"'), 412, "5")
    refused(api.call("PUT", place, deal(links={}), If_Match=before["eTag"]), 400, "2")
    refused(api.call("PUT", place, deal(status="Active"), If_Match=before["eTag"]), 400, "3")
    answer = api.call("PUT", place, deal(name="whole", externalReferenceId=...), If_Match=before["eTag"])
    after = answer.json()
    assert (answer.status_code, after["name"], after["externalReferenceId"]) == (200, "whole", None)
    kept = ("id", "engagementId", "createdDateTime", "direction", "status")
    assert [after[name] for name in kept] == [before[name] for name in kept]


def test_delete_does_not_exist(api: Api) -> None:
    refused(api.call("DELETE", f"{PATH}/{api.create()['id']}"), 405, "1")
