"""The token endpoint in HTTP: discovery, the authorize page (the person agrees at once), tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault
from sandbox.microsoft.account import PartnerCenterAccount
from sandbox.microsoft.entra import Declined, EntraError

Work = Callable[[], Response]

OPERATIONS = ("Token", "Authorize", "Discovery")
_TOKEN = re.compile(r"/([^/]+)/oauth2/v2\.0/token")
_AUTHORIZE = re.compile(r"/([^/]+)/oauth2/v2\.0/authorize")
_DISCOVERY = re.compile(r"/([^/]+)/v2\.0/\.well-known/openid-configuration")


class EntraApi:
    """Answers the sign-in calls of one account."""

    def __init__(self, account: PartnerCenterAccount) -> None:
        self._account = account

    def find(self, request: Request) -> tuple[str, Work] | None:
        """The operation that a request means and the work to do, or None for an unknown path."""
        if (found := _TOKEN.fullmatch(request.path)) and request.method == "POST":
            tenant, form = found.group(1), request.form.to_dict()
            return "Token", lambda: self._safely(lambda: self._token(tenant, form))
        if (found := _AUTHORIZE.fullmatch(request.path)) and request.method == "GET":
            tenant, query = found.group(1), request.args.to_dict()
            return "Authorize", lambda: self._safely(lambda: self._authorize(tenant, query))
        if (found := _DISCOVERY.fullmatch(request.path)) and request.method == "GET":
            tenant, host = found.group(1), request.host
            return "Discovery", lambda: self._safely(lambda: self._discovery(host, tenant))
        return None

    def refuse(self, fault: Fault) -> Response:
        """Entra's error body for an ordered fault; ``code`` is the ``error`` member."""
        error = EntraError(fault.code or "temporarily_unavailable", "ordered fault", fault.status or 500)
        return _json(error.document(), error.status)

    def _safely(self, work: Work) -> Response:
        try:
            with self._account.lock:
                return work()
        except EntraError as error:
            return _json(error.document(), error.status)

    def _token(self, tenant: str, form: Mapping[str, str]) -> Response:
        return _json(self._account.entra.token(tenant, form, self._account.clock.now_ms()), 200)

    def _authorize(self, tenant: str, query: Mapping[str, str]) -> Response:
        """Back to the client by redirect, or by a form that the page posts (``response_mode=form_post``)."""
        try:
            back = {"code": self._account.entra.authorize(tenant, query)}
        except Declined as error:
            back = {"error": error.error, "error_description": str(error)}
        back |= {"state": query["state"]} if "state" in query else {}
        if query.get("response_mode") == "form_post":
            return Response(_form(query["redirect_uri"], back), content_type="text/html; charset=utf-8")
        return Response(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    def _discovery(self, host: str, tenant: str) -> Response:
        """The end points, with https as Entra has them; here the same paths answer over http."""
        self._account.entra.check_tenant(tenant)
        root = f"https://{host}/{tenant}/oauth2/v2.0"
        document = {
            "token_endpoint": f"{root}/token",
            "authorization_endpoint": f"{root}/authorize",
            "issuer": f"https://login.microsoftonline.com/{tenant}/v2.0",
        }
        return _json(document, 200)


def _form(target: str, members: Mapping[str, str]) -> str:
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(text)}">' for name, text in members.items())
    return (
        f'<html><body onload="document.forms[0].submit()"><form method="post" action="{escape(target)}">{inputs}'
        "<button>Continue</button></form></body></html>"
    )


def _json(document: Any, status: int) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
