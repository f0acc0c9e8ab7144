"""The room of the looks' tests: a link with deal and opportunity, what was seen of it, and HubSpot as a stand-in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdas.shared.adapters.ledger import Seen
from lambdas.shared.domain.notification import Notification
from lambdas.shared.handlers import remember_findings, show_findings
from tests.unit.handlers.partner_room import Room

PARTNERS = {"aws": {"status_properties": {"sync_status": "aws_sync_status"}, "all_tags": ["#AWS"], "tag": "#AWS"}}


class HubSpot:
    """Deals by id. ``calls`` are the operations; ``told`` are notes and tasks: kind, subject, owner and priority."""

    def __init__(self, **deals: dict[str, str | None]) -> None:
        self.deals = {name.removeprefix("d"): one for name, one in deals.items()}
        self.calls: list[str] = []
        self.told: list[tuple[str, str, str | None, str]] = []
        self.due: list[int] = []
        self.refuse: Exception | None = None

    def batch_read_deals(self, ids: Iterable[str], properties: Iterable[str]) -> dict[str, dict[str, str | None]]:
        self.calls.append("read")
        names = list(properties)
        return {one: {name: self.deals[one].get(name) for name in names} for one in ids if one in self.deals}

    def update_deal(self, deal_id: str, properties: dict[str, str]) -> dict[str, Any]:
        self.calls.append("update")
        if self.refuse:
            raise self.refuse
        self.deals[deal_id].update(properties)
        return {"id": deal_id, "updated_at": 1, "properties": properties}

    def create_note(self, _deal_id: str, html_body: str, _at_ms: int) -> str:
        self.told.append(("note", html_body, None, ""))
        return f"n{len(self.told)}"

    def create_task(
        self,
        _deal: str | None,
        subject: str,
        _body: str,
        due_ms: int,
        owner: str | None = None,
        priority: str = "MEDIUM",
    ) -> str:
        self.told.append(("task", subject, owner, priority))
        self.due.append(due_ms)
        return f"t{len(self.told)}"


class LookRoom(Room):
    """``run`` is the envelope of a look at ``summary``."""

    def __init__(self) -> None:
        super().__init__()
        self.links.tie_opportunity(self.key, "O1", None, "r")
        self.seen = Seen(self.dynamodb, "ledger", self.clock)
        self.hubspot = HubSpot(d500={"hubspot_owner_id": "77"})
        self.run |= {"opportunity_id": "O1", "kind": "summary"}
        self.announced: list[tuple[str, dict[str, Any]]] = []

    def find(self, **findings: Any) -> None:
        """What a gather function leaves in the run item."""
        document = {"properties": {}, "facts": [], "seen": {"a": 1}, "seen_version": 0, "announce": [], **findings}
        self.runs.put("r", "findings", document)

    def show(self) -> dict[str, Any]:
        c = show_findings.Collaborators(
            self.hubspot, self.links, self.runs, self.seen, self.audit, self.origins, PARTNERS, self.clock
        )
        return show_findings.show_findings({"run": self.run}, c)

    def remember(self) -> dict[str, Any]:
        announce = lambda kind, detail: self.announced.append((kind, detail))  # noqa: E731
        c = remember_findings.Collaborators(self.links, self.runs, self.seen, announce)
        return remember_findings.remember_findings({"run": self.run}, c)


def fact(key: str = "quality:85", **more: Any) -> dict[str, Any]:
    """A notification as it lies in the findings."""
    return Notification(key, **{"kind": "task", "subject": "Look here", "body": "<p>up</p>", **more}).as_dict()
