"""moto's Step Functions interpreter, made to run in-process: every private name of moto that we touch is here.

moto 5.2.5 (pinned exactly) carries the interpreter that LocalStack wrote. Left alone it has no JSONata, calls
AWS through its own mock, sleeps where nobody can wake it and names some errors wrongly. Importing this module mends
that, once per process; `run_program` runs one execution. `tests/workflow/local_cloud` guards every mend, so an upgrade
that changes the ground is noticed there. What is mended, each for a language feature that definitions rely on:

- JSONata expressions are evaluated by `queries`, with the values bound instead of pasted in as text;
- a task asks the execution's `Host` (``invoke_function``, ``call_service``) instead of a boto3 client of moto's;
- ``Wait`` and ``Retry`` pause through the host, and end when the execution ends;
- a ``Choice`` rule's own ``Assign`` counts, also when it leads where the default leads;
- ``States.NoChoiceMatched``, ``States.QueryEvaluationError`` and ``States.Timeout`` keep their names, also
  through Parallel and Map; ``States.Runtime`` is never caught and ``States.DataLimitExceeded`` not by ``States.ALL``;
- ``Output`` of a task is inside its ``Catch``, as ``Assign`` is;
- errors of a direct function ARN, of EventBridge and of ``aws-sdk`` integrations are named as AWS names them;
- constant strings keep their escapes, times have milliseconds and a Z;
- parsed JSONPath expressions are cached, JSON is copied quickly, and moto's ever growing list of threads is emptied;
- an execution by a turned clock has no real time-outs, and so no thread for every state.
"""

from __future__ import annotations

import copy
from typing import Any

from sandbox.local_cloud.moto_engine import data, errors, states, tasks, threads  # noqa: F401  # importing them mends moto
from sandbox.local_cloud.moto_engine import names as moto
from sandbox.local_cloud.moto_engine.host import Host, HostDetails, Recorder, iso
from sandbox.local_cloud.moto_engine.programs import parse

__all__ = ["Host", "iso", "parse", "run_program"]


def run_program(
    definition: str, context: dict[str, Any], host: Host, *, region: str, account: str, limit_seconds: float
) -> tuple[str, Any, str | None, str | None]:
    """Run an Express execution; ``context`` is the context object's ``Execution`` and ``StateMachine``.

    Returns (status, output, error, cause) with the API's status names. ``limit_seconds`` caps the
    definition's own ``TimeoutSeconds``; running into either cannot be caught by the definition.
    """
    program = copy.copy(parse(definition))
    declared = program.timeout_seconds.timeout_seconds if program.timeout_seconds else limit_seconds
    program.timeout_seconds = moto.timeout.TimeoutSeconds(min(declared, limit_seconds))
    env = moto.environment.Environment(
        aws_execution_details=HostDetails(account, region, context["Execution"].get("RoleArn", ""), host),
        execution_type=moto.api.StateMachineType.EXPRESS,
        context=context,
        event_history_context=moto.event_manager.EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    env.event_manager = Recorder(host)
    program.eval(env)
    state = env.program_state()
    moto.utils.TMP_THREADS.clear()
    if isinstance(state, moto.program_state.ProgramEnded):
        return "SUCCEEDED", env.states.get_input(), None, None
    if isinstance(state, moto.program_state.ProgramTimedOut):
        return "TIMED_OUT", None, "States.Timeout", None
    error = state.error or {}
    return "FAILED", None, error.get("error"), error.get("cause")
