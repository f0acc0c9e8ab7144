"""Mends of states: choices, pauses, retries and catches, and telling the host what happens."""

from __future__ import annotations

import datetime
import types
from typing import Any

from sandbox.local_cloud.moto_engine import names as moto
from sandbox.local_cloud.moto_engine.host import ACTIVE, active, failure, host_of, iso

_choice_output = moto.choice.StateChoice._eval_state_output
_CHOSEN = "chosen rule"


def _eval_choice(self: Any, env: Any) -> None:
    env.heap[_CHOSEN] = next((rule for rule in self.choices_decl.rules if _is_true(rule, env)), None)
    if env.heap[_CHOSEN] is not None:
        env.stack.append(env.heap[_CHOSEN].next_stmt.name)
    elif self.default_state is not None:
        env.stack.append(self.default_state.state_name)
    else:
        raise failure(env, moto.Kind.StatesNoChoiceMatched, f"No rule of '{self.name}' matched and it has no Default.")


def _is_true(rule: Any, env: Any) -> bool:
    try:
        rule.eval(env)
    except RuntimeError as error:
        raise failure(env, moto.Kind.StatesQueryEvaluationError, str(error)) from None
    return env.stack.pop() is True


def _eval_choice_output(self: Any, env: Any) -> None:
    if env.heap.get(_CHOSEN) is None or self._is_language_query_jsonpath():
        _choice_output(self, env)
    else:  # moto would take a rule that leads to the default state for the default, and assign that one's variables
        env.next_state_name = env.stack.pop()


moto.choice.StateChoice._eval_state = _eval_choice
moto.choice.StateChoice._eval_state_output = _eval_choice_output


def _pause(env: Any, seconds: float) -> None:
    host_of(env).pause(seconds, env.is_running, env.program_state_event)


moto.wait.WaitFunction._wait_interval = lambda self, env, wait_seconds: _pause(env, wait_seconds)
moto.retrier.time = types.SimpleNamespace(sleep=lambda seconds: _pause(ACTIVE.env, seconds))

_state_eval = moto.state.CommonStateField._eval_body
_handle_retry = moto.execute.ExecutionState._handle_retry
_state_output = moto.execute.ExecutionState._eval_state_output


class _HostClock:
    """Stands in for ``datetime`` where moto notes when a state was entered."""

    timezone = datetime.timezone

    class datetime:
        """The one method that is used."""

        @staticmethod
        def now(tz: Any = None) -> Any:
            text = iso(host_of(ACTIVE.env).clock())
            return types.SimpleNamespace(isoformat=lambda: text)


moto.state.datetime = _HostClock


def _eval_state_body(self: Any, env: Any) -> None:
    with active(env, self.name):
        try:
            _state_eval(self, env)
        except Exception:
            host_of(env).on_state(self.name, "failed")
            raise


def _eval_retry(self: Any, env: Any, failure_event: Any) -> Any:
    outcome = _handle_retry(self, env, failure_event)
    if outcome == moto.retry_outcome.RetryOutcome.CanRetry:
        host_of(env).on_state(self.name, "retried")
    return outcome


def _eval_output(self: Any, env: Any) -> None:
    try:
        _state_output(self, env)
    except moto.FailureException as error:
        if not self.catch:
            raise
        output = self._construct_error_output_value(failure_event=error.failure_event)
        env.states.set_error_output(output)
        self._handle_catch(env=env, failure_event=error.failure_event)
        if env.stack[-1] != moto.catch.CatchOutcome.Caught:
            raise


_handle_catch = moto.execute.ExecutionState._handle_catch


def _eval_catch(self: Any, env: Any, failure_event: Any) -> None:
    _handle_catch(self, env, failure_event)
    if env.stack[-1] == moto.catch.CatchOutcome.Caught:
        host_of(env).on_state(self.name, "caught")


moto.state.CommonStateField._eval_body = _eval_state_body
moto.execute.ExecutionState._handle_retry = _eval_retry
moto.execute.ExecutionState._handle_catch = _eval_catch
moto.execute.ExecutionState._eval_state_output = _eval_output
moto.eval_component.EvalComponent.heap_key = property(lambda self: str(id(self)))  # programs are shared by executions
