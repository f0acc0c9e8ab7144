"""Google's own sign-in library against the simulated token end points: both ways in, a renewal, refusals, faults."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from lambdas.google.adapters import cloud_channel, crm_partners
from lambdas.google.adapters.cloud_channel import CloudChannel
from lambdas.google.adapters.crm_partners import CrmPartners
from lambdas.google.adapters.sign_in import KEY_VARIABLE, google_session
from lambdas.shared.errors import CosellError, NotFound, Retryable, Unauthorized, Unexpected
from sandbox.google.account import INTEGRATOR
from sandbox.google.routes import IMPERSONATE, JWT, STS
from tests.contract.adapters.google_sign_in import OPPORTUNITY, ROLE, Google, ask


@pytest.fixture
def google() -> Iterator[Google]:
    running = Google("identity")
    yield running
    running.served.stop()


@pytest.fixture(params=["identity", "key"])
def either(request: pytest.FixtureRequest) -> Iterator[Google]:
    running = Google(request.param)
    yield running
    running.served.stop()


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer's own environment might add."""
    for name in (*ROLE, "GOOGLE_APPLICATION_CREDENTIALS", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_each_way_in_is_a_token_that_both_apis_take_for_their_own_scope(either: Google):
    ask(either.channel())
    leads = CrmPartners(either.session(crm_partners.SCOPE), "0014000000SANDBOX1", either.served.url)
    with pytest.raises(NotFound):
        leads.get_lead("partners/0014000000SANDBOX1/leads/none")


def test_a_token_for_one_api_does_not_open_the_other(either: Google):
    wrong = CloudChannel(either.session(crm_partners.SCOPE), "SANDBOX001", either.served.url)
    with pytest.raises(Unauthorized, match="ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
        wrong.get_opportunity(OPPORTUNITY)


def test_no_token_is_asked_for_before_it_is_needed_and_one_serves_many_calls(either: Google):
    channel = either.channel()
    assert either.count(STS, IMPERSONATE, JWT) == [0, 0, 0]
    ask(channel)
    ask(channel)
    assert either.count(STS, IMPERSONATE, JWT) == ([0, 0, 1] if either.way == "key" else [1, 1, 0])


def test_a_token_that_google_no_longer_takes_is_renewed_once(either: Google):
    channel = either.channel()
    ask(channel)
    either.account.revoke(INTEGRATOR)
    either.account.forget_calls()
    ask(channel)
    assert either.count("opportunities.get", either.exchange if either.way == "key" else IMPERSONATE) == [2, 1]


def test_a_caller_that_google_refuses_again_is_not_asked_for_ever(either: Google):
    either.served.faults.add("opportunities.get", status=401, count=None)
    with pytest.raises(Unauthorized):
        either.channel().get_opportunity(OPPORTUNITY)
    assert either.count("opportunities.get") == [2]


def test_a_token_near_its_end_is_renewed_before_the_call(either: Google):
    either.account.change(settings={"token_seconds": 60})
    channel = either.channel()
    ask(channel)
    ask(channel)
    assert either.account.refused == {"opportunities.get 404": 2}
    assert either.count(either.exchange) == [2]


def test_a_service_account_that_was_disabled_is_a_matter_for_a_person(either: Google):
    either.account.service_accounts[INTEGRATOR].disabled = True
    with pytest.raises(Unauthorized, match="Google gave no token to read an opportunity"):
        either.channel().get_opportunity(OPPORTUNITY)
    assert either.count("opportunities.get") == [0]


def test_a_pool_that_does_not_know_us_is_a_matter_for_a_person(google: Google):
    google.settings["identity"]["audience"] += "-of-somebody-else"
    with pytest.raises(Unauthorized):
        google.channel().get_opportunity(OPPORTUNITY)


def test_a_role_that_may_not_impersonate_is_a_matter_for_a_person(google: Google):
    google.account.service_accounts[INTEGRATOR].federated = False
    with pytest.raises(Unauthorized):
        google.channel().get_opportunity(OPPORTUNITY)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_exchange_that_fails_for_the_moment_is_tried_once_and_again_later(either: Google, status: int):
    either.served.faults.add(either.exchange, status=status, count=1)
    channel = either.channel()
    with pytest.raises(Retryable):
        channel.get_opportunity(OPPORTUNITY)
    assert either.count(either.exchange, "opportunities.get") == [1, 0]
    ask(channel)


def test_an_impersonation_that_fails_for_the_moment_is_tried_again_later(google: Google):
    google.served.faults.add(IMPERSONATE, status=503)
    with pytest.raises(Retryable):
        google.channel().get_opportunity(OPPORTUNITY)
    assert google.count(IMPERSONATE) == [1]


def test_an_exchange_that_answers_garbage_is_tried_again_later(either: Google):
    either.served.faults.add(either.exchange, malformed=True)
    with pytest.raises(Retryable):
        either.channel().get_opportunity(OPPORTUNITY)


def test_an_exchange_out_of_reach_is_tried_again_later(either: Google):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # held, so that nobody listens there
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        either.environ |= {"COSELL_GOOGLE_STS_URL": nowhere, "COSELL_GOOGLE_TOKEN_URL": nowhere}
        with pytest.raises(Retryable, match="could not be reached"):
            either.channel().get_opportunity(OPPORTUNITY)


@pytest.mark.parametrize("operation", ["the exchange", "opportunities.get"])
def test_no_redirect_is_followed_with_a_token(either: Google, operation: str):
    elsewhere = {"Location": f"{either.served.url}/v1alpha1/opportunities/elsewhere"}
    operation = either.exchange if operation == "the exchange" else operation
    either.served.faults.add(operation, status=307, headers=elsewhere, count=1)
    with pytest.raises(CosellError):
        either.channel().get_opportunity(OPPORTUNITY)
    assert either.count("opportunities.get") == [int(operation == "opportunities.get")]


def test_the_exchange_carries_a_request_signed_for_the_functions_region_and_pool(
    google: Google, monkeypatch: pytest.MonkeyPatch
):
    forms = google.listen(monkeypatch)
    ask(google.channel())
    signed = json.loads(unquote(forms[0]["subject_token"]))
    headers = {row["key"].lower(): row["value"] for row in signed["headers"]}
    assert signed["url"].startswith("https://sts.eu-west-1.amazonaws.com")
    assert headers["x-amz-security-token"] == "example-session"
    assert headers["x-goog-cloud-target-resource"] == google.account.settings.audience
    assert "example" not in headers["authorization"].replace("ASIAEXAMPLEEXAMPLE00", "")


def test_a_role_whose_credentials_moved_on_signs_with_the_new_ones(google: Google, monkeypatch: pytest.MonkeyPatch):
    channel = google.channel()
    google.account.change(settings={"token_seconds": 60})
    ask(channel)
    google.environ["AWS_ACCESS_KEY_ID"] = "ASIAEXAMPLEEXAMPLE01"
    forms = google.listen(monkeypatch)
    ask(channel)
    assert "ASIAEXAMPLEEXAMPLE01" in unquote(forms[0]["subject_token"])


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"])
def test_a_machine_without_a_role_is_refused_without_asking_a_metadata_server(google: Google, name: str):
    del google.environ[name]
    with pytest.raises(Unauthorized):
        google.channel().get_opportunity(OPPORTUNITY)
    assert google.count(STS) == [0]


def test_what_is_not_configured_is_named():
    with pytest.raises(
        Unauthorized, match=r"Fill in audience and service_account under google\.identity .* config/stages\.yaml"
    ):
        google_session(cloud_channel.SCOPE, {}, lambda: pytest.fail("no key"), ROLE)
    with pytest.raises(Unauthorized, match=f"Fill in service_account under .*{KEY_VARIABLE}"):
        google_session(cloud_channel.SCOPE, {"identity": {"audience": "//a"}}, lambda: pytest.fail("no key"), ROLE)


@pytest.mark.parametrize("name", ["COSELL_GOOGLE_STS_URL", "COSELL_GOOGLE_IAM_URL"])
def test_a_token_is_never_asked_for_in_the_clear(google: Google, name: str):
    google.environ[name] = "http://sts.example.com"
    with pytest.raises(Unexpected, match="https"):
        google.session()


def test_without_replacements_google_itself_is_asked():
    settings = {"identity": {"audience": "//a", "service_account": "sync@example.iam.gserviceaccount.com"}}
    said = google_session(cloud_channel.SCOPE, settings, lambda: pytest.fail("no key"), ROLE).credentials.info
    assert said["token_url"] == "https://sts.googleapis.com/v1/token"
    assert said["service_account_impersonation_url"] == (
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
        "sync@example.iam.gserviceaccount.com:generateAccessToken"
    )


def test_only_the_machines_repeat(either: Google):
    session = either.session()
    for each in (session, session._auth_request.session):
        assert {adapter.max_retries.total for adapter in each.adapters.values()} == {0}
        assert each.trust_env  # proxies stay as the environment says
