"""What the doctor says of HubSpot, on the simulated one: token, scopes, account, properties, webhooks and mappings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.doctor_checks import hubspot, mappings
from cli.doctor_checks.check import Finding
from config.property_setup import set_up
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import NotFound
from sandbox.hubspot import HubSpotAccount, Settings, create_rep_deal, direct, make_app
from sandbox.hubspot.actors import ALL_SCOPES, app_token
from tests.unit.doctor.examining import NOW_MS, Examining

TOKEN = "pat-na1-sandbox"
URL = "https://api.example/v1/webhook/hubspot"


class Account(Examining):
    """The simulated HubSpot, reached without a socket, with our properties, and the sandbox's configuration."""

    def __init__(self) -> None:
        super().__init__("sandbox", HubspotTokenSecret="token", HubspotWebhookSecret="webhook", WebhookUrl=URL)
        self.account = HubSpotAccount(settings=Settings(search_per_second=None))
        send = direct(make_app(self.account, sleep=lambda _seconds: None))
        self.api = HubSpot(lambda _fresh: TOKEN, "https://api.hubapi.test", send)
        self.deployment.once("hubspot", lambda: self.api)
        set_up(self.api, self.deployment.configuration)

    def scopes(self, held: frozenset[str]) -> None:
        """What our token may do."""
        self.account.tokens[TOKEN] = app_token(TOKEN, self.account.app_id, held)

    def stage(self, **hubspot_block: Any) -> None:
        """The stage's ``hubspot`` block says something else."""
        configuration = self.deployment.configuration
        block = self.deployment.stage.hubspot.model_copy(update=hubspot_block)
        changed = self.deployment.stage.model_copy(update={"hubspot": block})
        stages = {**configuration.stages, "sandbox": changed}
        self.deployment.configuration = configuration.model_copy(update={"stages": stages})


@pytest.fixture
def account() -> Account:
    return Account()


def unwell(account: Account, check: Any) -> list[Finding]:
    return [each for each in account.found(check) if each.level != "ok"]


@pytest.mark.parametrize(
    "check",
    [hubspot.token, hubspot.account, hubspot.properties, hubspot.app, mappings.stages, mappings.fields],
)
def test_an_account_that_is_set_up_is_well(account: Account, check: Any) -> None:
    found = account.found(check)
    assert found
    assert [each for each in found if each.level != "ok"] == []


def test_scopes_that_the_token_lacks_are_named(account: Account) -> None:
    account.scopes(ALL_SCOPES - {"crm.objects.owners.read", "crm.objects.deals.write"})
    (found,) = unwell(account, hubspot.token)
    assert (found.level, found.where) == ("error", "token")
    assert found.what.endswith("crm.objects.deals.write, crm.objects.owners.read")
    assert "cosell secrets rotate hubspot-token --stage sandbox" in found.do


def test_a_key_whose_scopes_hubspot_does_not_tell_is_tried_read_by_read(account: Account) -> None:
    def none() -> Any:
        raise NotFound("no such token")

    account.api.token_facts = none  # type: ignore[method-assign]
    account.scopes(frozenset({"crm.objects.deals.read", "crm.objects.contacts.read"}))
    assert {each.do for each in unwell(account, hubspot.token)} == {
        "give it crm.objects.owners.read",
        "give it crm.objects.companies.read",
    }


def test_a_token_that_is_refused_is_told_once_and_the_rest_says_why_it_did_not_look(account: Account) -> None:
    del account.account.tokens[TOKEN]
    (refused,) = unwell(account, hubspot.token)
    assert refused.level == "error"
    for check in (hubspot.account, mappings.stages, mappings.fields, mappings.tagged_deals):
        (rest,) = account.found(check)
        assert rest.level == "warning"
        assert rest.what.startswith("not checked: HubSpot refuses the token")


@pytest.mark.parametrize(
    ("block", "level", "what"),
    [
        ({"portal_id": 301}, "error", "hubspot.portal_id) 300, the stage says 301"),
        ({"app_id": 401}, "error", "hubspot.app_id) 400, the stage says 401"),
        ({"app_id": None}, "warning", "our own writes are not told from changes"),
    ],
)
def test_a_token_of_another_account_or_app_is_told(
    account: Account, block: dict[str, Any], level: str, what: str
) -> None:
    account.stage(**block)
    (found,) = unwell(account, hubspot.token)
    assert found.level == level
    assert what in found.what


def test_time_zone_currency_and_the_day_s_quota_are_compared(account: Account) -> None:
    account.stage(time_zone="Europe/Berlin", company_currency="EUR")
    account.account.change_settings({"per_day": 100})
    account.account.limits.used_today = 90
    said = [each.what for each in unwell(account, hubspot.account)]
    assert said[0] == "the account's timeZone is UTC, the stage says Europe/Berlin"
    assert said[1] == "the account's companyCurrency is USD, the stage says EUR"
    assert "of the day's 100 calls are used" in said[2]


