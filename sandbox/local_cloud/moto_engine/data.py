"""Mends of data: JSONata with bound values, constant strings with their escapes, cached JSONPath, quick copies."""

from __future__ import annotations

import copy
import functools
import json
import types
from typing import Any

from sandbox.local_cloud.moto_engine import names as moto
from sandbox.local_cloud.moto_engine.host import failure, host_of
from sandbox.local_cloud.queries import QueryError, evaluate


def _eval_string_jsonata(self: Any, env: Any) -> None:
    store = env.variable_store
    bindings = {**store._outer_scope, **store._inner_scope, "states": env.states._states_data}
    try:
        env.stack.append(evaluate(self.expression, bindings, host_of(env).clock))
    except QueryError as error:
        raise failure(env, moto.Kind.StatesQueryEvaluationError, str(error)) from None


moto.strings.StringJSONata._eval_body = _eval_string_jsonata
moto.strings.StringVariableSample._eval_body = _eval_string_jsonata
moto.json_path.parse = functools.lru_cache(maxsize=1024)(moto.json_path.parse)
moto.result_path.parse = moto.json_path.parse


def _copied(value: Any) -> Any:
    """A deep copy, quick for JSON, of which all that states hold is made."""
    kind = type(value)
    if kind is dict:
        return {name: _copied(item) for name, item in value.items()}
    if kind is list:
        return [_copied(item) for item in value]
    if kind is moto.program_state.ProgramRunning:
        return copy.copy(value)  # two names are all it holds
    return value if kind in _NEVER_CHANGED else copy.deepcopy(value)


_NEVER_CHANGED = frozenset({str, int, float, bool, type(None)})
for _module in (moto.states_data, moto.environment, moto.execute, moto.result_path):
    _module.copy = types.SimpleNamespace(deepcopy=_copied)


def _inner_string(parser_rule_context: Any) -> str | None:
    text = parser_rule_context.getText()
    return json.loads(text) if text.startswith('"') or text == "null" else text


moto.preprocessor.Preprocessor._inner_string_of = staticmethod(_inner_string)
