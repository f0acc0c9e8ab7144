"""Partner Center over HTTP: three hosts on one port, and ``/_sandbox/…`` for the person who drives it.

/v1.0/engagements/referrals…              the Referrals API (``api.partner.microsoft.com``)
/webhooks/v1/registration…                webhook registration (``api.partnercenter.microsoft.com``)
/{tenant}/oauth2/v2.0/token, …/authorize  Entra (``login.microsoftonline.com``)
/cert/sandbox.cer                         the certificate of webhook notices (on a storage account of Microsoft's)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.faults import FaultRules, answer
from sandbox.microsoft.account import PartnerCenterAccount
from sandbox.microsoft.control import Control
from sandbox.microsoft.entra_api import EntraApi
from sandbox.microsoft.signing import own_signer
from sandbox.microsoft.wire import WireApi
from sandbox.serving import ServingThread, WsgiApp

CERTIFICATE_PATH = "/cert/sandbox.cer"
_TICK_SECONDS = 0.05


def make_app(
    account: PartnerCenterAccount, faults: FaultRules | None = None, sleep: Callable[[float], None] = time.sleep
) -> WsgiApp:
    """A WSGI app for any server."""
    rules = faults if faults is not None else FaultRules()
    control, wire, entra = Control(account, rules), WireApi(account), EntraApi(account)

    def respond(request: Request) -> Response:
        if request.path.startswith("/_sandbox/"):
            return control.answer(request)
        if request.path == CERTIFICATE_PATH:
            signer = account.webhooks.signer or own_signer()
            return Response(signer.leaf_pem, content_type="application/pkix-cert")
        room = entra if "/oauth2/" in request.path or "/.well-known/" in request.path else wire
        found = room.find(request)
        if found is None:
            return Response("no such path\n", status=404)
        operation, work = found
        account.note_call(operation)
        if account.latency_seconds:
            sleep(account.latency_seconds)
        fault = rules.decide(operation, request.get_data(as_text=True))
        return answer(fault, work, room.refuse, sleep)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return respond(Request(environ))(environ, start_response)

    return app


class RunningServer:
    """A served account. ``url`` stands for all three hosts; ``stop`` ends its threads."""

    def __init__(self, account: PartnerCenterAccount, faults: FaultRules, port: int, threads: int) -> None:
        self.account = account
        self.faults = faults
        self._serving = ServingThread(make_app(account, faults), "partner-center", port=port, threads=threads)
        self.url = self._serving.url
        self._stopping = threading.Event()
        self._time = threading.Thread(target=self._tick, name="partner-center-time", daemon=True)
        self._time.start()

    @property
    def certificate_url(self) -> str:
        """Where this server gives the certificate; an account names it in its notices once it is told to."""
        return self.url + CERTIFICATE_PATH

    def stop(self) -> None:
        """Close the sockets and wait for the threads."""
        self._stopping.set()
        self._time.join(timeout=10)
        self._serving.stop()

    def _tick(self) -> None:
        while not self._stopping.wait(_TICK_SECONDS):
            self.account.tick()


def serve(
    account: PartnerCenterAccount, port: int = 0, faults: FaultRules | None = None, threads: int = 8
) -> RunningServer:
    """Serve an account on 127.0.0.1 (port 0 = any free one). Time passes by itself: expiry, late notices."""
    return RunningServer(account, faults if faults is not None else FaultRules(), port, threads)
