"""A partner is off until it is configured, what one wrote reaches no other, and what nobody may default has none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from config import ConfigurationError
from tests.unit.config.test_configuration import FILES, SHIPPED, Edit, edit

__all__ = ["edit"]

type Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the files, with texts replaced (file, old, new), and files left out."""

    def make(*edits: tuple[str, str, str], without: tuple[str, ...] = ()) -> Path:
        for name in FILES:
            if name not in without:
                shutil.copy(SHIPPED / name, tmp_path)
        for name, old, new in edits:
            text = (tmp_path / name).read_text()
            assert old in text
            (tmp_path / name).write_text(text.replace(old, new, 1))
        return tmp_path

    return make


def refusals(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        config.load(folder)
    return [str(each) for each in caught.value.findings]


def test_a_partner_that_a_stage_does_not_name_is_not_in_its_settings() -> None:
    loaded = config.load()
    assert list(config.render_settings(loaded, "prod")["partners"]) == ["aws"]
    assert list(config.render_settings(loaded, "dev")["partners"]) == ["aws", "microsoft", "google"]


def test_a_partner_without_a_file_is_none(folder: Folder) -> None:
    only_aws = folder(
        ("stages.yaml", "partners: [aws, microsoft, google]", "partners: [aws]"),
        ("stages.yaml", "partners: [aws, microsoft, google]", "partners: [aws]"),
        without=("microsoft.yaml", "microsoft_values.yaml"),
    )
    text = (only_aws / "hubspot_properties.yaml").read_text()
    kept = text.replace("enum: AssistanceRequest", 'options: [{value: "x", label: "X"}]')
    (only_aws / "hubspot_properties.yaml").write_text(kept)
    loaded = config.load(only_aws)
    assert loaded.microsoft is None
    assert loaded.google is not None
    assert config.render_settings(loaded, "dev")["partners"]["aws"]["all_tags"] == ["#AWS", "#GCP"]


def test_a_partner_that_is_on_needs_its_block(folder: Folder) -> None:
    found = refusals(folder(("stages.yaml", "    microsoft: {}\n", "")))
    assert len(found) == 1
    assert "stages.dev.partners[1]: 'microsoft' is on, and the stage has no block 'microsoft'" in found[0]


def test_a_partner_that_is_on_needs_its_file(folder: Folder) -> None:
    found = refusals(folder(without=("google.yaml", "google_values.yaml")))
    assert any("stages.sandbox.partners[2]: 'google' is on, and there is no google.yaml" in each for each in found)


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "says"),
    [
        (
            "google.yaml",
            "properties: [hs_next_step]",
            "properties: [microsoft_status]",
            "fields[5].properties[0]",
            "belongs to Microsoft, and Google never sees it",
        ),
        (
            "aws.yaml",
            "properties: [hs_next_step]",
            "properties: [gcp_review_reason]",
            "fields[5].properties[0]",
            "belongs to Google, and AWS never sees it",
        ),
        (
            "microsoft.yaml",
            "properties: [microsoft_status_reason]",
            "properties: [hs_next_step]",
            "fields[23].properties[0]",
            "other partners may read 'hs_next_step'",
        ),
        (
            "google.yaml",
            "sync_message: gcp_sync_message",
            "sync_message: aws_sync_message",
            "status_properties.sync_message",
            "unknown property 'aws_sync_message'",
        ),
        (
            "google.yaml",
            "sync_message: gcp_sync_message",
            "sync_message: description",
            "status_properties.sync_message",
            "no property of Google's own",
        ),
        ("aws.yaml", "{amount: amount,", "{amount: gcp_deal_term,", "spend.contract_value.amount", "unknown property"),
        ("google.yaml", 'tag: "#GCP"', 'tag: "#aws"', "tag", "is the tag of AWS already"),
        (
            "google.yaml",
            "properties: [gcp_deal_term]",
            "properties: [aws_contract_months]",
            "lead.fields[6].properties[0]",
            "belongs to AWS, and Google never sees it",
        ),
    ],
)
def test_what_one_partner_wrote_never_reaches_another(
    edit: Edit, name: str, old: str, new: str, key: str, says: str
) -> None:
    finding = next(each for each in edit(name, old, new) if each.key == key)
    assert says in finding.message
    assert finding.file.endswith(name)


def test_no_two_partners_may_own_the_same_property(edit: Edit) -> None:
    found = edit("google.yaml", "property_prefix: gcp_", "property_prefix: microsoft_")
    assert any(each.key == "property_prefix" and "properties of Microsoft" in each.message for each in found)


