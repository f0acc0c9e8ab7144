"""Parts of a stage that its user brings in the place of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from constructs import Construct

from constructs_lib.secrets import HubspotSecretsProps
from constructs_lib.sync_events import PartnerEventsProps, SyncEventsProps
from constructs_lib.sync_ledger import SyncLedgerProps
from constructs_lib.webhook_ingress import WebhookIngressProps

type Adjust[P] = Callable[[Construct, P], P]
"""Takes the stack in which a construct is made and the props as we would have them; answers with yours."""


def _ours[P](_scope: Construct, props: P) -> P:
    return props


@dataclass(frozen=True, kw_only=True)
class OwnParts:
    """Props of a stage's constructs as you want them; default as we have them.

    Such as ``OwnParts(ledger=lambda scope, props: replace(props, encryption_key=kms.Key(scope, "Key")))``.

    Attributes:
        ledger: the tables and their keys.
        secrets: HubSpot's two secrets.
        events: the bus on which we announce.
        partner_events: the bus on which partners' events arrive.
        ingress: the webhook's API and its function.
    """

    ledger: Adjust[SyncLedgerProps] = _ours
    secrets: Adjust[HubspotSecretsProps] = _ours
    events: Adjust[SyncEventsProps] = _ours
    partner_events: Adjust[PartnerEventsProps] = _ours
    ingress: Adjust[WebhookIngressProps] = _ours
