"""AuditVault: where the audit's daily seals lie, and the key that signs them."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import CfnElement, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.acknowledge import acknowledge

LOCKED_DAYS = 7 * 365 + 2 + 31
_WRITES = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:BypassGovernanceRetention"]


@dataclass(frozen=True, kw_only=True)
class AuditVaultProps:
    """The vault.

    Attributes:
        locked_days: how long what is put there can be neither changed nor deleted; default the audit's seven years and
            a month, so that a seal outlives what it seals.
        compliance: default False: Object Lock in governance mode, which a principal with
            ``s3:BypassGovernanceRetention`` can lift. True: compliance mode, which nobody can, the account's root not
            either, for all of ``locked_days``.
        bucket: bring your own, versioned and with Object Lock and a default retention; default an own one.
        key: bring your own (``ECC_NIST_P256``, sign and verify), and see to it that nobody else may sign; default an
            own one.
    """

    locked_days: int = LOCKED_DAYS
    compliance: bool = False
    bucket: s3.IBucket | None = None
    key: kms.IKey | None = None


class AuditVault(Construct):
    """A locked bucket and a signing key; ``grant_seal`` names the one role that may put and sign.

    Both are retained whatever happens to the stack, once it was made: what they hold is evidence.
    """

    def __init__(self, scope: Construct, construct_id: str, props: AuditVaultProps | None = None) -> None:
        super().__init__(scope, construct_id)
        self._props = props or AuditVaultProps()
        self._bucket = self._props.bucket or self._own_bucket()
        self._key = self._props.key or self._own_key()

    @property
    def bucket(self) -> s3.IBucket:
        """Where seals lie."""
        return self._bucket

    @property
    def key(self) -> kms.IKey:
        """What signs them."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._key

    @property
    def locked_days(self) -> int:
        """How long what is put there is locked."""
        return self._props.locked_days

    def grant_seal(self, role: iam.IRole) -> None:
        """Let this role sign and put seals, and forbid it to everybody else of the account. For one role only."""
        policy = iam.Policy(
            self,
            "Seal",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    actions=["s3:GetObject", "s3:PutObject"],
                    resources=[self._bucket.arn_for_objects("seals/*"), self._bucket.arn_for_objects("parts/*")],
                ),
                iam.PolicyStatement(
                    actions=["s3:ListBucket"],
                    resources=[self._bucket.bucket_arn],
                    conditions={"StringLike": {"s3:prefix": "seals/*"}},
                ),
                iam.PolicyStatement(actions=["kms:Sign"], resources=[self._key.key_arn]),
            ],
        )
        others = {"ArnNotEquals": {"aws:PrincipalArn": role.role_arn}}
        self._key.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                principals=[iam.AnyPrincipal()],
                actions=["kms:Sign"],
                resources=["*"],
                conditions=others,
            )
        )
        self._bucket.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                principals=[iam.AnyPrincipal()],
                actions=_WRITES,
                resources=[self._bucket.arn_for_objects("*")],
                conditions=others,
            )
        )
        self._acknowledge(policy)

    def _own_bucket(self) -> s3.Bucket:
        locked = Duration.days(self._props.locked_days)
        retention = s3.ObjectLockRetention
        bucket = s3.Bucket(
            self,
            "Bucket",
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=(
                retention.compliance(locked) if self._props.compliance else retention.governance(locked)
            ),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            # Once its lock has ended a seal seals nothing any more; S3 deletes no version that is locked.
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(self._props.locked_days + 1),
                    noncurrent_version_expiration=Duration.days(self._props.locked_days + 1),
                )
            ],
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        acknowledge(
            bucket,
            "It holds keys of links and hashes, no value; nobody but the sealing role may write, what lies there is "
            "locked and signed, and who reads it learns nothing. CloudTrail's data events can be turned on for it",
            "AwsSolutions-S1",
        )
        return bucket

    def _own_key(self) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description="Signs the daily seals of cosell-sync's audit",
            key_spec=kms.KeySpec.ECC_NIST_P256,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )

    def _acknowledge(self, policy: iam.Policy) -> None:
        arn = self._bucket_reference()
        acknowledge(
            policy,
            "One object a day under each of the two prefixes of this very bucket",
            *(f"AwsSolutions-IAM5[Resource::{arn}/{prefix}/*]" for prefix in ("seals", "parts")),
        )

    def _bucket_reference(self) -> str:
        """The bucket as the rule pack spells it: by its logical id, a given one by its ARN."""
        child = self._bucket.node.default_child
        if self._props.bucket is not None or not isinstance(child, CfnElement):
            return self._bucket.bucket_arn
        return f"<{Stack.of(self).resolve(child.logical_id)}.Arn>"
