"""Your own table, bus, API and key in the place of ours; every other part is as ever.

Each function gets the stack that the part belongs to and the props as we would have them, and answers with its own.
"""

from dataclasses import replace

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

import cosell_sync

TABLE = "arn:aws:dynamodb:eu-central-1:111111111111:table/crm-cosell"
KEY = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"
BUS = "arn:aws:events:eu-central-1:111111111111:event-bus/crm"


def ledger(scope: Construct, props: cosell_sync.SyncLedgerProps) -> cosell_sync.SyncLedgerProps:
    """Links live in a table of ours (text keys pk and sk, TTL expires_at, indexes due and register), under our key."""
    key = kms.Key.from_key_arn(scope, "CrmKey", KEY)
    table = dynamodb.Table.from_table_attributes(
        scope, "CrmTable", table_arn=TABLE, encryption_key=key, global_indexes=["due", "register"]
    )
    return replace(props, ledger=table, encryption_key=key, subject_key=key)


def bus(scope: Construct, props: cosell_sync.SyncEventsProps) -> cosell_sync.SyncEventsProps:
    """What the sync announces goes where our other systems listen."""
    return replace(props, bus=events.EventBus.from_event_bus_arn(scope, "CrmBus", BUS))


def api(scope: Construct, props: cosell_sync.WebhookIngressProps) -> cosell_sync.WebhookIngressProps:
    """HubSpot reaches us under our own domain, behind our own firewall."""
    ours = apigateway.RestApi.from_rest_api_attributes(
        scope, "Api", rest_api_id="a1b2c3d4e5", root_resource_id="f6g7h8"
    )
    return replace(props, api=ours, base_url="https://hooks.example.com")


app = cdk.App()
cosell_sync.CosellStage(
    app,
    "byo",
    configuration=cosell_sync.load_configuration("config"),
    own=cosell_sync.OwnParts(ledger=ledger, events=bus, ingress=api),
)
cosell_sync.add_rule_packs(app)
app.synth()
