"""PyPI's hubspot-api-client, unmodified, against the served account, under both readings."""

from __future__ import annotations

import pytest
from hubspot import HubSpot
from hubspot.crm.associations import v4 as associations
from hubspot.crm.contacts import SimplePublicObjectInputForCreate as NewContact
from hubspot.crm.deals import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
)
from hubspot.crm.deals import SimplePublicObjectInputForCreate as NewDeal
from hubspot.crm.properties import PropertyCreate, PropertyGroupCreate

from sandbox.hubspot import Served, create_rep_deal

DEAL = {"dealname": "BigCorp Cloud Migration", "dealstage": "qualifiedtobuy", "pipeline": "default"}


@pytest.fixture
def client(served: Served) -> HubSpot:
    return HubSpot(access_token="pat-na1-sandbox", host=served.url)


def test_a_deal_is_created_read_changed_listed_and_archived(client: HubSpot) -> None:
    deals = client.crm.deals.basic_api
    made = deals.create(NewDeal(properties={**DEAL, "amount": "1500"}))
    deals.update(made.id, SimplePublicObjectInput(properties={"amount": "2500"}))
    seen = deals.get_by_id(made.id, properties=["amount", "description"], properties_with_history=["amount"])
    assert seen.properties["amount"] == "2500"
    assert seen.properties["description"] is None
    assert {version.value for version in seen.properties_with_history["amount"]} == {"1500", "2500"}
    assert {version.source_id for version in seen.properties_with_history["amount"]} == {"400"}
    assert [one.id for one in deals.get_page(limit=10).results] == [made.id]
    deals.archive(made.id)
    with pytest.raises(ApiException) as gone:
        deals.get_by_id(made.id)
    assert gone.value.status == 404
    assert deals.get_by_id(made.id, archived=True).archived is True


def test_batches_keep_their_keys(client: HubSpot) -> None:
    batch = client.crm.deals.batch_api
    rows = [{"properties": {**DEAL, "dealname": f"Deal {n}"}, "objectWriteTraceId": str(n)} for n in range(8)]
    made = batch.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows))
    assert {one.object_write_trace_id: one.properties["dealname"] for one in made.results} == {
        str(n): f"Deal {n}" for n in range(8)
    }
    ids = [one.id for one in made.results]
    changed = [{"id": one, "properties": {"amount": "7"}} for one in ids]
    batch.update(BatchInputSimplePublicObjectBatchInput(inputs=changed))
    wanted = BatchReadInputSimplePublicObjectId(
        inputs=[{"id": one} for one in ids], properties=["amount"], properties_with_history=[]
    )
    assert {one.properties["amount"] for one in batch.read(wanted).results} == {"7"}
    batch.archive(BatchInputSimplePublicObjectId(inputs=[{"id": ids[0]}]))
    partial = batch.read(wanted)
    assert partial.num_errors == 1
    assert len(partial.results) == 7


def test_upsert_on_a_unique_property_creates_once(client: HubSpot, served: Served) -> None:
    group = PropertyGroupCreate(name="cosell_sync", label="Co-sell sync")
    client.crm.properties.groups_api.create("deals", group)
    new = PropertyCreate(
        name="aws_opportunity_id",
        label="AWS opportunity ID",
        type="string",
        field_type="text",
        group_name="cosell_sync",
        has_unique_value=True,
    )
    assert client.crm.properties.core_api.create("deals", new).has_unique_value is True
    row = {"idProperty": "aws_opportunity_id", "id": "O1234567", "properties": DEAL}
    upsert = BatchInputSimplePublicObjectBatchInputUpsert(inputs=[row])
    assert client.crm.deals.batch_api.upsert(upsert).results[0].new is True
    client.crm.deals.batch_api.upsert(upsert)
    assert len(served.account.records("deals")) == 1
    found = client.crm.deals.basic_api.get_by_id("O1234567", id_property="aws_opportunity_id")
    assert found.id == served.account.records("deals")[0].id


