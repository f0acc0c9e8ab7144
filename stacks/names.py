"""Physical names that one stack must know of another without a reference: across regions and accounts there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one deployment stage. ``account`` and ``region`` are its home."""

    stage: str
    account: str
    region: str

    @property
    def prefix(self) -> str:
        """What every physical name begins with; also the ``service`` of logs and metrics."""
        return f"cosell-{self.stage}"

    def stack(self, part: str) -> str:
        """A stack's physical name: ``cosell-dev-data``. Without our prefix it could be somebody else's stack."""
        return f"{self.prefix}-{part}"

    def resource(self, name: str) -> str:
        """Physical name of a queue, function or machine: ``cosell-dev-aws-inbox``."""
        return f"{self.prefix}-{name}"

    @property
    def secrets(self) -> str:
        """What every secret's name begins with."""
        return f"cosell/{self.stage}"

    @property
    def token_secret(self) -> str:
        """HubSpot's access token."""
        return f"{self.secrets}/hubspot-token"

    @property
    def webhook_secret(self) -> str:
        """HubSpot's client secrets and the allowed target URLs."""
        return f"{self.secrets}/hubspot-webhook"

    @property
    def events_bus(self) -> str:
        """The bus on which we announce."""
        return f"{self.prefix}-events"

    @property
    def partner_events_bus(self) -> str:
        """The bus that partners' events are forwarded to."""
        return f"{self.prefix}-partner-events"

    @property
    def partner_events_bus_arn(self) -> str:
        """Its ARN, for the account linked to the partner."""
        return f"arn:aws:events:{self.region}:{self.account}:event-bus/{self.partner_events_bus}"

    def partner_role_arns(self, partner: str) -> str:
        """Roles of a partner's functions as one pattern, for a trust policy in another account."""
        return f"arn:aws:iam::{self.account}:role/{self.prefix}-{partner}-*"


def pascal(name: str) -> str:
    """``AwsInbox`` for ``aws-inbox``."""
    return "".join(part.capitalize() for part in name.split("-"))
