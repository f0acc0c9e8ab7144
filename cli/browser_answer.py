"""Where the browser brings its answer after a sign-in: one address on this machine, open until the answer is there."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from cli.main import UserError

PATH = "/cosell"
_MAX_BODY = 65_536
_PAGE = "<html><body>{}</body></html>"


class BrowserAnswer:
    """Listens on 127.0.0.1 while it is open; ``redirect_uri`` is what the vendor has to know.

    It is written with ``localhost``: for that name Entra takes http, and any port
    (https://learn.microsoft.com/entra/identity-platform/reply-url). Port 0 takes a free one.
    """

    def __init__(self, port: int = 0) -> None:
        self._answers: queue.Queue[dict[str, str]] = queue.Queue()
        self._state: str | None = None
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        except OSError as error:
            raise UserError(
                f"port {port} of this machine cannot be used ({error.strerror}); choose another: --port"
            ) from None
        self.redirect_uri = f"http://localhost:{self._server.server_port}{PATH}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def expect(self, state: str) -> None:
        """Take only an answer with this ``state``: whatever else knocks at the port is sent away."""
        self._state = state

    def wait(self, seconds: float) -> dict[str, str]:
        """The answer's members. ``UserError`` if none came in time."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            raise UserError(f"nobody signed in within {seconds:.0f} seconds; start again") from None

    def take(self, members: Mapping[str, str]) -> tuple[int, str]:
        """Judge what came to the address: the status and the text for the person."""
        if self._state is None or members.get("state") != self._state:
            return 400, "This is not the answer to the sign-in that is under way."
        self._state = None
        self._answers.put(dict(members))
        if "error" in members:
            return 200, "The sign-in was refused. The terminal says more; this window can be closed."
        return 200, "Signed in. The terminal says how it went on; this window can be closed."


def _handler(answer: BrowserAnswer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request of the browser."""

        def do_GET(self) -> None:
            """An answer in the address (``response_mode=query``)."""
            self._reply(urlsplit(self.path).query)

        def do_POST(self) -> None:
            """An answer as a form (``response_mode=form_post``)."""
            length = self.headers.get("content-length", "")
            size = int(length) if length.isdecimal() else 0
            self._reply(self.rfile.read(min(size, _MAX_BODY)).decode("utf-8", "replace"))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: an address can hold the code."""

        def _reply(self, encoded: str) -> None:
            known = urlsplit(self.path).path == PATH
            status, text = answer.take(dict(parse_qsl(encoded))) if known else (404, "There is nothing here.")
            page = _PAGE.format(text).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

    return Handler
