"""A poll over 10,000 records of which 10 changed unheard: what it asks of the vendor and of the ledger."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from benchmarks.metered_world import MeteredWorld
from sandbox.scenarios import Stage

CHANGED = 10
_BYSTANDER = {"pipeline": "default", "dealstage": "appointmentscheduled"}
_HOUR_MS = 3_600_000
_PATIENCE_SECONDS = 600.0
_NEW_DEALS_ID = itertools.count(1)


def measure(world: MeteredWorld, records: int = 10_000, links: int = 1_000) -> dict[str, Any]:
    """``{poll: {"records", "changed", "links", "calls", "bytes_in", "bytes_out", "ledger_reads", …}}``.

    ``links`` of the opportunities are in the ledger too, the changed ones among them. Reads go by key and index, so
    that more of them cost no more; --full puts all there. Google's poll reads every page of what it has, and gets no
    more records than ``links``.
    """
    stage = Stage(world)
    deal = stage.new_deal("Polled #AWS #Microsoft #GCP")
    ids = {
        "aws": stage.opportunity_of(deal.deal_id).id,
        "microsoft": stage.referral_of(deal.deal_id),
        "google": stage.google_of(deal.deal_id).name,
    }
    world.settle()
    for partner in ids:
        world.begin_polls(partner)
    found = {}
    with _router_off(world), _unheard(world):
        for poll, vendor, many, change in (
            ("aws.opportunities", "partnercentral", records, lambda: _aws(world, ids["aws"], records, links)),
            ("microsoft.opportunities", "microsoft", records, lambda: _microsoft(world, ids["microsoft"], records)),
            ("google.opportunities", "google", links, lambda: _google(world, ids["google"], links)),
            ("hubspot.deals", "hubspot", records, lambda: _hubspot(world, records)),
        ):
            found[poll] = _one(world, poll, vendor, change)
            found[poll] |= {"records": many, "links": links if vendor == "partnercentral" else 1}
    return found


def _one(world: MeteredWorld, poll: str, vendor: str, change: Callable[[], None]) -> dict[str, Any]:
    _poll(world, poll)  # what was before is read, and the watermark stands behind it
    change()
    world.begin()
    runs = _poll(world, poll)
    calls = [one for one in world.vendor_calls()[vendor] if "token" not in one.operation.lower()]
    units = world.ledger()
    return {
        "changed": CHANGED,
        "pages": runs,
        "calls": len(calls),
        "bytes_in": sum(one.bytes_in for one in calls),
        "bytes_out": sum(one.bytes_out for one in calls),
        "ledger_reads": units.reads,
        "ledger_writes": units.writes,
        "messages": world.messages(),
    }


def _poll(world: MeteredWorld, poll: str) -> int:
    """Poll until no page follows; how many executions that took."""
    before = len(world.cloud.executions("poll"))
    world.poll(poll)
    world.wait_for(lambda: len(world.cloud.executions("poll")) > before, f"the poll {poll}")
    world.wait_for(lambda: world.is_empty("PollQueueUrl"), f"all pages of {poll}", _PATIENCE_SECONDS)
    world.cloud.wait_until_idle()
    return len(world.cloud.executions("poll")) - before


@contextmanager
def _router_off(world: MeteredWorld) -> Iterator[None]:
    """The poll's own use, without that of the runs that it wakes."""
    client = world.cloud.client("lambda")
    mappings = [one["UUID"] for one in client.list_event_source_mappings()["EventSourceMappings"]]
    for one in mappings:
        client.update_event_source_mapping(UUID=one, Enabled=False)
    yield
    for one in mappings:
        client.update_event_source_mapping(UUID=one, Enabled=True)


@contextmanager
def _unheard(world: MeteredWorld) -> Iterator[None]:
    """Inside ``with`` no event and no webhook is sent: polls are for what these miss."""
    notices, receivers = world.microsoft.webhooks, list(world.hubspot.feed.receivers)
    emit, registration = world.central.events.emit, notices.registration
    world.central.events.emit, notices.registration = (lambda _event: None), None
    world.hubspot.feed.receivers.clear()
    yield
    world.central.events.emit, notices.registration = emit, registration
    world.hubspot.feed.receivers.extend(receivers)


def _aws(world: MeteredWorld, known: str, records: int, links: int) -> None:
    held = world.opportunities()
    pattern, newest = held[known], max(int(one[1:]) for one in held)
    for number in range(1, records - len(held) + 1):
        name = f"O{newest + number}"
        arn = pattern.arn.replace(pattern.id, name)
        held[name] = replace(
            pattern,
            id=name,
            arn=arn,
            document=copy.deepcopy(pattern.document),
            created_ms=pattern.created_ms - 2 * _HOUR_MS,
            modified_ms=pattern.modified_ms - _HOUR_MS,
        )
    names = list(held)[-links:]
    _link(world, known, names)
    for name in names[-CHANGED:]:
        world.central.edit_as_aws(name, next_steps="Changed unheard")


def _link(world: MeteredWorld, known: str, names: list[str]) -> None:
    """Links of these opportunities, as that of the known one, settled."""
    client, table = world.cloud.client("dynamodb"), world.outputs["LedgerTableName"]
    key = world.links().for_opportunities("aws", [known])[known]
    pattern = client.get_item(TableName=table, Key={"pk": {"S": key}, "sk": {"S": "link"}})["Item"]
    items = []
    for name in names:
        own = f"link#aws#o{name}"
        deal = f"9{next(_NEW_DEALS_ID):09d}"
        link = {**pattern, "pk": {"S": own}, "opportunity_id": {"S": name}, "deal_id": {"S": deal}}
        link.pop("due_at", None)
        items += [
            link,
            {"pk": {"S": f"opportunity#aws#{name}"}, "sk": {"S": "pointer"}, "link": {"S": own}},
            {"pk": {"S": f"deal#aws#{deal}"}, "sk": {"S": "pointer"}, "link": {"S": own}},
        ]
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": one}} for one in items[start : start + 25]]
        client.batch_write_item(RequestItems={table: requests})


def _microsoft(world: MeteredWorld, known: str, records: int) -> None:
    documents, pattern = world.microsoft.referrals.documents, world.referral(known)
    for number in range(records - len(documents)):
        name = f"{number:08x}-0000-4000-8000-000000000000"
        documents[name] = {**copy.deepcopy(pattern), "id": name, "updatedDateTime": "2026-01-01T00:00:00.0000000Z"}
    for name in list(documents)[-CHANGED:]:
        world.microsoft.edit_as_microsoft(name, name="Changed unheard")


def _google(world: MeteredWorld, known: str, records: int) -> None:
    held = world.google.state.opportunities
    pattern = held[known]
    for number in range(records - len(held)):
        name = f"opportunities/{number:018d}"
        held[name] = replace(
            pattern, name=name, document=copy.deepcopy(pattern.document), updated_ms=pattern.updated_ms - _HOUR_MS
        )
    for name in list(held)[-CHANGED:]:
        world.google.edit_as_google(name, {"opportunityInfo.description": "Changed unheard"})


def _hubspot(world: MeteredWorld, records: int) -> None:
    made = [
        world.hubspot.create("deals", {**_BYSTANDER, "dealname": f"Bystander {number}"}) for number in range(records)
    ]
    for deal in made:
        deal.updated_at -= _HOUR_MS
        world.hubspot.state.index.note(deal, deal.updated_at)
    for deal in made[-CHANGED:]:
        world.hubspot.update("deals", deal.id, {"dealname": "Tagged unheard #AWS"})
