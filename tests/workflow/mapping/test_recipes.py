"""What a person changes in YAML alone, seen in a preview before it is deployed (docs/configuration.md, Recipes)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.turned import Options, World
from tests.workflow.mapping.previewing import Folder, as_text, field, misfits, preview, row, set_up_properties
from tests.workflow.three_partners.support import come_to_rest


@pytest.fixture(scope="module")
def world() -> World:
    return World(Options(partners=("aws", "microsoft")))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_stage_is_renamed(world: World, folder: Folder) -> None:
    made = world.new_deal("Renamed #AWS", number=11)
    stages = world.hubspot.account.state.pipelines.pipelines["default"].stages
    stages["proofofconcept"] = replace(
        stages.pop("presentationscheduled"), id="proofofconcept", label="Proof of concept"
    )
    try:
        world.hubspot.account.update("deals", made.deal_id, {"dealstage": "proofofconcept"})
        found = preview(world, folder, made.deal_id)["aws"]
        assert row(found, "stage").split()[:2] == ["stage", "blocked"]
        assert "has the stage 'proofofconcept', which is not mapped" in as_text(found)
        named = [f"{each.finding}" for each in misfits(world, folder)]
        line = folder.line("aws.yaml", "presentationscheduled: Technical Validation")
        key = "pipelines.default.stages.presentationscheduled"
        what = "HubSpot has no stage presentationscheduled in the pipeline default"
        assert any(each.startswith(f"{folder.path}/aws.yaml:{line}: {key}: {what}") for each in named)
        for file in ("aws.yaml", "microsoft.yaml", "google.yaml"):
            folder.edit(file, "presentationscheduled:", "proofofconcept:", times=2)
        assert not misfits(world, folder)
        found = preview(world, folder, made.deal_id)["aws"]
        assert row(found, "stage").split()[:4] == ["stage", "sent", "Technical", "Validation"]
        assert "deal.dealstage=proofofconcept" in row(found, "stage")
    finally:
        stages["presentationscheduled"] = replace(
            stages.pop("proofofconcept"), id="presentationscheduled", label="Presentation scheduled"
        )
        world.hubspot.account.update("deals", made.deal_id, {"dealstage": "presentationscheduled"})


def test_a_field_is_added_both_ways(world: World, folder: Folder) -> None:
    made = world.new_deal("Comments #AWS", number=12)
    come_to_rest(world)
    identifier = world.deal(made.deal_id)["aws_opportunity_id"]
    folder.edit(
        "hubspot_properties.yaml",
        "properties:\n  # How",
        "properties:\n  - {name: aws_comments, label: Comments for AWS, type: string, field_type: textarea}\n  # How",
    )
    folder.edit(
        "aws.yaml",
        "\n  - name: company_name",
        "\n  - {name: comments, properties: [aws_comments], path: Project.AdditionalComments, codec: plain_text, "
        "options: {max: 255}}\n  - name: company_name",
    )
    assert [str(each.finding).partition(": ")[2] for each in misfits(world, folder)][:1] == [
        f"fields[{_index(folder, 'comments')}].properties[0]: HubSpot's deal has no property aws_comments"
    ]
    assert set_up_properties(world, folder).created == ["deal.aws_comments"]
    assert not misfits(world, folder)
    world.hubspot.account.update("deals", made.deal_id, {"aws_comments": "They want to start in May"})
    found = preview(world, folder, made.deal_id)["aws"]
    out = field(found, "comments")
    assert (out.what, out.value, out.why) == ("sent", "They want to start in May", "the other side is empty")
    assert row(found, "comments").startswith("comments ")
    world.hubspot.account.update("deals", made.deal_id, {"aws_comments": ""})
    world.central.account.catalogs["Sandbox"].opportunities[identifier].document["Project"]["AdditionalComments"] = (
        "Ours"
    )
    found = preview(world, folder, made.deal_id)["aws"]
    back = field(found, "comments")
    assert (back.what, back.at_partner) == ("written to the deal", "Ours")
    assert 'deal.aws_comments: empty becomes "Ours"' in as_text(found)


def test_a_share_rule_is_added(world: World, folder: Folder) -> None:
    made = world.new_deal("Shared #AWS #Microsoft", number=13)
    come_to_rest(world)
    referral = world.deal(made.deal_id)["microsoft_referral_id"]
    world.microsoft.account.edit_as_microsoft(referral, details={"closingDateTime": "2027-05-31T00:00:00Z"})
    come_to_rest(world)
    assert world.deal(made.deal_id)["closedate"].startswith("2027-05-31")
    held = field(preview(world, folder, made.deal_id)["aws"], "close_date")
    assert (held.what, held.value, held.at_partner) == ("withheld", "2027-05-31", "2027-03-31")
    assert held.why == "another partner wrote it, and no share rule (pass_on) lets it pass"
    folder.edit(
        "aws.yaml", "codec: close_date, required: create}", "codec: close_date, required: create, pass_on: true}"
    )
    passed = preview(world, folder, made.deal_id)["aws"]
    assert (field(passed, "close_date").what, field(passed, "close_date").value) == ("sent", "2027-05-31")
    assert row(passed, "close_date").split()[:3] == ["close_date", "sent", "2027-05-31"]


def test_the_monthly_spend_is_computed_of_the_contract(world: World, folder: Folder) -> None:
    made = world.new_deal("Computed #AWS", number=14)
    folder.edit("aws.yaml", "mode: contract-value", "mode: monthly-spend")
    folder.edit(
        "aws.yaml",
        "monthly_spend: {amount: aws_monthly_spend,",
        "monthly_spend: {amount: aws_monthly_spend, compute: amount / aws_contract_months,",
    )
    world.hubspot.account.update("deals", made.deal_id, {"amount": "50000", "aws_contract_months": "12"})
    spend = field(preview(world, folder, made.deal_id)["aws"], "spend_amount")
    assert (spend.what, spend.value) == ("sent", "4166.67")
    assert spend.sources == {"deal.amount": "50000", "deal.aws_contract_months": "12"}
    assert spend.transform == "money(amount / aws_contract_months)"
    world.hubspot.account.update("deals", made.deal_id, {"aws_contract_months": "0"})
    spend = field(preview(world, folder, made.deal_id)["aws"], "spend_amount")
    assert (spend.what, spend.why) == (
        "blocked",
        "The deal property 'amount / aws_contract_months' divides by zero.",
    )
    world.hubspot.account.update("deals", made.deal_id, {"aws_monthly_spend": "3000"})
    assert field(preview(world, folder, made.deal_id)["aws"], "spend_amount").value == "3000.00"


def test_partners_are_ticked_in_a_checkbox_list(world: World, folder: Folder) -> None:
    made = world.new_deal("Ticked", number=15)
    options = "[{value: aws, label: AWS}, {value: microsoft, label: Microsoft}]"
    listed = f"{{name: partners, label: Partners, type: enumeration, field_type: checkbox, options: {options}}}"
    folder.edit("hubspot_properties.yaml", "properties:\n  # How", f"properties:\n  - {listed}\n  # How")
    folder.edit("aws.yaml", 'tag: "#AWS"', 'tag_property: {name: partners, value: aws, or_name: true}\ntag: "#AWS"')
    set_up_properties(world, folder)
    before = preview(world, folder, made.deal_id)["aws"]
    assert (
        before.would
        == "nothing: the deal is not for AWS, which takes #AWS in its name or 'aws' in its property 'partners'"
    )
    world.hubspot.account.update("deals", made.deal_id, {"partners": "aws"})
    assert preview(world, folder, made.deal_id)["aws"].would == "create an opportunity at AWS"


def _index(folder: Folder, name: str) -> int:
    return [each.name for each in folder.loaded().configuration.aws.fields].index(name)
