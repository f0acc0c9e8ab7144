"""Partner Central over HTTP: ``POST /`` for unmodified AWS clients, ``/_sandbox/…`` for the person who drives it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.control import Control
from sandbox.partner_central.wire import respond
from sandbox.serving import ServingThread, WsgiApp

_TICK_SECONDS = 0.05


def make_app(account: PartnerCentralAccount, faults: FaultRules | None = None) -> WsgiApp:
    """A WSGI app for any server."""
    rules = faults if faults is not None else FaultRules()
    control = Control(account, rules)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith("/_sandbox/"):
            response = control.answer(request)
        elif request.method == "POST" and request.path == "/":
            response = respond(account, rules, request.headers, request.get_data())
        else:
            response = Response("only POST / and /_sandbox/…\n", status=404)
        return response(environ, start_response)

    return app


class RunningServer:
    """A served account. ``url`` is the boto3 ``endpoint_url``; ``stop`` ends its threads."""

    def __init__(self, account: PartnerCentralAccount, faults: FaultRules, port: int, threads: int) -> None:
        self.account = account
        self.faults = faults
        self._serving = ServingThread(make_app(account, faults), "partner-central", port=port, threads=threads)
        self.url = self._serving.url
        self._stopping = threading.Event()
        account.events.in_background = True  # a slow bus must not slow the vendor's answers
        self._time = threading.Thread(target=self._tick, name="partner-central-time", daemon=True)
        self._time.start()

    def stop(self) -> None:
        """Close the sockets and wait for the threads."""
        self._stopping.set()
        self.account.events.awake.set()
        self._time.join(timeout=10)
        self._serving.stop()
        self.account.events.in_background = False

    def _tick(self) -> None:
        events = self.account.events
        while not self._stopping.is_set():
            events.awake.wait(_TICK_SECONDS)
            events.awake.clear()
            self.account.tick()


def serve(
    account: PartnerCentralAccount, port: int = 0, faults: FaultRules | None = None, threads: int = 8
) -> RunningServer:
    """Serve an account on 127.0.0.1 (port 0 = any free one). Time passes by itself: tasks, expiry, late events."""
    return RunningServer(account, faults if faults is not None else FaultRules(), port, threads)