@pytest.mark.parametrize(
    ("name", "old", "new", "key"),
    [
        (
            "google.yaml",
            "legalLanguageAccepted, codec: attestation",
            "legalLanguageAccepted, codec: yes_no",
            "fields[11]",
        ),
        (
            "google.yaml",
            "publicTenderAttestation, codec: attestation",
            'publicTenderAttestation, default: "true", codec: attestation',
            "fields[12]",
        ),
        (
            "microsoft.yaml",
            "codec: deal_kind, direction",
            "codec: deal_kind, default: private, direction",
            "fields[8].default",
        ),
        (
            "microsoft.yaml",
            "path: consent.consentToContact, codec: consent",
            'path: consent.consentToContact, default: "true", codec: consent',
            "fields[12].default",
        ),
    ],
)
def test_what_a_person_has_to_say_has_no_default(edit: Edit, name: str, old: str, new: str, key: str) -> None:
    assert [each.key for each in edit(name, old, new)] == [key]


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "allowed"),
    [
        (
            "microsoft.yaml",
            "contractsent: Close\n",
            "contractsent: Sign\n",
            "pipelines.default.sales_stages.contractsent",
            "Close",
        ),
        (
            "microsoft.yaml",
            "contractsent: Close\n",
            "closedwon: Close\n",
            "pipelines.default.sales_stages.closedwon",
            "contractsent",
        ),
        ("microsoft.yaml", "ACCOUNTING: Services", "ACCOUNTING: Accounting", "industries.ACCOUNTING", "Services"),
        (
            "microsoft.yaml",
            "closedwon: Closed/Won",
            "closedwon: Active/Engaged",
            "pipelines.default.stages.closedwon",
            "Closed/Won",
        ),
        (
            "microsoft.yaml",
            "path: details.closingDateTime",
            "path: details.closeDate",
            "fields[4].path",
            "details.closingDateTime",
        ),
        ("microsoft.yaml", "referrals: manual", "referrals: sometimes", "referrals", "accept-all"),
        (
            "google.yaml",
            "qualifiedtobuy: Stage 1",
            "qualifiedtobuy: Stage 9",
            "pipelines.default.stages.qualifiedtobuy",
            "Stage 1",
        ),
        ("google.yaml", "google_sources: [Google]", "google_sources: [Alphabet]", "google_sources[0]", "Google"),
        (
            "google.yaml",
            "    - isvSolutionConnectInfo.nextStep",
            "    - nextSteps",
            "unverified.accepted_editable[4]",
            "stage",
        ),
        ("google.yaml", "create_partner: entity", "create_partner: header", "unverified.create_partner", "query"),
        ("google.yaml", "path: opportunitySummary", "path: notes", "lead.fields[1].path", "opportunitySummary"),
        ("stages.yaml", "values: sandbox\n", "values: real\n", "stages.sandbox.google.values", "live"),
        (
            "stages.yaml",
            "partner_hub_id: SANDBOX001",
            "partner_hub_ip: SANDBOX001",
            "stages.sandbox.google.partner_hub_ip",
            "vector_id",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    edit: Edit, name: str, old: str, new: str, key: str, allowed: str
) -> None:
    finding = next((each for each in edit(name, old, new) if each.key == key), None)
    assert finding is not None
    assert allowed in finding.allowed


def test_the_options_of_a_partners_property_are_of_its_own_vocabulary(edit: Edit) -> None:
    (found,) = edit("hubspot_properties.yaml", "enum: ProductFamily", "enum: ReviewStatus")
    assert found.message == "unknown enum 'ReviewStatus'"
    assert "ProductFamily" in found.allowed


@pytest.mark.parametrize("value", ["0014000000SANDBOX1", "SANDBOX00", "SANDBOX-01"])
def test_a_partner_hub_id_has_ten_letters_and_digits(edit: Edit, value: str) -> None:
    found = edit("stages.yaml", "partner_hub_id: SANDBOX001", f'partner_hub_id: "{value}"')
    assert [each.key for each in found] == ["stages.sandbox.google.partner_hub_id"]


def test_google_is_signed_in_to_in_one_way(folder: Folder) -> None:
    found = refusals(folder(("stages.yaml", "      vector_id: 0014000000SANDBOX1\n", "      key: true\n")))
    assert any("stages.sandbox.google: Google is signed in to in one way" in each for each in found)


def test_a_stage_on_the_live_api_is_refused_until_every_word_has_googles_member(folder: Folder) -> None:
    (found,) = {
        each.split(": ", 1)[1]
        for each in refusals(folder(("stages.yaml", "values: sandbox\n", "values: live\n")))
        if "live.Stage" in each
    }
    assert "Google's Stage has none for Stage 0, Stage 1, Stage 2, Stage 3, Stage 4" in found


def test_a_stage_on_the_live_api_sends_the_live_members(folder: Folder) -> None:
    live = (
        "live:\n"
        "  Stage: {Stage 0: A, Stage 1: B, Stage 2: C, Stage 3: D, Stage 4: E}\n"
        "  Source: {Google: G}\n"
        "  ProductFamily: {Google Cloud Platform: P, Google Workspace: W, Google Security: S}\n"
    )
    loaded = config.load(
        folder(("stages.yaml", "values: sandbox\n", "values: live\n"), ("google_values.yaml", "live: {}\n", live))
    )
    google = config.render_settings(loaded, "sandbox")["partners"]["google"]
    assert google["stage_map"]["default"]["qualifiedtobuy"] == "B"
    assert google["enums"]["Stage"] == ["A", "B", "C", "D", "E", "CLOSED"]
    assert google["google_sources"] == ["G"]
    (family,) = [each for each in google["fields"] if each["name"] == "product_family"]
    assert family["options"]["map"]["Google Workspace"] == "W"


def test_leads_are_off_and_need_an_id_of_their_own_when_on(folder: Folder) -> None:
    assert config.render_settings(config.load(), "sandbox")["partners"]["google"]["lead"] == {
        "enabled": False,
        "fields": [],
    }
    (found,) = refusals(folder(("google.yaml", "  enabled: false", "  enabled: true")))
    assert "stages.dev.google.vector_id: is missing" in found


def test_a_pace_of_its_own_replaces_the_partners() -> None:
    loaded = config.load()
    quick, usual = (
        config.render_settings(loaded, stage)["partners"]["google"]["quota"] for stage in ("sandbox", "dev")
    )
    assert quick["writes_per_second"] == 10
    assert usual == {"writes_per_second": 0.5, "writes_per_day": 10000}
