"""``cosell mapping preview``: what a run would do for each partner, field by field, and nothing done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambdas.shared.adapters.ledger import Links
from lambdas.shared.adapters.read_only import WriteRefused
from sandbox.turned import World
from sandbox.turned.parts import LEDGER
from tests.workflow.mapping.previewing import Folder, ReadOnlyStore, as_text, field, hubspot_of, preview, row
from tests.workflow.three_partners.support import come_to_rest, shared, three


@pytest.fixture(scope="module")
def world() -> World:
    return three()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_new_deal_s_fields_are_told_with_value_source_and_reason(world: World, folder: Folder) -> None:
    made = shared(world, "Harbour Migration", number=1)
    found = preview(world, folder, made.deal_id)
    assert [each.would for each in found.values()] == [
        "create an opportunity at AWS",
        "create an opportunity at Microsoft",
        "create an opportunity at Google",
    ]
    title = field(found["aws"], "title")
    assert (title.what, title.value, title.why) == ("sent", "Harbour Migration", "the deal says so")
    assert title.sources == {"deal.dealname": "Harbour Migration #AWS #Microsoft #GCP"}
    assert title.line == f"{folder.path}/aws.yaml:{folder.line('aws.yaml', '{name: title,')}"
    source = field(found["aws"], "marketing_source")
    assert (source.value, source.why) == ("None", "neither side says anything: the default")
    dropped = field(found["aws"], "closed_lost_reason")
    assert (dropped.what, dropped.why) == ("dropped", "counts only where stage is Closed Lost")
    assert list(found["aws"].steps) == ["S-1234567"]
    assert found["aws"].deal["aws_sync_status"] == (None, "synced")
    assert field(found["microsoft"], "contacts").sources == {
        "contact 1": "pat.example-1@bigcorp-1.example, Pat, Example, +12065550173"
    }
    assert row(found["aws"], "spend_amount").split()[:4] == ["spend_amount", "sent", "50000.00", "deal.amount=50000"]


def test_what_is_missing_is_said_where_the_rule_stands(world: World, folder: Folder) -> None:
    made = shared(world, "Country Unknown", number=2, country=None)
    found = preview(world, folder, made.deal_id)["aws"]
    assert (found.outcome, found.would) == ("blocked", "create no opportunity at AWS before this is put right")
    country = field(found, "country")
    assert (country.what, country.value) == ("blocked", None)
    assert "'country' is empty; please fill it in" in country.why
    assert "missing: The company property 'country' is empty" in as_text(found)
    title = field(found, "title")
    assert (title.what, title.value) == ("sent", "Country Unknown")
    assert title.why == "the deal says so, once nothing is blocked"


def test_a_deal_without_the_tag_and_as_if_it_had_it(world: World, folder: Folder) -> None:
    made = world.new_deal("Untagged Migration", number=3)
    found = preview(world, folder, made.deal_id)["aws"]
    assert found.would == "nothing: the deal is not for AWS, which takes #AWS in its name"
    assert {each.what for each in found.fields} == {"not looked at"}
    assert preview(world, folder, made.deal_id, if_tagged=True)["aws"].would == "create an opportunity at AWS"


def test_an_opportunity_that_stands_both_ways(world: World, folder: Folder) -> None:
    made = shared(world, "Both Ways", number=4)
    come_to_rest(world)
    identifier = world.deal(made.deal_id)["aws_opportunity_id"]
    rested = preview(world, folder, made.deal_id)
    assert [each.would for each in rested.values()] == [
        "write nothing to AWS",
        "write nothing to Microsoft",
        "write nothing to Google",
    ]
    assert not rested["aws"].deal
    assert field(rested["aws"], "title").what == "the same on both sides"
    source = field(rested["aws"], "marketing_source")
    assert (source.what, source.value, source.at_partner) == ("left as it is", None, "None")
    assert source.why == "the deal says nothing, and the partner's record has the default"
    world.hubspot.account.update("deals", made.deal_id, {"amount": "61000"})
    world.central.account.edit_as_aws(identifier, next_steps="Call them on Monday")
    found = preview(world, folder, made.deal_id)["aws"]
    assert (found.opportunity_id, found.would) == (identifier, "update the opportunity at AWS")
    amount, steps = field(found, "spend_amount"), field(found, "next_steps")
    assert (amount.what, amount.at_partner, amount.value) == ("sent", "50000.00", "61000.00")
    assert amount.why == "the deal has changed"
    assert (steps.what, steps.at_partner) == ("written to the deal", "Call them on Monday")
    assert found.deal["hs_next_step"] == (None, "Call them on Monday")
    assert 'deal.hs_next_step: empty becomes "Call them on Monday"' in as_text(found)
    told = json.loads(json.dumps(found.as_dict()))
    assert told["deal"]["hs_next_step"] == {"before": None, "after": "Call them on Monday"}
    come_to_rest(world)
    assert not preview(world, folder, made.deal_id)["aws"].deal, "the run did what the preview said"
    assert world.opportunities()[identifier].document["LifeCycle"]["NextSteps"] == "Call them on Monday"


def test_an_amount_that_waits_with_its_currency_says_so(world: World, folder: Folder) -> None:
    made = shared(world, "Another currency", number=6)
    come_to_rest(world)
    world.central.account.edit_as_aws(world.deal(made.deal_id)["aws_opportunity_id"], review_status="Approved")
    come_to_rest(world)
    world.hubspot.account.update("deals", made.deal_id, {"amount": "90000", "deal_currency_code": "EUR"})
    found = preview(world, folder, made.deal_id)["aws"]
    amount, currency = field(found, "spend_amount"), field(found, "spend_currency")
    assert (amount.what, currency.what, found.would) == ("waits", "waits", "write nothing to AWS")
    assert currency.why == "the partner takes no change of it for now"
    assert amount.why == "goes together with spend_currency: the partner takes no change of that for now"


def test_the_lead_that_goes_before_an_opportunity_is_told_too(world: World, folder: Folder) -> None:
    made = shared(world, "With a lead", number=5)
    folder.edit("google.yaml", "  enabled: false", "  enabled: true")
    folder.edit("stages.yaml", "EXAMPLE001\n", "EXAMPLE001\n      vector_id: 0014000000EXAMPLE1\n")
    world.hubspot.account.update("deals", made.deal_id, {"gcp_deal_term": "", "gcp_product_family": "Google Workspace"})
    found = preview(world, folder, made.deal_id)["google"]
    assert found.would == "create no opportunity at Google before this is put right"
    title, term = field(found, "lead.title"), field(found, "lead.deal_term")
    assert (title.what, title.value, title.path) == ("sent", "With a lead", "title")
    assert (term.what, term.value) == ("blocked", None)
    assert "'gcp_deal_term' is empty" in term.why
    at = folder.line("google.yaml", "{name: title, properties: [dealname], path: title")
    assert title.line == f"{folder.path}/google.yaml:{at}"


def test_the_clients_of_a_preview_refuse_every_write(world: World) -> None:
    links = Links(ReadOnlyStore(world.parts.store), LEDGER, world.clock)
    with pytest.raises(WriteRefused, match=r"about to be called"):
        links.open_for_deal("aws", "1", "test")
    with pytest.raises(WriteRefused, match="a PATCH request"):
        hubspot_of(world).update_deal("1", {"amount": "1"})
