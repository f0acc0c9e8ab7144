"""The real HTTP transport against a server on this machine: keep-alive, time limits, and no surprises."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lambdas.shared.adapters.http import urllib3_transport
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import Retryable, was_not_sent


class Vendor(ThreadingHTTPServer):
    """Keeps what it was asked, and from how many connections."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.connections = set()
        self.hold = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_GET(self):
        self.server.connections.add(self.client_address)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        if self.path.startswith("/slow"):
            self.server.hold.wait(10)
        if self.path.startswith("/drop"):
            self.close_connection = True
            return
        moved = self.path.startswith("/moved")
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("location", "/elsewhere")
        content = b'{"results": []}'
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PATCH = do_PUT = do_GET

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def vendor():
    server = Vendor()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_connection_serves_many_calls(vendor):
    hubspot = HubSpot(lambda fresh: "pat", f"{vendor.url}/")
    for _ in range(3):
        assert hubspot.pipelines() == []
    hubspot.search_modified_deals(0)
    assert len(vendor.asked) == 4
    assert len(vendor.connections) == 1
    method, path, headers, body = vendor.asked[3]
    assert (method, path) == ("POST", "/crm/objects/2026-09/deals/search")
    assert headers["authorization"] == "Bearer pat"
    assert headers["content-type"] == "application/json"
    assert body.startswith(b'{"filterGroups"')


def test_a_redirect_is_not_followed_with_the_token(vendor):
    status, _, _ = urllib3_transport()("GET", f"{vendor.url}/moved", {"authorization": "Bearer pat"}, None)
    assert status == 302
    assert [path for _, path, _, _ in vendor.asked] == ["/moved"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/slow", "/drop"])
def test_an_answer_that_does_not_come_is_retryable_and_asked_for_once(vendor, path, method):
    send = urllib3_transport(read_seconds=0.05)
    with pytest.raises(Retryable) as lost:
        send(method, vendor.url + path, {}, b"{}")
    assert len(vendor.asked) == 1
    assert not was_not_sent(lost.value)


def test_nobody_there_is_retryable():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(Retryable) as unsent:
        urllib3_transport()("GET", f"http://127.0.0.1:{port}/", {}, None)
    assert was_not_sent(unsent.value)
