"""SyncEvents and PartnerEvents: the two buses of a deployment stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class SyncEventsProps:
    """The bus on which we announce.

    Attributes:
        name: physical name of the bus.
        bus: bring your own; default an own bus.
    """

    name: str
    bus: events.IEventBus | None = None


class SyncEvents(Construct):
    """Announces DealSynced, Blocked, ConflictFound and ReviewChanged: ids and field names, no values.

    Notifications, metrics and your own additions subscribe to ``bus``.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SyncEventsProps) -> None:
        super().__init__(scope, construct_id)
        self._bus = props.bus or events.EventBus(
            self,
            "Bus",
            event_bus_name=props.name,
            description="What cosell-sync did: synced, blocked, conflicts, reviews",
        )

    @property
    def bus(self) -> events.IEventBus:
        """The bus."""
        return self._bus

    def grant_put(self, grantee: iam.IGrantable) -> None:
        """Put events on this bus."""
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(actions=["events:PutEvents"], resources=[self._bus.event_bus_arn])
        )


@dataclass(frozen=True, kw_only=True)
class PartnerEventsProps:
    """The bus that partners' events are forwarded to.

    Attributes:
        name: physical name; the account linked to the partner addresses the bus by it.
        sources: event sources that may come in.
        accounts: accounts that may forward, besides our own; default none.
        bus: bring your own (with its own policy); default an own bus.
    """

    name: str
    sources: Sequence[str]
    accounts: Sequence[str] = ()
    bus: events.IEventBus | None = None


class PartnerEvents(Construct):
    """The home bus: events of partners arrive here, from any region and account they are born in."""

    def __init__(self, scope: Construct, construct_id: str, props: PartnerEventsProps) -> None:
        super().__init__(scope, construct_id)
        self._bus = props.bus or self._own_bus(props)

    @property
    def bus(self) -> events.IEventBus:
        """The bus."""
        return self._bus

    def _own_bus(self, props: PartnerEventsProps) -> events.EventBus:
        bus = events.EventBus(self, "Bus", event_bus_name=props.name, description="Partner events, forwarded")
        for account in sorted(set(props.accounts) - {Stack.of(self).account}):
            bus.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"Forwarded{account}",
                    # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                    principals=[iam.AccountPrincipal(account)],
                    actions=["events:PutEvents"],
                    resources=[bus.event_bus_arn],
                    conditions={"ForAllValues:StringEquals": {"events:source": list(props.sources)}},
                )
            )
        return bus
