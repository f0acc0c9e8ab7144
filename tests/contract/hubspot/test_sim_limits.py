"""Tokens, scopes, rate limits, versions, faults and counters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.hubspot import Settings, Switches, app_token, rep_token
from sandbox.hubspot.facts import FACTS
from sandbox.hubspot.routes import OPERATION_NAMES
from tests.contract.hubspot.sim_api import DEAL, DEALS, OTHER, OURS, REP, Api


@pytest.mark.parametrize("token", ["", "pat-na1-unknown", "rep-", "rep-x"])
def test_an_unknown_token_is_401(api: Api, token: str) -> None:
    status, answer = api.get(DEALS, token)
    assert (status, answer["category"]) == (401, "INVALID_AUTHENTICATION")
    assert answer["correlationId"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", DEALS, "crm.objects.deals.read"),
        ("POST", DEALS, "crm.objects.deals.write"),
        ("POST", f"{DEALS}/search", "crm.objects.deals.read"),
        ("GET", "/crm/objects/2026-09/notes", "crm.objects.contacts.read"),
        ("POST", "/crm/objects/2026-09/tasks", "crm.objects.contacts.write"),
        ("POST", "/crm/properties/2026-09/deals", "crm.schemas.deals.write"),
        ("GET", "/crm/owners/2026-09", "crm.objects.owners.read"),
        ("GET", "/crm/pipelines/2026-09/deals", "crm.objects.deals.read"),
        ("PUT", f"{DEALS}/1/associations/default/companies/2", "crm.objects.companies.write"),
    ],
)
def test_a_missing_scope_is_403_and_named(method: str, path: str, scope: str) -> None:
    others = frozenset(FACTS["scopes"] + FACTS["setup_scopes"]) - {scope}
    api = Api(tokens=[app_token(OURS, 400, others)])
    status, answer = api.call(method, path, {"properties": DEAL})
    assert (status, answer["category"]) == (403, "MISSING_SCOPES")
    assert scope in answer["errors"][0]["context"]["requiredGranularScopes"]
    assert answer["links"]["scopes"]


def test_reading_properties_needs_either_scope() -> None:
    tokens = [app_token(OURS, 400, frozenset({"crm.objects.deals.read"})), app_token(OTHER, 999, frozenset())]
    api = Api(tokens=tokens)
    assert api.get("/crm/properties/2026-09/deals")[0] == 200
    assert api.get("/crm/properties/2026-09/deals", OTHER)[0] == 403


def test_ten_seconds_are_counted_per_app_and_announced(both: Api) -> None:
    api = Api(both.account.switches, Settings(per_ten_seconds=3))
    for left in ("2", "1", "0"):
        assert api.get(DEALS)[0] == 200
        assert api.headers["x-hubspot-ratelimit-remaining"] == left
    assert api.headers["x-hubspot-ratelimit-max"] == "3"
    assert api.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert api.headers["x-hubspot-ratelimit-daily"] == "625000"
    assert api.headers["x-hubspot-ratelimit-daily-remaining"] == "624997"
    status, answer = api.get(DEALS)
    assert (status, answer["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert "[hubspot.md 4.1]" in answer["message"]
    if api.account.switches.rate_limit_prints_category:
        assert answer["category"] == "RATE_LIMITS"
    else:
        assert answer["errorType"] == "RATE_LIMIT"
        assert "category" not in answer
    assert ("retry-after" in api.headers) is api.account.switches.retry_after_on_429
    assert api.get(DEALS, OTHER)[0] == 200
    assert api.get(DEALS, REP)[0] == 200
    api.clock.advance(seconds=10)
    assert api.get(DEALS)[0] == 200


def test_the_day_is_shared_and_ends_at_the_accounts_midnight() -> None:
    api = Api(settings=Settings(per_day=2, time_zone="Europe/Berlin"))
    api.clock.set(1_790_027_999_000)  # 23:59:59 in Berlin
    assert [api.get(DEALS, token)[0] for token in (OURS, OTHER)] == [200, 200]
    assert api.get(DEALS)[1]["policyName"] == "DAILY"
    api.clock.advance(seconds=1)
    assert api.get(DEALS)[0] == 200


def test_associations_have_a_quota_of_their_own() -> None:
    api = Api(settings=Settings(associations_per_ten_seconds=1))
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    assert [api.post(path, {"inputs": []})[0] for _ in range(2)] == [200, 429]
    assert api.get(DEALS)[0] == 200


def test_limits_can_be_switched_off() -> None:
    unlimited = Settings(per_ten_seconds=None, per_day=None, search_per_second=None, associations_per_ten_seconds=None)
    api = Api(settings=unlimited)
    assert {api.post(f"{DEALS}/search", {})[0] for _ in range(20)} == {200}
    api.get(DEALS)
    assert not any("ratelimit" in name for name in api.headers)


@pytest.mark.parametrize("version", ["2026-09", "2026-03"])
def test_dated_paths(api: Api, version: str) -> None:
    assert api.get(f"/crm/objects/{version}/deals")[0] == 200
    assert api.get(f"/crm/owners/{version}")[0] == 200


@pytest.mark.parametrize("path", ["/crm/objects/2025-09/deals", "/crm/v2/objects/deals", "/deals", "/crm/v3/objects"])
def test_an_unknown_path_is_a_page_and_no_missing_record(api: Api, path: str) -> None:
    status, page = api.get(path)
    assert status == 404
    assert page.startswith("<html>")


def test_a_wrong_method_type_or_length_is_refused(api: Api) -> None:
    assert api.call("PUT", DEALS)[0] == 405
    assert api.get("/crm/objects/2026-09/unicorns")[0] == 400
    assert api.get(DEALS, properties=",".join(["dealname"] * 1_000))[0] == 414
    headers = {"Authorization": f"Bearer {OURS}", "Content-Type": "text/plain"}
    assert api.send("POST", DEALS, headers, json.dumps({"properties": DEAL}))[0] == 415


def test_token_and_account_facts(api: Api) -> None:
    _, facts = api.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": OURS})
    assert (facts["hubId"], facts["appId"]) == (300, 400)
    assert set(FACTS["scopes"]) <= set(facts["scopes"])
    assert api.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": "nope"})[0] == 401
    _, account = api.get("/account-info/2026-09/details")
    assert (account["portalId"], account["companyCurrency"], account["timeZone"]) == (300, "USD", "UTC")
    _, usage = api.get("/account-info/2026-09/api-usage/daily/private-apps")
    assert usage["results"][0]["currentUsage"] == 2


def test_calls_are_counted_by_operation(api: Api) -> None:
    deal = api.deal()
    api.get(f"{DEALS}/{deal}")
    api.get(f"{DEALS}/404")
    assert api.account.calls == {"deals.create": 1, "deals.read": 2}
    assert api.account.refused == {"deals.read 404": 1}
    _, seen = api.get("/_sandbox/calls")
    assert seen["total"] == 3
    assert [one["status"] for one in seen["last"]] == [201, 200, 404]
    assert set(api.account.calls) <= set(OPERATION_NAMES)
    api.call("DELETE", "/_sandbox/calls")
    assert api.account.calls.total() == 0


def fault(api: Api, **order: Any) -> None:
    assert api.post("/_sandbox/faults", order)[0] == 201


def test_an_ordered_fault_refuses_without_doing_the_work(api: Api) -> None:
    fault(api, operation="deals.create", status=503, count=2)
    assert [api.post(DEALS, {"properties": DEAL})[0] for _ in range(3)] == [503, 503, 201]
    assert len(api.account.records("deals")) == 1


def test_a_lost_answer_does_the_work_first(api: Api) -> None:
    fault(api, operation="deals.create", status=524, answer_lost=True)
    assert api.post(DEALS, {"properties": DEAL})[0] == 524
    assert len(api.account.records("deals")) == 1


@pytest.mark.parametrize(("status", "category"), [(423, "LOCKED"), (477, "MIGRATION_IN_PROGRESS"), (409, "CONFLICT")])
def test_faults_speak_the_vendors_words(api: Api, status: int, category: str) -> None:
    fault(api, operation="deals.list", status=status, headers={"Retry-After": "9"})
    answered, answer = api.get(DEALS)
    assert (answered, answer["category"], api.headers["retry-after"]) == (status, category, "9")


def test_a_fault_can_be_a_429_a_page_or_a_delay(api: Api) -> None:
    fault(api, operation="deals.list", status=429, code="DAILY")
    assert api.get(DEALS)[1]["policyName"] == "DAILY"
    fault(api, operation="deals.list", malformed=True)
    assert "html" in api.get(DEALS)[1]
    fault(api, operation="deals.list", delay_seconds=3)
    assert api.get(DEALS)[0] == 200
    assert api.slept == [3]


def test_latency_is_waited_before_each_answer() -> None:
    api = Api(settings=Settings(latency_ms=250))
    api.get(DEALS)
    assert api.slept == [0.25]


def test_tokens_stand_for_whom_they_were_made() -> None:
    api = Api(Switches(), tokens=[rep_token("rep-anna", 7)])
    deal = api.deal("rep-anna")
    assert api.account.history("deals", deal, "dealname")[0].actor.source_id == "userId:7"
