"""The vendor over HTTP: its APIs and token end points, and the control under ``/_sandbox/``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from sandbox import faults as fault_rules
from sandbox.faults import Fault, FaultRules
from sandbox.google.account import GoogleAccount
from sandbox.google.control import Control
from sandbox.google.errors import ApiError, OAuthError, VendorError, invalid
from sandbox.google.quota import over_quota
from sandbox.google.routes import IMPERSONATE, JWT, STS, SYSTEM_PARAMETERS, TOKEN_METHODS, route
from sandbox.serving import WsgiApp


def make_app(
    account: GoogleAccount, faults: FaultRules | None = None, sleep: Callable[[float], None] = time.sleep
) -> WsgiApp:
    """A WSGI application. ``faults`` are asked once per vendor call, by method names as in ``routes``."""
    rules = faults if faults is not None else FaultRules()
    control = Control(account, rules)

    @Request.application
    def app(request: Request) -> Response:
        if request.path.startswith("/_sandbox/"):
            return control.answer(request)
        if account.settings.latency_ms:
            sleep(account.settings.latency_ms / 1000)
        return _vendor_call(account, rules, request, sleep)

    return app


def _vendor_call(
    account: GoogleAccount, rules: FaultRules, request: Request, sleep: Callable[[float], None]
) -> Response:
    text = request.get_data(cache=True, as_text=True)
    try:
        method, path, parameters = route(request.method, _raw_path(request))
    except VendorError as refusal:
        return _json(refusal.body(), refusal.http)
    fault = rules.decide(method, text)

    def work() -> Response:
        try:
            return _json(_work(account, request, method, path, parameters), 200)
        except VendorError as refusal:
            return _json(refusal.body(), refusal.http)

    def refuse(fault: Fault) -> Response:
        refusal = _fault_refusal(account, method, fault)
        return _json(refusal.body(), refusal.http)

    response = fault_rules.answer(fault, work, refuse, sleep)
    account.note(method, response.status_code)
    return response


def _raw_path(request: Request) -> str:
    return request.environ.get("REQUEST_URI", quote(request.path, safe="/:")).partition("?")[0]


def _work(
    account: GoogleAccount, request: Request, method: str, path: dict[str, str], parameters: tuple[str, ...]
) -> Any:
    if method in (STS, JWT):
        return _token(account, request, method)
    now = account.clock.now_ms()
    with account.lock:
        grant = account.tokens.check(request.headers.get("Authorization"), now)
    if method == IMPERSONATE:
        with account.lock:
            return account.exchanges.impersonate(path["email"], grant, _body(request), account.settings, now)
    # Quota and permission come before the request is read: invalid calls count.
    return account.handle(method, grant, path, lambda: _query(request, parameters), lambda: _body(request))


def _token(account: GoogleAccount, request: Request, method: str) -> Any:
    now, form = account.clock.now_ms(), request.form.to_dict()
    with account.lock:
        if method == STS:
            return account.exchanges.federate(form, account.settings, now)
        return account.exchanges.grant_by_key(form, f"{request.host_url}token", account.settings, now)


def _query(request: Request, parameters: tuple[str, ...]) -> dict[str, str]:
    """The query parameters. INVALID_ARGUMENT for one that the method does not have, or has twice."""
    for name in request.args:
        if name not in (*parameters, *SYSTEM_PARAMETERS):
            raise invalid([(name, "is no parameter of this method")])
        if len(request.args.getlist(name)) > 1:
            raise invalid([(name, "may be given once")])
    return request.args.to_dict()


def _body(request: Request) -> Any:
    """The JSON body; None for a read. INVALID_ARGUMENT if it is no JSON."""
    if request.method == "GET":
        return None
    if request.mimetype != "application/json":
        raise invalid([("Content-Type", "must be application/json")])
    try:
        return json.loads(request.get_data(as_text=True))
    except ValueError:
        raise invalid([("body", "must be JSON")]) from None


def _json(document: Any, status: int) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json; charset=UTF-8")


def _fault_refusal(account: GoogleAccount, method: str, fault: Fault) -> VendorError:
    """The vendor's wording of an ordered fault; ``code`` rateLimitExceeded is its quota refusal."""
    status = fault.status or 500
    if fault.code == "rateLimitExceeded":
        return over_quota(account.switches)
    if method in TOKEN_METHODS and method != IMPERSONATE:
        return OAuthError(fault.code or "temporarily_unavailable", "the vendor was told to refuse this call", status)
    return ApiError(status, "the vendor was told to refuse this call", fault.code or "")
