"""moto's private modules, by the short names that the mends use; tests guard what they contain."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_BATCH = "moto.batch.utils"


@contextmanager
def _batch_left_out() -> Generator[None]:
    """Keep moto's Batch mock, half of the import time and never used here, out while the interpreter is imported."""
    if _BATCH in sys.modules:
        yield
        return
    stand_in = ModuleType(_BATCH)
    stand_in.JobStatus = type("JobStatus", (), {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED"})  # type: ignore[attr-defined]
    sys.modules[_BATCH], sys.modules["moto.batch"] = stand_in, ModuleType("moto.batch")
    try:
        yield
    finally:
        del sys.modules[_BATCH], sys.modules["moto.batch"]


def _load(name: str) -> Any:
    """A module of moto's, untyped because its private names are what we are after."""
    return import_module(name)


_ASL = "moto.stepfunctions.parser.asl"
_TASK = f"{_ASL}.component.state.exec.state_task"
with _batch_left_out():
    parser = _load(f"{_ASL}.parse.asl_parser")
api = _load("moto.stepfunctions.parser.api")
utils = _load("moto.stepfunctions.parser.utils")
preprocessor = _load(f"{_ASL}.parse.preprocessor")
json_path = _load(f"{_ASL}.utils.json_path")
result_path = _load(f"{_ASL}.component.common.path.result_path")
program = _load(f"{_ASL}.component.program.program")
states_data = _load(f"{_ASL}.eval.states")
environment = _load(f"{_ASL}.eval.environment")
program_state = _load(f"{_ASL}.eval.program_state")
event_manager = _load(f"{_ASL}.eval.event.event_manager")
details = _load(f"{_ASL}.eval.evaluation_details")
component = _load(f"{_ASL}.component.component")
eval_component = _load(f"{_ASL}.component.eval_component")
failure = _load(f"{_ASL}.component.common.error_name.failure_event")
names = _load(f"{_ASL}.component.common.error_name.states_error_name")
error_types = _load(f"{_ASL}.component.common.error_name.states_error_name_type")
custom = _load(f"{_ASL}.component.common.error_name.custom_error_name")
equals = _load(f"{_ASL}.component.common.error_name.error_equals_decl")
catch = _load(f"{_ASL}.component.common.catch.catch_outcome")
retrier = _load(f"{_ASL}.component.common.retry.retrier_decl")
retry_outcome = _load(f"{_ASL}.component.common.retry.retry_outcome")
strings = _load(f"{_ASL}.component.common.string.string_expression")
timeout = _load(f"{_ASL}.component.common.timeouts.timeout")
state = _load(f"{_ASL}.component.state.state")
choice = _load(f"{_ASL}.component.state.choice.state_choice")
wait = _load(f"{_ASL}.component.state.wait.wait_function.wait_function")
execute = _load(f"{_ASL}.component.state.exec.execute_state")
branches = _load(f"{_ASL}.component.state.exec.state_parallel.branches_decl")
iteration = _load(f"{_ASL}.component.state.exec.state_map.iteration.iteration_worker")
task = _load(f"{_TASK}.state_task")
task_lambda = _load(f"{_TASK}.state_task_lambda")
lambda_utils = _load(f"{_TASK}.lambda_eval_utils")
service = _load(f"{_TASK}.service.state_task_service")
service_lambda = _load(f"{_TASK}.service.state_task_service_lambda")
service_dynamodb = _load(f"{_TASK}.service.state_task_service_dynamodb")
service_events = _load(f"{_TASK}.service.state_task_service_events")
service_sdk = _load(f"{_TASK}.service.state_task_service_aws_sdk")
CLIENT_USERS = [
    _load(f"{_TASK}.{name}")
    for name in (
        "lambda_eval_utils",
        *(f"service.state_task_service_{name}" for name in ("dynamodb", "sqs", "sns", "sfn", "events", "aws_sdk")),
        "service.state_task_service_unsupported",
    )
]

Kind = error_types.StatesErrorNameType
FailureException = failure.FailureEventException
