"""What AWS and the members share in an engagement, and what AWS advises: which of it is new, and how it is told."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.messages import digest
from lambdas.shared.domain.notification import Notification

TEMPLATES: Mapping[str, str] = {
    "OpportunitySummaryView": "Opportunity summary (shared with the members)",
    "AwsOpportunitySummaryFullView": "AWS's own summary (for us only)",
}
"""The templates that AWS documents, in words; another one is shown by its name."""

_LISTED = 20
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that AWS advises: ``kind`` in AWS's own word, or ours for the next best actions."""

    kind: str
    text: str

    @property
    def mark(self) -> str:
        """A digest by which the same advice is known again."""
        return digest(self.kind, self.text)


def advice_of(summary: Mapping[str, Any]) -> list[Advice]:
    """Next best actions and recommendations of GetAwsOpportunitySummary's document; any of it may be missing.

    https://docs.aws.amazon.com/partner-central/latest/APIReference/API_AwsOpportunityInsights.html
    """
    found = [Advice("Next best actions", str(paths.get(summary, "Insights.NextBestActions") or "").strip())]
    for one in paths.get(summary, "Insights.Recommendations") or ():
        found.append(Advice(str(one.get("Type") or "Recommendation"), str(one.get("Details") or "").strip()))
    return [one for one in found if one.text]


def advice_note(advice: Sequence[Advice]) -> Notification:
    """A note with what AWS advises anew."""
    items = "".join(f"<li><strong>{_shown(one.kind, 120)}</strong>: {_shown(one.text)}</li>" for one in advice)
    key = digest(sorted(one.mark for one in advice))
    return Notification(f"advice:{key}", "note", "New advice from AWS", f"<p>AWS recommends:</p><ul>{items}</ul>")


def snapshot_key(engagement_id: str, snapshot: Mapping[str, Any]) -> str:
    """Of what a snapshot is a revision."""
    return f"{engagement_id}/{snapshot['resource']}/{snapshot['template']}"


def newer(
    snapshots: Iterable[Mapping[str, Any]], seen: Mapping[str, int], engagement_id: str, ours: str | None
) -> list[Mapping[str, Any]]:
    """Those with a later revision than was seen; without those that the account ``ours`` made (None: with them)."""
    return [
        one
        for one in snapshots
        if one["revision"] > seen.get(snapshot_key(engagement_id, one), 0)
        and (ours is None or one["created_by"] != ours)
    ]


def latest(snapshots: Iterable[Mapping[str, Any]], engagement_id: str) -> dict[str, int]:
    """The last revision of each, to be kept as seen."""
    found: dict[str, int] = {}
    for one in snapshots:
        key = snapshot_key(engagement_id, one)
        found[key] = max(found.get(key, 0), one["revision"])
    return found


def snapshot_note(snapshots: Sequence[Mapping[str, Any]], engagement_id: str, account: str) -> Notification:
    """A note on what was shared: of what, by which template, which revision, by whom; never the content itself."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for one in snapshots:
        groups.setdefault((one["template"], one["resource"], one["created_by"]), []).append(one["revision"])
    items = [
        _revisions(template, resource, _by(who, account), sorted(revisions))
        for (template, resource, who), revisions in groups.items()
    ]
    more = "<li>…</li>" if len(items) > _LISTED else ""
    key = digest(sorted((snapshot_key(engagement_id, one), one["revision"]) for one in snapshots))
    lead = f"<p>New in the engagement {html.escape(engagement_id)}, to be read in AWS Partner Central:</p>"
    body = f"{lead}<ul>{''.join(items[:_LISTED])}{more}</ul>"
    return Notification(f"snapshots:{key}", "note", "New resource snapshots at AWS", body)


def _revisions(template: str, resource: str, by: str, revisions: Sequence[int]) -> str:
    first, last = revisions[0], revisions[-1]
    counted = f"revision {last}" if first == last else f"revisions {first} to {last}"
    what = TEMPLATES.get(template, template)
    return f"<li>{html.escape(what)} of {html.escape(resource)}: {counted}, by {html.escape(by)}</li>"


def _by(account: str, ours: str) -> str:
    if account == ours:
        return "us"
    return "AWS" if account.lower() == "aws" else f"account {account}" if account else "an unnamed member"


def _shown(text: str, most: int = _LONGEST) -> str:
    return html.escape(text if len(text) <= most else f"{text[: most - 1]}…").replace("\n", "<br>")
