"""Every metric of the product: its unit, its dimensions and what it says. Nothing else may be counted.

A metric's dimensions make its price and its use: each combination is a series of its own, so a dimension only takes
words that are listed here, never an id, a name or a text of anybody's. The table in docs/seeing.md is checked against
this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type Unit = Literal["Count", "Milliseconds", "Seconds", "Percent"]

OTHER = "other"
"""What a word becomes that is not listed for its dimension: the series stay countable, and the surprise shows."""

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "partner": ("aws", "microsoft", "google", OTHER),
    "vendor": ("hubspot", "aws", "microsoft", "google", OTHER),
    "status": ("2xx", "3xx", "4xx", "429", "5xx", "none", OTHER),
    "standing": ("synced", "waiting", "blocked", "conflict", "paused", "closed", "ignored", "open", OTHER),
    "cause": (
        "throttled",
        "unavailable",
        "unauthorized",
        "moving",
        "unreported",
        "fault",
        "unreadable",
        "unknown-link",
        "refused",
        "undelivered",
        OTHER,
    ),
    "reason": ("incomplete", "refused", "conflict", "astray", OTHER),
}
"""The words that each dimension may take. ``service``, the deployment stage, comes with every metric."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric. ``dimensions`` are those beside ``service``."""

    means: str
    unit: Unit = "Count"
    dimensions: tuple[str, ...] = ()


_PARTNER = ("partner",)

