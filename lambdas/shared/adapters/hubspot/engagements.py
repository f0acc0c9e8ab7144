"""Notes and tasks. HubSpot has no key for them, so the caller writes a marker into the body and looks for it first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdas.shared.adapters.hubspot.associations import NOTE_TO_DEAL, TASK_TO_DEAL
from lambdas.shared.adapters.hubspot.client import Json, id_of, objects_path, texts
from lambdas.shared.adapters.hubspot.deals import MODIFIED, Deals, history_of, to_ms

_NOTE_BODY = "hs_note_body"


class Engagements(Deals):
    """Telling people something, on the deal's timeline. Bodies are HTML: escape what a partner wrote."""

    def create_note(self, deal_id: str, html_body: str, at_ms: int) -> str:
        """Put a note on a deal; return its id. Not idempotent: look into ``notes_of`` first."""
        properties = {"hs_timestamp": at_ms, "hs_note_body": html_body}
        return self._create("notes", properties, deal_id, NOTE_TO_DEAL)

    def create_task(  # noqa: PLR0917 - HubSpot's task fields, in the order people say them
        self,
        deal_id: str | None,
        subject: str,
        html_body: str,
        due_ms: int,
        owner_id: str | None = None,
        priority: str = "MEDIUM",
    ) -> str:
        """Create a task (LOW, MEDIUM or HIGH), on a deal unless ``deal_id`` is None; return its id. Not idempotent."""
        properties: Json = {
            "hs_timestamp": due_ms,
            "hs_task_subject": subject,
            "hs_task_body": html_body,
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": priority,
        }
        if owner_id:
            properties["hubspot_owner_id"] = owner_id
        return self._create("tasks", properties, deal_id, TASK_TO_DEAL)

    def notes_of(self, deal_id: str) -> list[Json]:
        """The deal's notes as ``[{"id", "body"}]``."""
        return self._of_deal(deal_id, "notes", _NOTE_BODY)

    def dated_notes_of(self, deal_id: str, wanted: Callable[[str], bool], most: int = 10) -> list[Json]:
        """The deal's notes whose body is ``wanted``, with when and by whom the body was written last:
        ``[{"id", "body", "at" (ms), "source_type", "source_id"}]``. Of many, the ``most`` that were changed last.
        """
        what = "to read the deal's notes"
        ids = list(self.associated("deals", "notes", [deal_id])[deal_id])
        rows = self._read_many("notes", [{"id": one} for one in ids], [_NOTE_BODY, MODIFIED], what)
        texts_of = {id_of(row, what): row.get("properties") or {} for row in rows}
        chosen = [one for one, values in texts_of.items() if wanted(values.get(_NOTE_BODY) or "")]
        chosen.sort(key=lambda one: to_ms(texts_of[one].get(MODIFIED) or 0), reverse=True)
        dated = self._read_many("notes", [{"id": one} for one in chosen[:most]], [], what, history=[_NOTE_BODY])
        return [note for row in dated if (note := _dated(row, what)) is not None]

    def tasks_of(self, deal_id: str) -> list[Json]:
        """The deal's tasks as ``[{"id", "body"}]``."""
        return self._of_deal(deal_id, "tasks", "hs_task_body")

    def _create(self, object_type: str, properties: Mapping[str, Any], deal_id: str | None, type_id: int) -> str:
        what = f"to create one of the {object_type}"
        body: Json = {"properties": texts(properties)}
        if deal_id is not None:
            kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
            body["associations"] = [{"to": {"id": deal_id}, "types": [kind]}]
        return id_of(self.call("POST", objects_path(object_type), what, body=body, sent=properties), what)

    def _of_deal(self, deal_id: str, object_type: str, body_property: str) -> list[Json]:
        what = f"to read the deal's {object_type}"
        ids = list(self.associated("deals", object_type, [deal_id])[deal_id])
        rows = self._read_many(object_type, [{"id": one} for one in ids], [body_property], what)
        return [
            {"id": id_of(row, what), "body": (row.get("properties") or {}).get(body_property) or ""} for row in rows
        ]


def _dated(row: Json, what: str) -> Json | None:
    """The note as its body's newest version says; None for a body that has no history (it never had one)."""
    versions = history_of((row.get("propertiesWithHistory") or {}).get(_NOTE_BODY) or [])
    if not versions:
        return None
    newest = versions[0]
    return {
        "id": id_of(row, what),
        "body": newest["value"] or "",
        "at": newest["timestamp"],
        "source_type": newest["source_type"],
        "source_id": newest["source_id"],
    }
