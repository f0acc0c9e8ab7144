"""The deal's notes, which may be shared (``domain.shared_notes``): read when HubSpot has told of one, else never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.shared_notes import begins_with_mark


def with_notes(
    document: Mapping[str, Any], run: Mapping[str, Any], settings: Mapping[str, Any], c: Any
) -> dict[str, Any]:
    """The deal document; where notes are to be read with ``notes`` (those that begin with a mark), ``notes_wanted``."""
    marks = settings.get("shared_notes") or {}
    link = c.links.get(run["link"]) if marks and c.links is not None and not document["archived"] else None
    if link is None or link.notes_wanted == link.notes_done:
        return dict(document)
    notes = c.hubspot.dated_notes_of(document["id"], lambda body: begins_with_mark(body, marks))
    return {**document, "notes": notes, "notes_wanted": link.notes_wanted}