def test_search_finds_by_property(client: HubSpot) -> None:
    for name in ("Alpha #AWS", "Beta"):
        client.crm.deals.basic_api.create(NewDeal(properties={**DEAL, "dealname": name}))
    wanted = {"propertyName": "dealname", "operator": "CONTAINS_TOKEN", "value": "#AWS"}
    request = PublicObjectSearchRequest(filter_groups=[{"filters": [wanted]}], properties=["dealname"], limit=5)
    found = client.crm.deals.search_api.do_search(request)
    assert found.total == 1
    assert found.results[0].properties["dealname"] == "Alpha #AWS"


def test_associations_both_ways(client: HubSpot, served: Served) -> None:
    made = create_rep_deal(served.account)
    basic, batch = client.crm.associations.v4.basic_api, client.crm.associations.v4.batch_api
    tied = basic.get_page("contacts", made.contact_id, "deals")
    assert [one.to_object_id for one in tied.results] == [made.deal_id]
    request = associations.BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": made.deal_id}])
    row = batch.get_page("deals", "companies", request).results[0]
    assert row.to[0].to_object_id == made.company_id
    assert 341 in {one.type_id for one in row.to[0].association_types}
    other = client.crm.contacts.basic_api.create(NewContact(properties={"firstname": "Sam", "lastname": "Sample"}))
    spec = associations.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=3)
    basic.create("deals", made.deal_id, "contacts", other.id, [spec])
    basic.archive("deals", made.deal_id, "contacts", made.contact_id)
    deal = client.crm.deals.basic_api.get_by_id(made.deal_id, associations=["contacts"])
    assert [one.id for one in deal.associations["contacts"].results] == [other.id]
    default = basic.create_default("deals", made.deal_id, "contacts", made.contact_id)
    assert default.status == "COMPLETE"


def test_notes_go_with_contacts_and_the_oldest_association_calls_still_work(client: HubSpot, served: Served) -> None:
    made = create_rep_deal(served.account)
    tie = {"to": {"id": made.deal_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}]}
    body = {"properties": {"hs_timestamp": "1790000000000", "hs_note_body": "<p>hello</p>"}, "associations": [tie]}
    note = client.crm.objects.notes.basic_api.create(body)
    rows = {"inputs": [{"id": made.deal_id}]}
    found = client.crm.associations.batch_api.read("deals", "notes", rows).results[0]
    assert [(to.id, to.type) for to in found.to] == [(note.id, "deal_to_note")]


def test_owners_pipelines_and_properties(client: HubSpot, served: Served) -> None:
    made = create_rep_deal(served.account)
    owner = client.crm.owners.owners_api.get_page(email="robin.rep-600@isv.example").results[0]
    assert (owner.id, owner.user_id) == (made.owner_id, 600)
    stages = client.crm.pipelines.pipelines_api.get_by_id("deals", "default").stages
    assert [stage.id for stage in stages][-2:] == ["closedwon", "closedlost"]
    assert stages[-2].metadata["probability"] == "1.0"
    names = {one.name for one in client.crm.properties.core_api.get_all("deals").results}
    assert {"dealname", "dealstage", "hs_next_step", "deal_currency_code"} <= names


def test_a_merge_makes_a_new_id_and_old_ids_resolve(client: HubSpot) -> None:
    one, two = (client.crm.deals.basic_api.create(NewDeal(properties=DEAL)).id for _ in range(2))
    merged = client.crm.deals.basic_api.merge(PublicMergeInput(primary_object_id=one, object_id_to_merge=two))
    assert merged.id not in (one, two)
    assert client.crm.deals.basic_api.get_by_id(two).id == merged.id


def test_a_refusal_cites_the_fact_sheet(client: HubSpot) -> None:
    with pytest.raises(ApiException) as refused:
        client.crm.deals.basic_api.create(NewDeal(properties={**DEAL, "no_such_property": "1"}))
    assert refused.value.status == 400
    assert "PROPERTY_DOESNT_EXIST" in refused.value.body
    assert "[hubspot.md 3.2]" in refused.value.body


def test_an_unmodified_client_can_act_as_a_rep(served: Served) -> None:
    rep = HubSpot(access_token="rep-601", host=served.url)
    made = rep.crm.deals.basic_api.create(NewDeal(properties=DEAL))
    version = served.account.history("deals", made.id, "dealname")[0]
    assert (version.actor.source_type, version.actor.source_id) == ("CRM_UI", "userId:601")