def test_a_property_that_lost_an_option_or_is_gone_is_named(account: Account) -> None:
    held = next(each for each in account.api.properties("deals") if each["name"] == "aws_sync_status")
    path = "/crm/properties/2026-09/deals"
    account.api.call("PATCH", f"{path}/aws_sync_status", "to change", body={"options": held["options"][1:]})
    account.api.call("DELETE", f"{path}/aws_use_case", "to archive")
    assert [(each.where, each.what) for each in unwell(account, hubspot.properties)] == [
        ("deal.aws_sync_status", f"lacks the options {held['options'][0]['value']}"),
        ("deal.aws_use_case", "is missing"),
    ]
    (field,) = unwell(account, mappings.fields)
    assert field.where.startswith("config/aws.yaml fields[")
    assert field.what == "HubSpot's deal has no property aws_use_case"


def test_an_app_project_that_is_not_of_this_configuration_is_told(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(hubspot, "APP", tmp_path)
    (found,) = unwell(account, hubspot.app)
    assert found.level == "error"
    assert "hs project upload" in found.do


@pytest.mark.parametrize(
    ("urls", "came", "rejected", "levels"),
    [
        ([URL], 10, 1, ["ok"]),
        ([URL], 11, 10, ["ok"]),
        ([URL], 10, 10, ["error"]),
        ([URL], 0, 9, ["warning"]),
        ([URL], 0, 10, ["error"]),
        ([URL], 0, 0, ["warning"]),
        ([], 10, 0, ["error", "ok"]),
        (["https://hooks.example"], 10, 0, ["warning", "ok"]),
    ],
)
def test_webhooks_come_to_an_accepted_address_and_are_not_refused(
    account: Account, urls: list[str], came: int, rejected: int, levels: list[str]
) -> None:
    text = json.dumps({"client_secrets": ["0123456789"], "target_urls": urls})
    account.answer("secretsmanager", "get_secret_value", {"SecretString": text})
    at = datetime.fromtimestamp(NOW_MS / 1000, UTC)
    account.deployment.once("stacks", lambda: {"cosell-sandbox-sync": {"CreationTime": at - timedelta(hours=25)}})
    for number in (rejected, came):
        account.answer("cloudwatch", "get_metric_statistics", {"Datapoints": [{"Timestamp": at, "Sum": float(number)}]})
    assert [each.level for each in account.found(hubspot.webhooks)] == levels
    account.close()


def test_a_stage_that_is_younger_than_webhooks_may_be_away_is_well_without_any(account: Account) -> None:
    text = json.dumps({"client_secrets": ["0123456789"], "target_urls": [URL]})
    account.answer("secretsmanager", "get_secret_value", {"SecretString": text})
    at = datetime.fromtimestamp(NOW_MS / 1000, UTC)
    account.deployment.once("stacks", lambda: {"cosell-sandbox-sync": {"CreationTime": at - timedelta(minutes=5)}})
    two_smoke_tests = [{"Timestamp": at, "Sum": 2.0}]
    for points in (two_smoke_tests, []):
        account.answer("cloudwatch", "get_metric_statistics", {"Datapoints": points})
    (found,) = account.found(hubspot.webhooks)
    said = "none came yet; the stage is there for 5 minutes, 2 deliveries refused"
    assert (found.level, found.what) == ("ok", said)


def test_stages_and_pipelines_that_are_not_in_hubspot_are_named_and_stages_that_stand_for_nothing(
    account: Account,
) -> None:
    stages = account.account.state.pipelines.pipelines["default"].stages
    del stages["contractsent"]
    stages["extra"] = replace(stages["closedwon"], id="extra", label="Extra")
    found = [each for each in unwell(account, mappings.stages) if "aws.yaml" in each.where]
    assert [(each.level, each.what) for each in found] == [
        ("error", "HubSpot has no stage contractsent in the pipeline default"),
        ("warning", "the stage extra (Extra) of HubSpot stands for nothing"),
    ]
    assert found[0].where == "config/aws.yaml pipelines.default.stages.contractsent"
    assert "HubSpot has appointmentscheduled" in found[0].do


def test_tagged_deals_in_a_pipeline_that_is_not_mapped_are_counted(account: Account) -> None:
    other = account.account.create_pipeline("Renewals", [("Open", "0.5")])
    create_rep_deal(account.account, "Mapped #AWS")
    first = next(iter(other.stages))
    for name in ("One #AWS", "Two #AWS", "Not ours #AWSome"):
        account.account.create("deals", {"dealname": name, "pipeline": other.id, "dealstage": first})
    (found,) = unwell(account, mappings.tagged_deals)
    assert (found.level, found.where) == ("error", other.id)
    assert found.what == "2 deals tagged #AWS lie in it, and it is not mapped"
