"""What the account holds, per catalog. Documents are nested dictionaries in the form of the API."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

from sandbox.partner_central.fields import get

SOLUTION_KINDS = ("Solutions", "AwsMarketplaceSolutions", "AwsMarketplaceProducts")
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Opportunity:
    """One opportunity. ``document`` holds the sections that a partner writes plus the review members of LifeCycle."""

    id: str
    arn: str
    document: dict[str, Any]
    created_ms: int
    modified_ms: int
    origin: str = "Partner Referral"
    related: dict[str, list[str]] = field(default_factory=dict)
    team: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    involvement: str | None = None
    visibility: str | None = None
    engagement_id: str | None = None
    invitation_id: str | None = None
    snapshot_job_id: str | None = None
    hidden: bool = False
    invited_by_partner: bool = False

    @property
    def review_status(self) -> str:
        """LifeCycle.ReviewStatus."""
        return self.document["LifeCycle"]["ReviewStatus"]

    @property
    def stage(self) -> str:
        """LifeCycle.Stage."""
        return self.document["LifeCycle"]["Stage"]

    @property
    def has_solution(self) -> bool:
        """Whether a solution or a Marketplace entity that counts as one is associated."""
        return any(self.related.get(kind) for kind in SOLUTION_KINDS)

    @property
    def title(self) -> str:
        """Project.Title, empty if there is none."""
        return get(self.document, "Project.Title") or ""


@dataclass(slots=True)
class Invitation:
    """An engagement invitation. ``hidden`` is shown only on the opportunity that comes of it (3.5)."""

    id: str
    arn: str
    engagement_id: str
    participant: str
    payload: dict[str, Any]
    sender_account: str
    sender_company: str
    receiver_account: str
    invited_ms: int
    expires_ms: int
    payload_type: str = "OpportunityInvitation"
    status: str = "PENDING"
    title: str = ""
    message: str = ""
    rejection_reason: str | None = None
    opportunity_id: str | None = None
    hidden: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Task:
    """An asynchronous task: ``kind`` is ``submit``, ``accept`` or ``lead``."""

    id: str
    arn: str
    kind: str
    started_ms: int
    subject: str
    involvement: str | None = None
    visibility: str | None = None
    status: str = "IN_PROGRESS"
    polls: int = 0
    fail_with: str | None = None
    fail_message: str | None = None
    reason: str | None = None
    message: str | None = None
    opportunity_id: str | None = None
    engagement_id: str | None = None
    context_id: str | None = None
    invitation_id: str | None = None
    snapshot_job_id: str | None = None


@dataclass(slots=True)
class Engagement:
    """A group of members around one opportunity."""

    id: str
    arn: str
    title: str
    created_ms: int
    created_by: str
    members: list[str] = field(default_factory=list)
    contexts: list[dict[str, Any]] = field(default_factory=list)
    companies: dict[str, str] = field(default_factory=dict)
    modified_ms: int | None = None

    @property
    def changed_ms(self) -> int:
        """When it was last modified."""
        return self.created_ms if self.modified_ms is None else self.modified_ms


@dataclass(slots=True)
class Snapshot:
    """One revision of what a template shows of an opportunity. ``targets`` are the members that see it."""

    arn: str
    engagement_id: str
    opportunity_id: str
    template: str
    revision: int
    created_ms: int
    created_by: str
    payload: dict[str, Any]
    targets: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SnapshotJob:
    """Makes new revisions while it is Running."""

    id: str
    arn: str
    engagement_id: str
    opportunity_id: str
    template: str
    created_ms: int
    status: str = "Stopped"
    last_success_ms: int | None = None
    last_failure: str | None = None


@dataclass(slots=True)
class Solution:
    """A solution of the partner, ``S-…``."""

    id: str
    name: str
    status: str
    category: str
    created_ms: int
    marketplace_arn: str | None = None


@dataclass(slots=True)
class Remembered:
    """What a ClientToken was used for."""

    fingerprint: str
    answer: Any


@dataclass(slots=True)
class CatalogState:
    """All records of one catalog; catalogs share nothing but the account's quota and ids.

    ``running`` (tasks in progress) and ``next_expiry_ms`` spare a look at every record at each call.
    """

    name: str
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    solutions: dict[str, Solution] = field(default_factory=dict)
    tokens: dict[tuple[str, str], Remembered] = field(default_factory=dict)
    task_failures: list[tuple[str, str, str | None]] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    snapshots: list[Snapshot] = field(default_factory=list)
    jobs: dict[str, SnapshotJob] = field(default_factory=dict)
    job_role_arn: str | None = None
    next_expiry_ms: float = math.inf


class Ids:
    """New ids, repeatable with the same seed. Opportunity numbers go up."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(f"ids-{seed}")
        self._number = 1_000_000 + seed % 1000

    def opportunity(self) -> str:
        """``O`` and a number."""
        self._number += 1
        return f"O{self._number}"

    def new(self, prefix: str, length: int) -> str:
        """``prefix-`` and random lower-case letters and digits, for instance ``eng`` with 14."""
        return f"{prefix}-{''.join(self._random.choices(_BASE36, k=length))}"

    def chance(self, rate: float) -> bool:
        """True in a share ``rate`` of the cases."""
        return rate > 0 and self._random.random() < rate

    def event(self) -> str:
        """An event id in the form of a UUID."""
        digits = f"{self._random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
