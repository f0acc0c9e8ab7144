"""Serve a WSGI app on a loopback port with waitress, in a thread that ends when told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class ServingThread:
    """Serves from the moment it is made. ``url`` has no slash at its end; port 0 takes a free one."""

    def __init__(self, app: WsgiApp, name: str, *, port: int = 0, threads: int = 8) -> None:
        self._sockets: dict[int, Any] = {}
        self._server: Any = create_server(
            app, map=self._sockets, host="127.0.0.1", port=port, threads=threads, ident=name
        )
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._ending = False
        self._pulled = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the sockets and wait for the thread. Call it once."""
        # Said on the loop's own thread, and its pipe stays open until it was written to: another's pull may wake the
        # loop between the saying and the writing.
        self._server.trigger.pull_trigger(self._end)
        self._pulled.set()
        self._thread.join(10)

    def _end(self) -> None:
        self._ending = True

    def _run(self) -> None:
        # waitress's own loop has no end; this is one turn of it at a time.
        while not self._ending:
            wasyncore.loop(timeout=1, map=self._sockets, use_poll=True, count=1)
        self._pulled.wait(10)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        wasyncore.close_all(self._sockets, ignore_all=True)
