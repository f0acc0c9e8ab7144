"""All that forgetting touches, on the fakes: ledger, runs, audit, keys, HubSpot and the function's own queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambdas.shared.adapters.ledger import (
    Audit,
    AuditReader,
    Base,
    DeadLetters,
    Forgets,
    Leases,
    Links,
    Origins,
    Quarantine,
    Runs,
    Seen,
    Subjects,
    Sweep,
)
from lambdas.shared.adapters.sealing import KeyWrap
from lambdas.shared.domain.audit_chain import check_chain
from lambdas.shared.domain.personal import concealed, subject_of
from lambdas.shared.handlers.forget_person import Collaborators, forget_person
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeQueue
from sandbox.fakes.kms import FakeKms

PARTNERS = {"aws": {"label": "AWS", "status_properties": {}}}
PERSONAL = {"aws": ("contacts", "next_steps")}

ANN = {"Email": "ann@example.com", "FirstName": "Ann", "LastName": "Lee", "Phone": "+4930123456"}
BOB = {"Email": "bob@example.com", "FirstName": "Bob", "LastName": "Ray", "Phone": "+4940987654"}


class Deals:
    """HubSpot as far as a task is written to a deal."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, str, str]] = []

    def batch_read_deals(self, ids: list[str], _properties: list[str]) -> dict[str, dict[str, Any]]:
        return {one: {"hubspot_owner_id": "7"} for one in ids}

    def create_task(self, deal_id: str, subject: str, body: str, *_more: Any) -> str:
        self.tasks.append((deal_id, subject, body))
        return str(len(self.tasks))

    def tasks_of(self, _deal_id: str) -> list[dict[str, str]]:
        return []


