"""The life of an engagement as our looks see it: status, members, and milestones with our own timestamps.

AWS has no status of an engagement and no history. So the status is derived from what its API does say, and a milestone
is what one look saw to be different from the look before, at the time of that look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.messages import digest
from lambdas.shared.errors import Unexpected

NONE, CREATED, INVITED, DECLINED, EXPIRED, JOINED = "none", "created", "invited", "declined", "expired", "joined"
STATUSES = (NONE, CREATED, INVITED, DECLINED, EXPIRED, JOINED)
_OF_INVITATION: Mapping[str, str] = {"PENDING": INVITED, "ACCEPTED": JOINED, "REJECTED": DECLINED, "EXPIRED": EXPIRED}
_SAID: Mapping[str, str] = {
    NONE: "no engagement yet",
    CREATED: "made, nobody invited",
    INVITED: "invitation pending",
    DECLINED: "invitation rejected",
    EXPIRED: "invitation expired",
    JOINED: "members joined",
}
# HubSpot holds 65,536 characters in a property of text.
_LONGEST = 60_000


@dataclass(frozen=True, slots=True)
class EngagementView:
    """One look. ``companies`` are the members' names or, of a nameless one, its account; us included.

    ``invitations`` are the statuses of the invitations that we sent, newest first; ``stage`` and ``review`` are the
    opportunity's.
    """

    engagement_id: str | None
    companies: tuple[str, ...] = ()
    invitations: tuple[str, ...] = ()
    stage: str | None = None
    review: str | None = None

    @property
    def status(self) -> str:
        """One of ``STATUSES``.

        No engagement: ``none``. Two members or more: ``joined``, whatever else is under way. Else an invitation of ours
        that is pending: ``invited``; else the newest that we sent: ``joined`` (accepted, and not listed as a member
        yet), ``declined`` or ``expired``; and ``created`` when we sent none. ``Unexpected`` names a status of an
        invitation that the service model does not have.
        """
        if self.engagement_id is None:
            return NONE
        if len(self.companies) > 1:
            return JOINED
        if "PENDING" in self.invitations:
            return INVITED
        if not self.invitations:
            return CREATED
        newest = self.invitations[0]
        if newest not in _OF_INVITATION:
            raise Unexpected(f"an invitation has the status {newest[:40]!r}; allowed: {', '.join(_OF_INVITATION)}")
        return _OF_INVITATION[newest]


def view_of(
    opportunity: Mapping[str, Any],
    engagement_id: str | None,
    members: Iterable[Mapping[str, str]] = (),
    invitations: Iterable[Mapping[str, str]] = (),
) -> EngagementView:
    """The view of GetOpportunity's document and the lists of ``Engagements``."""
    return EngagementView(
        engagement_id,
        tuple(one["company"] or one["account"] for one in members),
        tuple(one["status"] for one in invitations),
        paths.get(opportunity, "LifeCycle.Stage"),
        paths.get(opportunity, "LifeCycle.ReviewStatus"),
    )


def remember(before: Mapping[str, Any], view: EngagementView, now_ms: int, most: int) -> dict[str, Any]:
    """What is kept of a look: the view as plain data, and ``milestones``, oldest first, the last ``most`` of them.

    A milestone is ``{"at": epoch ms, "what", "was": text or None, "now": text}``. What a look does not say any more (a
    section that AWS left out) is no milestone, and stays as it was seen last.
    """
    last = before.get("view") or {}
    now = {
        "engagement_id": view.engagement_id,
        "status": view.status,
        "companies": list(view.companies),
        "stage": view.stage or last.get("stage"),
        "review": view.review or last.get("review"),
    }
    milestones = [*before.get("milestones", ()), *_milestones(last, now, now_ms)]
    return {"view": now, "milestones": milestones[-most:]}


def properties(seen: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """The deal's properties from ``remember``'s answer; ``names`` maps our roles to the properties' names."""
    view = seen["view"]
    texts = {
        "engagement_id": view["engagement_id"] or "",
        "engagement_status": view["status"],
        "engagement_members": ", ".join(view["companies"]),
        "engagement_member_count": str(len(view["companies"])),
        "milestones": milestones_text(seen["milestones"]),
    }
    return {names[role]: text for role, text in texts.items()}


def milestones_text(milestones: Sequence[Mapping[str, Any]]) -> str:
    """One line for each, newest last: ``2026-11-28 14:03 UTC  Review: Submitted -> Approved``."""
    lines = [_line(one) for one in milestones]
    while sum(len(line) + 1 for line in lines) > _LONGEST:
        lines.pop(0)
    return "\n".join(lines)


def announcements(before: Mapping[str, Any], seen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``EngagementChanged`` for the sync bus when status or members are others than before; nothing on a first look
    that finds no engagement."""
    was, now = before.get("view") or {"status": NONE, "companies": []}, seen["view"]
    if (was["status"], was["companies"]) == (now["status"], now["companies"]):
        return []
    detail = {"engagement_id": now["engagement_id"], "status": now["status"], "was": was["status"]}
    key = digest(now["engagement_id"], now["status"], now["companies"])
    return [
        {
            "kind": "EngagementChanged",
            "key": f"engagement:{key}",
            "detail": {**detail, "members": len(now["companies"])},
        }
    ]


def _milestones(last: Mapping[str, Any], now: Mapping[str, Any], now_ms: int) -> list[dict[str, Any]]:
    found: list[tuple[str, str | None, str]] = []
    for name, what in (("stage", "Stage"), ("review", "Review")):
        if now[name] is not None and now[name] != last.get(name):
            found.append((what, last.get(name), now[name]))
    if now["status"] != last.get("status", NONE):
        was = last.get("status")
        found.append(("Engagement", _SAID[was] if was else None, _SAID[now["status"]]))
    here, there = now["companies"], last.get("companies", [])
    joined = " joined" if last else ""
    found += [("Member", None, f"{company}{joined}") for company in here if company not in there]
    found += [("Member", None, f"{company} left") for company in there if company not in here]
    return [{"at": now_ms, "what": what, "was": was, "now": text} for what, was, text in found]


def _line(one: Mapping[str, Any]) -> str:
    at = datetime.fromtimestamp(one["at"] / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if one["was"]:
        return f"{at}  {one['what']}: {one['was']} -> {one['now']}"
    moved = one["what"] == "Member" and one["now"].endswith((" joined", " left"))
    return f"{at}  {one['what']}: {one['now']}{'' if moved else ' (first seen)'}"
