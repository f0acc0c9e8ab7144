"""``stages.yaml``: where the product is deployed, which partners are on there, and how each is reached."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from config.base import Account, Model, Pace

Catalog = Literal["AWS", "Sandbox"]
ROLE_NAME = "HubSpotPartnerCentralServiceRole"
_ROLE_NAME = r"^[\w+=,.@-]{1,64}$"
_SNAPSHOTS = "-snapshots"


class PartnerCentral(Model):
    """Where AWS Partner Central is reached: the linked account, the catalog, and the role we take there.

    ``snapshot_role_name``: the role there that AWS's resource snapshot jobs act with; beside a ``role_name`` of yours
    the default is ``<role_name>-snapshots``. ``operators``: roles of the home account that may take ours as the
    functions do, for `cosell backfill` and `cosell reconcile`.
    """

    account: Account
    region: Literal["us-east-1"] = "us-east-1"
    catalog: Catalog
    role_name: str = Field(default=ROLE_NAME, pattern=_ROLE_NAME)
    snapshot_role_name: str = Field(default="HubSpotPartnerCentralSnapshotRole", pattern=_ROLE_NAME)
    external_id: str = Field(default="HubSpotPartnerCentralIntegration", min_length=2, max_length=1224)
    operators: list[Annotated[str, StringConstraints(pattern=r"^arn:aws:iam::\d{12}:role/[A-Za-z0-9_+=,.@/-]+$")]] = (
        Field(default_factory=list, max_length=10)
    )

    @model_validator(mode="before")
    @classmethod
    def _with_a_snapshot_role_of_its_own(cls, said: Any) -> Any:
        """Who gives the role a name shares the linked account, where the second role's default may be taken as well."""
        if not isinstance(said, dict) or "snapshot_role_name" in said:
            return said
        name = said.get("role_name", ROLE_NAME)
        if name == ROLE_NAME or not isinstance(name, str):
            return said
        return {**said, "snapshot_role_name": f"{name[: 64 - len(_SNAPSHOTS)]}{_SNAPSHOTS}"}


class MicrosoftStage(Model):
    """Microsoft in one deployment stage. Tenant, client and tokens are secrets and stand in no file.

    ``webhook``: Partner Center may announce changes of referrals at an address of this stage. ``solutions``: our own
    solutions at Microsoft (id to the name that Partner Center shows), sent where a deal names none.
    """

    webhook: bool = True
    solutions: dict[Annotated[str, StringConstraints(pattern=r"^SOL-[A-Za-z0-9-]{1,60}$")], str] = Field(
        default_factory=dict
    )
    quota: Pace | None = None


class GoogleIdentity(Model):
    """Sign-in without a key: the workload identity provider that trusts our role, and the account it stands for."""

    audience: str = Field(
        pattern=r"^//iam\.googleapis\.com/projects/\d+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$"
    )
    service_account: str = Field(pattern=r"^[a-z0-9-]+@[a-z0-9-]+\.iam\.gserviceaccount\.com$")


class GoogleStage(Model):
    """Google in one deployment stage: who we are there, how we sign in, and whose enumeration members are used.

    ``identity`` or ``key: true`` (a service account's key in the secret store), not both.
    """

    partner_hub_id: str = Field(pattern=r"^[A-Za-z0-9]{10}$")
    vector_id: str | None = Field(default=None, pattern=r"^0014[A-Za-z0-9]{14}$")
    values: Literal["sandbox", "live"]
    identity: GoogleIdentity | None = None
    key: bool = False
    quota: Pace | None = None


class Intervals(Model):
    """Minutes between two sweeps of each kind, and between two renewals of Microsoft's access token.

    ``summary``, ``notifications``, ``resources`` and ``engagement`` are the looks at what AWS shows of a deal.
    """

    opportunities_minutes: int = Field(default=5, ge=1, le=1440)
    invitations_minutes: int = Field(default=5, ge=1, le=1440)
    deals_minutes: int = Field(default=15, ge=1, le=1440)
    due_minutes: int = Field(default=1, ge=1, le=60)
    microsoft_minutes: int = Field(default=15, ge=1, le=1440)
    google_minutes: int = Field(default=15, ge=1, le=1440)
    # An access token is renewed in its last 40 minutes; two tries have to fit.
    microsoft_token_minutes: int = Field(default=15, ge=1, le=20)
    solutions_minutes: int = Field(default=1440, ge=5, le=1440)
    summary_minutes: int = Field(default=60, ge=1, le=1440)
    notifications_minutes: int = Field(default=30, ge=1, le=1440)
    resources_minutes: int = Field(default=240, ge=1, le=1440)
    engagement_minutes: int = Field(default=30, ge=1, le=1440)
    settings_minutes: int = Field(default=1440, ge=1, le=1440)
    dead_letters_minutes: int = Field(default=1, ge=1, le=60)
    # A period of a gauge on the dashboards, too: CloudWatch takes whole minutes that make up a day.
    census_minutes: Literal[5, 10, 15, 30, 60, 120, 240, 360] = 60