METRICS: Mapping[str, Measure] = {
    # What becomes of deals.
    "DealSynced": Measure("a run brought deal and opportunity level, and something changed", dimensions=_PARTNER),
    "Blocked": Measure("a deal began to wait for a person", dimensions=_PARTNER),
    "ConflictFound": Measure("a deal has two values or records to choose from", dimensions=_PARTNER),
    "Paused": Measure("a tag was taken off", dimensions=_PARTNER),
    "Closed": Measure("a link ended: its deal is gone or another link's", dimensions=_PARTNER),
    "Ignored": Measure("an opportunity is none of ours", dimensions=_PARTNER),
    "ReviewChanged": Measure("the deal shows another review status", dimensions=_PARTNER),
    "ProblemsFound": Measure("problems put before a person, by what kind they are", dimensions=("partner", "reason")),
    "SyncLatency": Measure(
        "from the first notice that no run had answered to the end of the run that wrote",
        "Milliseconds",
        _PARTNER,
    ),
    "Links": Measure("links by how they stand, counted hourly", dimensions=("partner", "standing")),
    "OldestWork": Measure("age of the oldest notice that no run has answered, counted hourly", "Seconds", _PARTNER),
    "QuotaUsed": Measure("share of the day's writes that is used", "Percent", _PARTNER),
    # Notices and polls.
    "WebhookEvents": Measure("events in HubSpot's webhooks that were stored"),
    "SignatureRejected": Measure("webhooks with a signature that is not good"),
    "Quarantined": Measure("parts of webhooks that could not be read"),
    "NoticeRefused": Measure("notices that are not proven to be the partner's"),
    "PartnerNotices": Measure("notices of a partner's webhook that were stored"),
    "TestNotices": Measure("test notices of a partner's webhook"),
    "NoticeFailed": Measure("notices that could not be routed, tried again by the queue"),
    "LinksWoken": Measure("wake-ups sent by the router"),
    "LinksSwept": Measure("wake-ups sent by the sweep of due links"),
    "DealsPolled": Measure("deals that the sweep found changed"),
    "OpportunitiesPolled": Measure("opportunities that a poll found changed"),
    "LooksPolled": Measure("links that a look's poll sends to be looked at"),
    "AdoptionConflict": Measure("records that name each other's partner"),
    # Dead letters.
    "DeadLetters": Measure("dead letters judged for the first time, by cause", dimensions=("cause",)),
    "DeadLettersSwept": Measure("dead letters that a sweep looked at"),
    "DeadLettersWoken": Measure("dead letters woken again by themselves"),
    "DeadLettersResolved": Measure("dead letters whose work was done after all"),
    "DeadLettersPermanent": Measure("dead letters that wait for a person"),
    "DeadLettersTold": Measure("dead letters said on their deals"),
    "DealsToldWaiting": Measure("deals that were told that their changes wait after an error"),
    "DeadLetterNotTold": Measure("dead letters that could not be said on their deals"),
    "PeopleForgotten": Measure("people who were taken out of everything that we keep"),
    "ForgetFailed": Measure("steps of forgetting a person that failed, and come again"),
    "ForgetNotTold": Measure("deals on which HubSpot did not take the task that a partner may still name a person"),
    "AuditSealed": Measure("every day of the audit that is over has its seal"),
    # Errors by name, and calls.
    "Throttled": Measure("a vendor asked us to slow down"),
    "Retryable": Measure("a vendor was away or late"),
    "Unauthorized": Measure("a vendor refused our credentials or permissions"),
    "Conflict": Measure("a record moved between reading and writing"),
    "NotFound": Measure("a vendor has no such record"),
    "Rejected": Measure("a vendor would not take what was sent"),
    "Unexpected": Measure("a bug or an unreadable answer"),
    "VendorCalls": Measure("requests to a vendor by the class of its answer", dimensions=("vendor", "status")),
    "VendorTime": Measure("how long a vendor took to answer", "Milliseconds", ("vendor",)),
    # What AWS shows.
    "LookShown": Measure("looks that showed something on a deal"),
    "StepRefused": Measure("steps that a partner refused and the sync does without"),
    "SummaryChanged": Measure("AWS's side of an opportunity moved"),
    "EngagementChanged": Measure("an engagement moved"),
    "OtherAnnounced": Measure("announcements of looks of your own"),
    "Notification": Measure("smart notifications told"),
    "UnknownInSummary": Measure("words of AWS's that are left out because we do not know them"),
    "UnknownEngagementScore": Measure("an engagement score that we do not know"),
    "UnknownOpportunityQuality": Measure("an opportunity's quality that we do not know"),
    # Invitations, submissions, solutions, settings.
    "InvitationsPending": Measure("invitations that wait for an answer"),
    "InvitationsAsked": Measure("invitations put before a person"),
    "InvitationsLeft": Measure("invitations that are left alone"),
    "InvitationsRejected": Measure("invitations rejected"),
    "InvitationWithoutDeal": Measure("invitations to be tied to a deal that is not there"),
    "LeadsJoined": Measure("leads joined"),
    "LeadsQualified": Measure("leads qualified at AWS"),
    "AcceptanceFailed": Measure("acceptances of invitations that AWS ended in failure"),
    "SubmissionFailed": Measure("submissions that AWS ended in failure"),
    "SubmittedByApi": Measure("deals submitted through the operator's API"),
    "SolutionsListed": Measure("solutions in the catalogue"),
    "CatalogueSolutionUnknown": Measure("solutions that resources.yaml names and AWS does not have"),
    "SnapshotRoleRegistered": Measure("the role of AWS's snapshot jobs was registered"),
    "SnapshotRoleForeign": Measure("another role than ours is registered for snapshot jobs"),
    "SnapshotJobCreated": Measure("snapshot jobs created"),
    "SnapshotJobStarted": Measure("snapshot jobs started again"),
    "SnapshotJobRefused": Measure("snapshot jobs that AWS refused"),
    "SnapshotJobRunFailed": Measure("snapshot jobs that ended in failure"),
    # Microsoft's sign-in.
    "TokenRenewed": Measure("access tokens renewed"),
    "ConsentReplaced": Measure("the consent was replaced meanwhile"),
    "ConsentMissing": Measure("nobody has signed in at Microsoft yet"),
    "ConsentDead": Measure("Microsoft ended the consent"),
}


def measure(name: str) -> Measure:
    """The metric of that name. ValueError for one that is not registered."""
    found = METRICS.get(name)
    if found is None:
        raise ValueError(f"{name!r} is no metric of the product; allowed: those of lambdas/shared/metric_names.py")
    return found


def bounded(name: str, dimensions: Mapping[str, str]) -> dict[str, str]:
    """``dimensions`` with every word that is not listed put under ``other``.

    ValueError where the names are not exactly those of the metric.
    """
    wanted = measure(name).dimensions
    if set(dimensions) != set(wanted):
        raise ValueError(f"metric {name} has the dimensions {sorted(wanted)}, not {sorted(dimensions)}")
    return {key: dimensions[key] if dimensions[key] in DIMENSIONS[key] else OTHER for key in wanted}