class Room:
    def __init__(self, pages: int = 3, page_items: int = 4) -> None:
        self.db, self.kms, self.clock, self.queue, self.deals = (
            FakeDynamoDb(),
            FakeKms(),
            FakeClock(),
            FakeQueue(),
            Deals(),
        )
        db, clock = self.db, self.clock
        self.subjects = Subjects(db, "ledger", KeyWrap(self.kms, "key"), clock)
        self.audit = Audit(db, "audit", clock, ledger="ledger", conceal=self._conceal)
        self.links, self.base = Links(db, "ledger", clock), Base(db, "ledger")
        self.runs, self.seen = Runs(db, "runs", clock), Seen(db, "ledger", clock)
        self.letters, self.quarantine = DeadLetters(db, "ledger", clock), Quarantine(db, "ledger", clock)
        self.leases, self.origins, self.forgets = (
            Leases(db, "ledger", clock),
            Origins(db, "ledger"),
            Forgets(db, "ledger"),
        )
        self.collaborators = Collaborators(
            self.forgets,
            Subjects(db, "ledger", KeyWrap(self.kms, "key"), clock),
            Sweep(db, "ledger", "runs", page_items=page_items),
            self.links,
            self.deals,
            self.audit,
            self.leases,
            self.queue,
            PARTNERS,
            clock,
            pages,
        )

    def _conceal(self, chain: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return concealed(chain, fields, PERSONAL, lambda who, value: self.subjects.seal(who, chain, value))

    def link(self, deal_id: str, opportunity_id: str, base: Mapping[str, Any]) -> str:
        """A link of deal and opportunity with this base."""
        key = self.links.open_for_deal("aws", deal_id, "hubspot")
        self.db.update_item(
            TableName="ledger",
            Key={"pk": {"S": key}, "sk": {"S": "link"}},
            UpdateExpression="SET #o = :o",
            ExpressionAttributeNames={"#o": "opportunity_id"},
            ExpressionAttributeValues={":o": {"S": opportunity_id}},
        )
        self.settle(key, base)
        return key

    def settle(self, key: str, base: Mapping[str, Any]) -> None:
        """A run's end, with this base."""
        assert self.leases.take_lease(key, "run")
        self.links.settle(key, seen=None, lease_owner="run", base_fields=dict(base))

    def ask(self, **message: Any) -> None:
        """Ask, and let the function go on until it has nothing left to do."""
        self.deliver({"asked_by": "hubspot", "correlation_id": "c1", **message})
        self.go_on()

    def go_on(self) -> None:
        for _ in range(500):
            if not self.queue.sent:
                return
            message, delay = self.queue.sent.pop(0)
            self.clock.advance(seconds=delay)
            self.deliver(message)
        raise AssertionError("it never ends")

    def deliver(self, message: Mapping[str, Any]) -> list[dict[str, str]]:
        event = {"Records": [{"messageId": "m1", "body": json.dumps(message)}]}
        return forget_person(event, self.collaborators)["batchItemFailures"]

    def stored(self) -> str:
        """Everything in every table, sealed values opened as far as anybody can."""
        reader = Subjects(self.db, "ledger", KeyWrap(self.kms, "key"), self.clock)
        texts = [str(item) for table in ("ledger", "runs") for item in self.db.items(table)]
        return "\n".join([*texts, *(str(one) for one in self.opened(reader))])

    def opened(self, reader: Subjects | None = None) -> list[dict[str, Any]]:
        """The audit's records as an operator reads them."""
        from cli.audit_reveal import readable

        reader = reader or Subjects(self.db, "ledger", KeyWrap(self.kms, "key"), self.clock)
        return [readable(item, reader) for item in self.db.items("audit")]

    def findings(self) -> list[str]:
        """What is wrong with the audit's chains."""
        reader, now = AuditReader(self.db, "audit", "ledger"), self.clock.now_ms()
        chains = {item["pk"] for item in self.db.items("audit")}
        return [
            str(one)
            for chain in chains
            for one in check_chain(chain, reader.chain(chain), reader.head(chain), [], now_ms=now)
        ]


def contact(contact_id: str, person: dict[str, str]) -> dict[str, Any]:
    names = {"email": "Email", "firstname": "FirstName", "lastname": "LastName", "phone": "Phone"}
    return {"id": contact_id, "properties": {name: person[member] for name, member in names.items()}}


def filled(room: Room, ann: dict[str, str] = ANN, bob: dict[str, str] = BOB, pad: int = 120_000) -> str:
    """A link whose every neighbour names both people; its key."""
    full = f"{ann['FirstName']} {ann['LastName']}"
    link = room.link("500", "O1", {"contacts": [ann, bob], "next_steps": f"call {full}", "amount": 5})
    room.link("501", "O2", {"contacts": [bob], "amount": 7})
    contacts = [contact("101", ann), contact("102", bob)]
    room.subjects.know(contacts)
    deal = {
        "id": "500",
        "properties": {"dealname": "Move", "description": f"{ann['Email']} asks"},
        "contacts": contacts,
    }
    room.runs.put("r1", "deal", deal)
    room.runs.put("r1", "plan", {"base": {"contacts": [ann, bob]}, "newcomers": [contacts[0]["properties"]]})
    room.runs.put("t1", "sent", {"contacts": [ann, bob]})
    room.runs.put("r2", "opportunity", {"Customer": {"Contacts": [ann, bob]}, "pad": "x y " * pad})
    room.seen.put(link, "summary", {"people": [ann, bob], "text": f"{ann['Phone']} is hers"}, 0)
    room.quarantine.put(
        "no id", json.dumps({"subscriptionType": "contact.creation", "objectId": 101, "x": ann["Phone"]})
    )
    room.quarantine.put("no JSON", f"<{ann['Email']}> {full} {bob['Email']}")
    room.leases.note_failure("m7", "Unexpected", f"no room for {full}", "x")
    notice = {"events": [{"kind": "merge", "object": "contact", "id": "101"}, {"object": "deal", "id": "9"}]}
    room.letters.record("m7", "https://q", json.dumps(notice), 3)
    room.origins.note("contacts", subject_of(ann["Email"]), "aws", {"email": ["x"]})
    room.origins.settle("contacts", "101", "aws", {"hs_object_id": ["101"]})
    changes = [
        {"field": "contacts", "before": [bob], "after": [ann, bob], "rule": "create"},
        {"field": "next_steps", "before": "", "after": f"call {full}", "rule": "create"},
        {"field": "amount", "before": 4, "after": 5, "rule": "create"},
    ]
    room.audit.intent(link, "r1", partner="aws", deal_id="500", operation="CreateOpportunity", changes=changes)
    made = [{"field": name, "after": text} for name, text in contacts[0]["properties"].items()]
    room.audit.intent(link, "r1", partner="aws", operation="EnsureContact", changes=made)
    room.clock.advance(seconds=60)
    return link
