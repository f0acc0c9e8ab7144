"""The account's control over HTTP: what a person or a demo may order beside the vendor's own API.

======  =========================  ==================================================================================
GET     /_sandbox/calls            calls by operation, refusals, the last calls (DELETE sets them to nothing)
GET     /_sandbox/records          how many records of each type; ``?type=deals`` lists their values
POST    /_sandbox/deals            ``{"name", "deal"?, "company"?}``: a rep's deal with a company and a contact
POST    /_sandbox/restore          ``{"type", "id"}``: out of the recycle bin, as a person does it
GET     /_sandbox/webhooks         where events go, what is waiting, what was delivered
POST    /_sandbox/webhooks         ``{"target_url", "client_secret", "deliver_to"?, "retry_schedule_ms"?, "trouble"?}``
DELETE  /_sandbox/webhooks         stop delivering
POST    /_sandbox/webhooks/drain   wait until all is delivered
POST    /_sandbox/settings         some of ``Settings``, such as ``{"search_lag_ms": 2000, "latency_ms": 50}``
any     /_sandbox/faults           see ``sandbox.faults``
======  =========================  ==================================================================================
"""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from sandbox import faults as fault_rules
from sandbox.control import PREFIX, as_json, members
from sandbox.faults import FaultRules
from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.facts import OBJECT_TYPES, object_type
from sandbox.hubspot.fixtures import create_rep_deal
from sandbox.hubspot.refusals import Refusal
from sandbox.hubspot.trouble import WebhookTrouble
from sandbox.hubspot.webhooks import QUICK_SCHEDULE_MS, WebhookSender


def control(account: HubSpotAccount, faults: FaultRules, request: Request) -> Response:
    """Answer one control request. A wrong order is 400 with the reason."""
    path = request.path.removeprefix(PREFIX).rstrip("/")
    if path == "faults":
        return fault_rules.control(faults, request)
    try:
        return _answer(account, request, path)
    except Refusal as refusal:
        return as_json(refusal.body(), refusal.status)
    except (ValueError, KeyError, TypeError) as error:
        return as_json({"error": f"{type(error).__name__}: {error}"}, 400)


def _answer(account: HubSpotAccount, request: Request, path: str) -> Response:
    handler = {
        ("GET", "calls"): _calls,
        ("DELETE", "calls"): _forget_calls,
        ("GET", "records"): _records,
        ("POST", "deals"): _deal,
        ("POST", "restore"): _restore,
        ("POST", "settings"): _settings,
        ("GET", "webhooks"): _webhooks,
        ("POST", "webhooks"): _start_webhooks,
        ("DELETE", "webhooks"): _stop_webhooks,
        ("POST", "webhooks/drain"): _drain,
    }.get((request.method, path))
    if handler is None:
        return as_json({"error": f"no {request.method} /_sandbox/{path}"}, 404)
    return handler(account, request)


def _calls(account: HubSpotAccount, request: Request) -> Response:
    last = [{"at": at, "operation": name, "status": status, "by": by} for at, name, status, by in account.call_log]
    document = {"calls": dict(account.calls), "total": account.calls.total(), "refused": dict(account.refused)}
    return as_json({**document, "last": last[-100:]})


def _forget_calls(account: HubSpotAccount, request: Request) -> Response:
    account.calls.clear()
    account.refused.clear()
    account.call_log.clear()
    return Response(status=204)


def _records(account: HubSpotAccount, request: Request) -> Response:
    if "type" in request.args:
        kind = object_type(request.args["type"]).name
        return as_json({"results": [{"id": one.id, "values": one.values()} for one in account.records(kind)]})
    counts = {
        kind: {"present": len(account.records(kind)), "archived": len(account.records(kind, archived=True))}
        for kind in OBJECT_TYPES
    }
    return as_json(counts)


def _deal(account: HubSpotAccount, request: Request) -> Response:
    order = members(request)
    number = len(account.records("companies")) + len(account.records("companies", archived=True)) + 1
    deal = {"description": "Moving forty servers and two databases to the cloud this year.", **order.get("deal", {})}
    company = {"numberofemployees": "120", **order.get("company", {})}
    made = create_rep_deal(account, order["name"], number=number, deal=deal, company=company)
    return as_json({"id": made.deal_id, "company": made.company_id, "contact": made.contact_id}, 201)


def _restore(account: HubSpotAccount, request: Request) -> Response:
    order = members(request)
    return as_json({"id": account.restore(order["type"], str(order["id"])).id})


def _settings(account: HubSpotAccount, request: Request) -> Response:
    order = members(request)
    account.change_settings(order)
    return as_json({name: getattr(account.settings, name) for name in order})


def _webhooks(account: HubSpotAccount, request: Request) -> Response:
    senders = [one.status() for one in account.feed.receivers if isinstance(one, WebhookSender)]
    subscribed = [
        {"kind": one.kind, "objectType": one.object_type, "property": one.property_name, "classic": one.classic}
        for one in account.feed.subscriptions.all
        if one.active
    ]
    return as_json({"senders": senders, "subscriptions": subscribed, "events": len(account.feed.events)})


def _start_webhooks(account: HubSpotAccount, request: Request) -> Response:
    order = members(request)
    trouble = WebhookTrouble.from_mapping(order.get("trouble", {}))
    if "target_url" not in order:
        for sender in _senders(account):
            sender.trouble = trouble
        return _webhooks(account, request)
    before = _senders(account)
    sender = WebhookSender(
        account,
        order["target_url"],
        order["client_secret"],
        deliver_to=order.get("deliver_to"),
        trouble=trouble,
        retry_schedule_ms=order.get("retry_schedule_ms", QUICK_SCHEDULE_MS),
    )
    for one in before:
        one.stop()
    if not account.feed.subscriptions.all:
        account.feed.subscriptions.add_minimum(order.get("deal_properties", ()))
    sender.start()
    return _webhooks(account, request)


def _stop_webhooks(account: HubSpotAccount, request: Request) -> Response:
    for sender in _senders(account):
        sender.stop()
    return Response(status=204)


def _drain(account: HubSpotAccount, request: Request) -> Response:
    return as_json({"drained": account.drain_webhooks(float(request.args.get("timeout_seconds", "30")))})


def _senders(account: HubSpotAccount) -> list[WebhookSender]:
    return [one for one in list(account.feed.receivers) if isinstance(one, WebhookSender)]
