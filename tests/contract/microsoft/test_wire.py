"""Headers, error bodies, throttling, faults and the control page (fact sheet 7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.microsoft.switches import Quota
from tests.contract.microsoft.sim_api import PATH, Api, deal, operation, refused

Start = Callable[..., Api]
GUID = "aaaaaaaa-0000-4000-8000-000000000001"


@pytest.mark.parametrize("value", [None, "1", "not-a-guid-at-all-but-36-characters-x"])
def test_client_request_id_is_required_and_a_guid(api: Api, value: str | None) -> None:
    refused(api.call("GET", PATH, client_request_id=value), 400, "7", "invalidRequest")


def test_client_request_id_comes_back_and_must_be_fresh(api: Api) -> None:
    assert api.call("GET", PATH, client_request_id=GUID).headers["client-request-id"] == GUID
    refused(api.call("GET", PATH, client_request_id=GUID), 400, "7")


def test_client_request_id_may_repeat_under_the_other_reading(start: Start) -> None:
    api = start(client_request_id_fresh=False)
    assert [api.call("GET", PATH, client_request_id=GUID).status_code for _ in range(2)] == [200, 200]


def test_the_correlation_id_is_optional_but_a_guid(api: Api) -> None:
    assert api.call("GET", PATH, MS_CorrelationId=GUID).status_code == 200
    refused(api.call("GET", PATH, MS_CorrelationId="run 7"), 400, "7")


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.bearer}", "client-request-id": GUID}
    place = api.server.url + PATH
    refused(api.http.post(place, data="{", headers=headers | {"Content-Type": "application/json"}), 400, "7")
    api.account.switches.client_request_id_fresh = False
    refused(api.http.post(place, data="{}", headers=headers | {"Content-Type": "text/plain"}), 400, "7")


def test_the_nested_error_has_another_case_under_the_other_reading(start: Start) -> None:
    error = start(inner_error_name="innererror").call("GET", f"{PATH}/none").json()["error"]
    assert "innerError" not in error
    assert error["innererror"]["code"] == "itemNotFound"


def test_over_the_quota_is_a_429_of_another_shape_with_the_seconds_to_wait(start: Start) -> None:
    api = start({"quota": Quota(2, 60_000)}, throttled_calls_count=False)
    api.list()
    api.clock.advance(seconds=10)
    api.list()
    answer = api.list()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "50")
    assert answer.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 50 seconds."}
    api.clock.advance(seconds=49)
    assert api.list().status_code == 429
    api.clock.advance(seconds=1)
    assert api.list().status_code == 200


def test_a_throttled_call_counts_against_the_caller_under_the_stricter_reading(start: Start) -> None:
    api = start({"quota": Quota(1, 60_000)})
    api.list()
    api.clock.advance(seconds=50)
    assert api.list().headers["Retry-After"] == "60"
    api.clock.advance(seconds=10)
    assert api.list().headers["Retry-After"] == "60"
    api.clock.advance(seconds=60)
    assert api.list().status_code == 200


def test_without_a_quota_nothing_is_throttled(start: Start) -> None:
    api = start({"quota": Quota(None)})
    assert {api.list().status_code for _ in range(20)} == {200}


def test_an_ordered_fault_speaks_the_vendor_s_language(api: Api) -> None:
    api.faults.add("ListReferrals", status=503, headers={"Retry-After": "7"})
    answer = api.list()
    refused(answer, 503, "7", "serviceNotAvailable")
    assert answer.headers["Retry-After"] == "7"
    api.faults.add("ListReferrals", status=429, headers={"Retry-After": "9"})
    assert api.list().json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 9 seconds."}
    api.faults.add("ListReferrals", status=403, code="insufficent_claims")
    refused(api.list(), 403, "7", "insufficent_claims")
    api.faults.add("Token", status=503)
    assert api.token().json()["error"] == "temporarily_unavailable"


def test_a_lost_answer_leaves_the_work_done(api: Api) -> None:
    api.faults.add("CreateReferral", answer_lost=True)
    assert api.call("POST", PATH, deal()).status_code == 504
    assert len(api.list().json()["value"]) == 1


def test_an_unknown_path_is_a_404(api: Api) -> None:
    assert api.call("GET", "/v1.0/referrals").status_code == 404


def test_the_control_page_drives_microsoft_s_side(api: Api) -> None:
    one = api.control("POST", "microsoft/referrals", {"name": "From Microsoft"}).json()
    changed = api.control("POST", f"microsoft/referrals/{one['id']}", {"details": {"notes": "theirs"}}).json()
    assert changed["details"] == one["details"] | {"notes": "theirs"}
    assert [found["name"] for found in api.control("GET", "referrals").json()] == ["From Microsoft"]
    assert [found["direction"] for found in api.control("GET", "referrals?organisation=msft").json()] == ["Outgoing"]
    assert api.control("POST", "microsoft/referrals/none", {}).status_code == 404
    assert "closeDate" in api.control("POST", "microsoft/referrals", {"closeDate": "x"}).json()["error"]
    assert "allowed" in api.control("GET", "referrals?organisation=other").json()["error"]
    assert api.control("GET", "nothing").status_code == 404


def test_the_control_page_kills_and_renews_consent(api: Api) -> None:
    assert api.control("DELETE", "consent").status_code == 204
    assert api.token().json()["error"] == "invalid_grant"
    api.refresh_token = api.control("POST", "consent").json()["refresh_token"]
    assert api.token().status_code == 200
    assert api.control("POST", "interaction").status_code == 204
    assert api.token().json()["error"] == "interaction_required"
    assert api.control("DELETE", "consent?access_tokens=1").status_code == 204
    assert api.list().status_code == 401


def test_settings_are_changed_while_it_runs_and_a_wrong_one_changes_nothing(api: Api) -> None:
    assert api.control("PATCH", "settings", {"switches": {"create_status": 201}, "role": None}).status_code == 200
    refused(api.list(), 403, "10")
    wrong = api.control("PATCH", "settings", {"role": "Referrals User", "quota": {"rate": 1}})
    assert wrong.status_code == 400
    assert "allowed: calls, window_ms" in wrong.json()["error"]
    refused(api.list(), 403, "10")
    assert api.control("PATCH", "settings", {"nothing": 1}).status_code == 400
    assert api.control("GET", "settings").json()["switches"]["create_status"] == 201


def test_calls_are_counted_per_operation(api: Api) -> None:
    api.control("DELETE", "calls")
    api.patch(api.create()["id"], operation("/details/notes", "x"))
    api.list()
    assert api.control("GET", "calls").json()["by_operation"] == {
        "CreateReferral": 1,
        "ListReferrals": 1,
        "UpdateReferral": 1,
    }
