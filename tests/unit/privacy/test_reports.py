"""An audit report reads what is sealed, and says of forgotten people that they were."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

from cli.audit_report import FORMATS, write
from lambdas.shared.adapters.ledger import Subjects
from lambdas.shared.adapters.sealing import KeyWrap
from lambdas.shared.domain.audit_report import place_of, shown
from lambdas.shared.domain.personal import FORGOTTEN, revealed
from tests.unit.privacy.forgetting_room import ANN, BOB, Room, filled


def report(room: Room, *, opens: bool = True) -> list[dict[str, Any]]:
    """What ``cosell audit report`` writes as JSON lines."""
    subjects = Subjects(room.db, "ledger", KeyWrap(room.kms, "key"), room.clock)
    steps = [SimpleNamespace(place=place_of(one), record=shown(one)) for one in room.db.items("audit")]
    stream = io.StringIO()
    reveal = (lambda record: revealed(record, subjects.open)) if opens else None
    write(steps, FORMATS["jsonl"](), stream, SimpleNamespace(listing=lambda *_: None), reveal)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def created(records: list[dict[str, Any]]) -> Any:
    (record,) = [one for one in records if one.get("operation") == "CreateOpportunity"]
    return record["changes"][0]["after"]


def test_a_report_opens_what_it_can_and_says_the_rest_is_forgotten():
    room = Room()
    filled(room, pad=9)
    assert "ann@example.com" not in json.dumps(report(room, opens=False))
    assert created(report(room)) == [ANN, BOB]
    room.ask(contact_id="101")
    assert created(report(room)) == [FORGOTTEN, BOB]
    assert "ann@example.com" not in json.dumps(report(room))
