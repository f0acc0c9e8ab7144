"""A strict, stateful HubSpot account for tests and the local sandbox.

Start with ``HubSpotAccount`` (the account as a person works with it), ``make_app``/``direct``/``serve`` (its API over
WSGI, without a socket, and over HTTP) and ``WebhookSender`` (its webhooks). Every refusal cites the row of the fact
sheet that it enforces; what nobody has confirmed is a switch in ``Switches``.
"""

from __future__ import annotations

from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.actors import Actor, Token, app_token, rep, rep_token, workflow
from sandbox.hubspot.app import direct, make_app
from sandbox.hubspot.fixtures import RepDeal, create_rep_deal, create_rep_owner
from sandbox.hubspot.refusals import Refusal
from sandbox.hubspot.server import Served, serve
from sandbox.hubspot.signatures import sign_v1, sign_v2, sign_v3
from sandbox.hubspot.switches import ConditionalRule, Settings, Switches, other_reading
from sandbox.hubspot.trouble import WebhookTrouble
from sandbox.hubspot.webhooks import WebhookSender

__all__ = [
    "Actor",
    "ConditionalRule",
    "HubSpotAccount",
    "Refusal",
    "RepDeal",
    "Served",
    "Settings",
    "Switches",
    "Token",
    "WebhookSender",
    "WebhookTrouble",
    "app_token",
    "create_rep_deal",
    "create_rep_owner",
    "direct",
    "make_app",
    "other_reading",
    "rep",
    "rep_token",
    "serve",
    "sign_v1",
    "sign_v2",
    "sign_v3",
    "workflow",
]