class Api(Model):
    """The operator's REST API (docs/openapi.yaml). Nobody may call it without a policy of IAM's."""

    enabled: bool = True
    requests_per_second: int = Field(default=10, ge=1, le=1000)
    burst: int = Field(default=20, ge=1, le=2000)


class Audit(Model):
    """How long the audit is kept, and how firmly its daily seals.

    ``lock``: ``governance`` (who may bypass it can delete a seal) or ``compliance`` (nobody can, for all that time, and
    it cannot be taken back for what lies there); default compliance where the stage is protected, else governance.
    ``grace_days``: how much longer than its records a seal is locked.
    """

    kept_days: int = Field(default=7 * 365 + 2, ge=1, le=36_500)
    grace_days: int = Field(default=31, ge=1, le=3_650)
    lock: Literal["governance", "compliance"] | None = None


class Queue(Model):
    """How long a message that failed stays invisible, and how often it is tried before the DLQ takes it."""

    visibility_seconds: int = Field(default=360, ge=1, le=43200)
    max_receives: int = Field(default=5, ge=1, le=1000)


class DeadLetters(Model):
    """How a dead letter whose cause passes is woken again: ``first_minutes`` after it died, twice as late each time up
    to ``longest_minutes``, ``most_wakes`` times; then a person has to act. The defaults last about forty hours."""

    first_minutes: int = Field(default=5, ge=1, le=1440)
    longest_minutes: int = Field(default=360, ge=1, le=10_080)
    most_wakes: int = Field(default=12, ge=0, le=100)


class Hubspot(Model):
    """The HubSpot account. ``company_currency`` is the currency of a deal that states none."""

    portal_id: int | None = Field(default=None, ge=1)
    app_id: int | None = Field(default=None, ge=1)
    # The one that the adapter and the simulated HubSpot speak; another one needs a change of code.
    api_version: Literal["2026-09"] = "2026-09"
    # An unreadable body is quarantined whole, and an item of DynamoDB holds 400 KB.
    max_body_bytes: int = Field(default=262144, ge=1024, le=380_000)
    time_zone: str = "UTC"
    company_currency: str | None = None


class Quota(Model):
    """Writes that Partner Central takes from this account.

    ``table`` is the ARN of a DynamoDB table in the stage's region (keys ``pk`` and ``sk``, text) in which stages on one
    linked account and catalog count together; default the stage's own ledger.
    """

    writes_per_second: int = Field(default=1, ge=1, le=100)
    writes_per_day: int = Field(default=10000, ge=1)
    table: str | None = Field(default=None, pattern=r"^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]{3,255}$")


class Stage(Model):
    """One deployment stage. ``partners`` are those that are on; each needs its block.

    ``overrides``: what this stage has otherwise than ``<partner>.yaml``, by partner; blocks are merged key by key.
    """

    account: Account
    region: str
    partners: tuple[str, ...] = Field(min_length=1, strict=False)
    partner_central: PartnerCentral
    microsoft: MicrosoftStage | None = None
    google: GoogleStage | None = None
    protected: bool = False
    intervals: Intervals = Intervals()
    queue: Queue = Queue()
    dead_letters: DeadLetters = DeadLetters()
    hubspot: Hubspot = Hubspot()
    quota: Quota = Quota()
    api: Api = Api()
    audit: Audit = Audit()
    # Where people read docs/operations.md; each alarm's description ends in it and the alarm's anchor.
    runbooks_url: str = Field(default="docs/operations.md", pattern=r"^(https://[^\s#]+|docs/operations\.md)$")
    overrides: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # Overrides `notifications.topic` of aws.yaml: an ARN is of one account.
    notification_topic_arn: str | None = Field(
        default=None, pattern=r"^arn:aws:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_aws(cls, said: Any) -> Any:
        """Where AWS is off the block may be left out: nothing lies in a linked account, the own one stands for it."""
        if not isinstance(said, dict) or "partner_central" in said or "aws" in (said.get("partners") or ["aws"]):
            return said
        return {**said, "partner_central": {"account": said.get("account"), "catalog": "Sandbox"}}


# Roles and functions may have 64 characters: `cosell-`, the stage, and the longest name that a function of ours has.
StageName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*[a-z0-9]$", max_length=24)]


class Stages(Model):
    """``stages.yaml``."""

    stages: dict[StageName, Stage] = Field(min_length=1)
