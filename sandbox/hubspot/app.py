"""The account over HTTP: ``make_app`` for a WSGI application, ``direct`` for calls without a socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from sandbox import faults as fault_rules
from sandbox.faults import Fault, FaultRules
from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.actors import Actor, authenticate, require_scope
from sandbox.hubspot.call import Call
from sandbox.hubspot.control import control
from sandbox.hubspot.facts import object_type
from sandbox.hubspot.refusals import NoSuchPath, NoSuchRecord, Refusal
from sandbox.hubspot.routes import Operation, route
from sandbox.hubspot.switches import Switches

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_FAULT_CATEGORIES = {
    401: "INVALID_AUTHENTICATION",
    403: "MISSING_SCOPES",
    404: "OBJECT_NOT_FOUND",
    409: "CONFLICT",
    423: "LOCKED",
    477: "MIGRATION_IN_PROGRESS",
}


def make_app(
    account: HubSpotAccount, faults: FaultRules | None = None, sleep: Callable[[float], None] = time.sleep
) -> WsgiApp:
    """A WSGI application that serves ``account`` as HubSpot's API, and its control under ``/_sandbox/``.

    ``faults`` are asked once per vendor call; the operations are named as in ``routes.OPERATION_NAMES``. ``sleep``
    does the waiting for latency and delays.
    """
    rules = faults if faults is not None else FaultRules()

    @Request.application
    def app(request: Request) -> Response:
        if request.path.startswith("/_sandbox/"):
            return control(account, rules, request)
        if account.settings.latency_ms:
            sleep(account.settings.latency_ms / 1000)
        try:
            return _vendor_call(account, rules, request, sleep)
        except Refusal as refusal:
            return _refused(refusal)

    return app


def direct(app: WsgiApp) -> Callable[..., tuple[int, dict[str, str], bytes]]:
    """A transport without sockets: ``request(method, url, headers, body) -> (status, headers, body)``.

    Only the path and the query of ``url`` matter; header names of the answer are lower case.
    """
    client = Client(app, Response)

    def request(
        method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        path = "/" + url.split("://", 1)[-1].partition("/")[2] if "://" in url else url
        data = body.encode() if isinstance(body, str) else body
        response = client.open(path, method=method, headers=dict(headers or {}), data=data)
        return response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.get_data()

    return request


def _vendor_call(
    account: HubSpotAccount, rules: FaultRules, request: Request, sleep: Callable[[float], None]
) -> Response:
    if len(request.full_path) > account.settings.max_uri_chars:
        raise Refusal(414, "VALIDATION_ERROR", "The URI is too long; use a batch read", "4.2")
    operation, path, version = route(request.method, _raw_path(request))
    name, raw, actor = _name(operation, path), request.get_data(), _NOBODY
    try:
        if not operation.open:
            actor = authenticate(account.tokens, request.headers.get("Authorization"))
        call = Call(account, actor, version, path, request.args, raw, request.headers.get("Content-Type", ""))
        fault = rules.decide(name, raw.decode("utf-8", "replace"))
        response = fault_rules.answer(fault, lambda: _work(call, operation, name), _fault_refusal, sleep)
    except Refusal as refusal:
        response = _refused(refusal, account.state.switches)
    _record(account, name, response.status_code, actor)
    return response


def _record(account: HubSpotAccount, name: str, status: int, actor: Actor) -> None:
    with account.state.lock:
        account.calls[name] += 1
        account.call_log.append((account.clock.now_ms(), name, status, actor.source_type))
        if status >= 400:
            account.refused[f"{name} {status}"] += 1


def _raw_path(request: Request) -> str:
    """The path as sent: an encoded slash is part of a value, not of the path."""
    return request.environ.get("REQUEST_URI", quote(request.path)).partition("?")[0]


_NOBODY = Actor("NONE", "", "nobody", user_id="0")


def _name(operation: Operation, path: Mapping[str, str]) -> str:
    if "{kind}" not in operation.name:
        return operation.name
    return operation.name.format(kind=object_type(path["kind"]).name)


def _work(call: Call, operation: Operation, name: str) -> Response:
    account = call.account
    with account.state.lock:
        try:
            account.limits.count(call.actor, name)
            for any_of in operation.scopes(call):
                require_scope(call.actor, *any_of)
            answer = operation.handler(call)
            response = _json(answer.document, answer.status)
            response.headers.update(dict(answer.headers))
        except Refusal as refusal:
            response = _refused(refusal, account.state.switches)
        response.headers.update(account.limits.headers(call.actor, name))
        return response


def _json(document: Any, status: int) -> Response:
    if document is None:
        return Response(status=status)
    return Response(
        json.dumps(document, ensure_ascii=False), status=status, content_type="application/json;charset=utf-8"
    )


def _refused(refusal: Refusal, switches: Switches | None = None) -> Response:
    if isinstance(refusal, NoSuchRecord) and switches is not None and not switches.missing_record_has_category:
        refusal = refusal.plain()
    if isinstance(refusal, NoSuchPath):
        return Response(refusal.page(), status=404, content_type="text/html")
    response = _json(refusal.body(), refusal.status)
    response.headers.update(refusal.headers)
    return response


def _fault_refusal(fault: Fault) -> Response:
    status = fault.status or 500
    if status == 429:
        extra = {"policyName": fault.code or "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}
        return _refused(Refusal(429, "", "You have reached your limit (ordered fault)", "4.1", extra=extra))
    category = fault.code or _FAULT_CATEGORIES.get(status, "VALIDATION_ERROR" if status < 500 else "INTERNAL_ERROR")
    return _refused(Refusal(status, category, "The account was told to refuse this call", "4.2"))
