"""The two APIs of Partner Center in HTTP: which path is which operation, headers, statuses."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault
from sandbox.microsoft.account import PartnerCenterAccount
from sandbox.microsoft.errors import Throttled, VendorError, code_of, invalid
from sandbox.microsoft.facts import FACTS, PARTNER_CENTER, REFERRALS
from sandbox.microsoft.listing import page

Work = Callable[[], Response]
Play = Callable[[Request, int, str], Response]

_REFERRALS = r"/v1\.0/engagements/referrals"
_REGISTRATION = r"/webhooks/v1/registration"


class WireApi:
    """Answers the vendor calls of one account."""

    def __init__(self, account: PartnerCenterAccount) -> None:
        self._account = account
        self._routes: list[tuple[str, str, str, str, Play]] = [
            ("GET", _REFERRALS, "ListReferrals", REFERRALS, self._list),
            ("POST", _REFERRALS, "CreateReferral", REFERRALS, self._create),
            ("GET", rf"{_REFERRALS}/([^/]+)", "GetReferral", REFERRALS, self._read),
            ("PATCH", rf"{_REFERRALS}/([^/]+)", "UpdateReferral", REFERRALS, self._patch),
            ("PUT", rf"{_REFERRALS}/([^/]+)", "ReplaceReferral", REFERRALS, self._replace),
            ("GET", _REGISTRATION, "GetRegistration", PARTNER_CENTER, self._registration),
            ("POST", _REGISTRATION, "CreateRegistration", PARTNER_CENTER, self._register),
            ("PUT", _REGISTRATION, "UpdateRegistration", PARTNER_CENTER, self._register_again),
            ("GET", rf"{_REGISTRATION}/events", "ListWebhookEvents", PARTNER_CENTER, self._events),
            ("POST", rf"{_REGISTRATION}/validationEvents", "SendValidationEvent", PARTNER_CENTER, self._test),
            ("GET", rf"{_REGISTRATION}/validationEvents/([^/]+)", "GetValidationEvent", PARTNER_CENTER, self._tested),
        ]

    @property
    def operations(self) -> tuple[str, ...]:
        """Every operation that it has."""
        return tuple(route[2] for route in self._routes)

    def find(self, request: Request) -> tuple[str, Work] | None:
        """The operation that a request means and the work to do, or None for an unknown path."""
        others = False
        for method, pattern, operation, audience, play in self._routes:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                identifier = found.group(1) if found.groups() else ""
                return operation, partial(self._work, request, audience, play, identifier)
            others = others or bool(found)
        return ("UnknownMethod", lambda: self._no_method(request)) if others else None

    def refuse(self, fault: Fault) -> Response:
        """The vendor's error body for an ordered fault."""
        status = fault.status or 500
        if status == 429:
            seconds = fault.headers.get("Retry-After", "1")
            return self._error(Throttled(int(seconds) if seconds.isdecimal() else 1))
        return self._error(VendorError(status, "ordered fault", "7", code=fault.code or code_of(status)))

    def _work(self, request: Request, audience: str, play: Play, identifier: str) -> Response:
        try:
            with self._account.lock:
                now = self._account.admit(request.headers, audience)
                response = play(request, now, identifier)
        except VendorError as error:
            response = self._error(error)
        response.headers["request-id"] = str(uuid.uuid4())
        if "client-request-id" in request.headers:
            response.headers["client-request-id"] = request.headers["client-request-id"]
        return response

    def _no_method(self, request: Request) -> Response:
        return self._error(VendorError(405, f"{request.method} does not exist here", "1", code="invalidRequest"))

    def _error(self, error: VendorError) -> Response:
        return _json(error.document(self._account.switches), error.status, error.headers())

    def _list(self, request: Request, _now: int, _identifier: str) -> Response:
        query = request.args.to_dict()
        return _json(page(self._account.referrals, query, request.host, self._account.switches), 200)

    def _read(self, _request: Request, _now: int, identifier: str) -> Response:
        return _referral(self._account.referrals.read(identifier), 200)

    def _create(self, request: Request, now: int, _identifier: str) -> Response:
        return _referral(self._account.referrals.create(_body(request), now), self._account.switches.create_status)

    def _patch(self, request: Request, now: int, identifier: str) -> Response:
        if_match = request.headers.get("If-Match")
        changed = self._account.referrals.patch(identifier, _body(request), if_match, now)
        asked = request.headers.get("Prefer", "").replace(" ", "") == "return=representation"
        if asked and self._account.switches.representation_returned:
            return _referral(changed, 200)
        return Response(status=204, headers={"ETag": changed["eTag"]})

    def _replace(self, request: Request, now: int, identifier: str) -> Response:
        if_match = request.headers.get("If-Match")
        return _referral(self._account.referrals.replace(identifier, _body(request), if_match, now), 200)

    def _registration(self, _request: Request, _now: int, _identifier: str) -> Response:
        return _json(self._account.webhooks.read(), 200)

    def _register(self, request: Request, _now: int, _identifier: str) -> Response:
        return _json(self._account.webhooks.create(_body(request)), 200)

    def _register_again(self, request: Request, _now: int, _identifier: str) -> Response:
        return _json(self._account.webhooks.update(_body(request)), 200)

    def _events(self, _request: Request, _now: int, _identifier: str) -> Response:
        return _json(FACTS["webhook_events"], 200)

    def _test(self, _request: Request, now: int, _identifier: str) -> Response:
        return _json(self._account.webhooks.send_test(now), 200)

    def _tested(self, _request: Request, _now: int, identifier: str) -> Response:
        return _json(self._account.webhooks.test_result(identifier), 200)


def _body(request: Request) -> Any:
    if request.mimetype != "application/json":
        raise invalid("Content-Type", "must be application/json", "7")
    try:
        return json.loads(request.get_data(as_text=True))
    except ValueError as error:
        raise invalid("body", "is no JSON", "7") from error


def _referral(document: dict[str, Any], status: int) -> Response:
    return _json(document, status, {"ETag": document["eTag"]})


def _json(document: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json", headers=headers)
