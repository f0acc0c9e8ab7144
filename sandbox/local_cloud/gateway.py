"""Lets ministack run functions through our pool: an HTTP server that ministack's Lambda proxy mode posts events to.

API Gateway, event source mappings and rules inside ministack invoke functions too. Left alone ministack would run them
in its own processes, with every exception renamed and no place for endpoint overrides; routed here, one pool runs
everything, with one set of counters, logs and limits. `route` must be called after every deployment: it sets
``MINISTACK_LAMBDA_PROXY_URL`` on the functions, and the pool takes that variable off again.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.exceptions import ClientError

from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.failures import FunctionFailed
from sandbox.local_cloud.function_code import PROXY_VARIABLE
from sandbox.local_cloud.functions import FunctionPool


class LambdaGateway:
    """Serves invocations on a loopback port until `stop`."""

    def __init__(self, pool: FunctionPool) -> None:
        self._server = _Server(("127.0.0.1", 0), _handler(pool))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where ministack posts events to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def route(self, clients: Clients, places: set[tuple[str, str]]) -> None:
        """Send every function deployed in ``places`` (account, region) here."""
        for account, region in places:
            client = clients.get("lambda", account=account, region=region)
            for page in client.get_paginator("list_functions").paginate():
                for function in page["Functions"]:
                    self._route_function(client, function)

    def _route_function(self, client: Any, function: dict[str, Any]) -> None:
        variables = function.get("Environment", {}).get("Variables", {})
        if variables.get(PROXY_VARIABLE) != self.url:
            client.update_function_configuration(
                FunctionName=function["FunctionName"],
                Environment={"Variables": {**variables, PROXY_VARIABLE: self.url}},
            )

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def _handler(pool: FunctionPool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            status, answer = _invoke(pool, self.headers["X-Amzn-Lambda-Function-Arn"], event)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # the pool keeps the logs
            return

    return Handler


def _invoke(pool: FunctionPool, arn: str, event: Any) -> tuple[int, Any]:
    try:
        return 200, pool.invoke(arn, event, measured_elsewhere=True)  # ministack measures these
    except FunctionFailed as error:
        return 500, error.payload
    except ClientError as error:
        return 429, error.response["Error"]
