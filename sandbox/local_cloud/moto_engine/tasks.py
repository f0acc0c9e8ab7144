"""Mends of tasks: every call goes to the host instead of to a boto3 client of moto's."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from typing import Any

from sandbox.local_cloud.failures import FunctionFailed
from sandbox.local_cloud.moto_engine import names as moto
from sandbox.local_cloud.moto_engine.host import ACTIVE, active, host_of


class _Client:
    """Looks like the boto3 client that moto wants, and asks the host."""

    def __init__(self, service: str) -> None:
        self._service = service

    def invoke(self, FunctionName: str, Payload: bytes = b"{}", **_ignored: Any) -> dict[str, Any]:
        env, state = ACTIVE.env, ACTIVE.state
        answer: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        try:
            result = host_of(env).invoke_function(state, FunctionName, json.loads(Payload))
        except FunctionFailed as error:
            answer["FunctionError"], result = "Unhandled", error.payload
        return {**answer, "Payload": io.BytesIO(json.dumps(result).encode())}

    def __getattr__(self, action: str) -> Callable[..., dict[str, Any]]:
        env, state = ACTIVE.env, ACTIVE.state
        return lambda **arguments: dict(host_of(env).call_service(state, self._service, action, arguments))


for _module in moto.CLIENT_USERS:
    _module.boto_client_for = lambda region=None, service="", state_credentials=None: _Client(service)


def _with_active(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    @functools.wraps(original)
    def evaluated(self: Any, env: Any) -> None:
        with active(env, self.name):
            original(self, env)

    return evaluated


moto.service.StateTaskService._eval_execution = _with_active(moto.service.StateTaskService._eval_execution)
moto.task_lambda.StateTaskLambda._eval_execution = _with_active(moto.task_lambda.StateTaskLambda._eval_execution)
