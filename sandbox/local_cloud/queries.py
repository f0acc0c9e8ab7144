"""JSONata as Step Functions offers it: expressions, ``$states``, variables and the functions it adds.

`evaluate` takes the expression without its ``{% %}``, the values to bind (``{"states": …, "name": …}``) and a clock;
it returns plain JSON values. An expression that fails, or that returns nothing or a function, raises `QueryError`:
Step Functions calls that ``States.QueryEvaluationError``.

Two things differ between Python and JavaScript and are evened out here: JSON ``null`` is not the same as
"nothing", and a number without a fraction is an integer. A compiled expression is used by one thread at a time (the
library keeps state on it), so compiled ones wait in a pool instead of in a thread-local cache: the
interpreter starts a new thread for nearly every state.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import random
import threading
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from sandbox.local_cloud.expressions import NOTHING, Plain, read

_NULL = Utils.NULL_VALUE
_HASHES = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


class QueryError(Exception):
    """The expression could not be evaluated; the message names the expression and why."""


def evaluate(expression: str, bindings: Mapping[str, Any], clock: Callable[[], float]) -> Any:
    """The value of ``expression`` with ``bindings``; ``clock`` (epoch seconds) feeds ``$now`` and ``$millis``."""
    text = read(expression)
    try:
        if (value := text.value_in(bindings)) is not NOTHING:
            return _to_json(value)
    except TypeError:
        raise QueryError(f"The JSONata expression '{expression}' returned an unsupported result type.") from None
    try:
        compiled = _POOL.take(expression)
    except (JException, RecursionError) as error:
        raise QueryError(f"The JSONata expression '{expression}' is not valid: {error}") from None
    try:
        result = _run(compiled, text, bindings, clock)
    except Exception as error:
        raise QueryError(f"The JSONata expression '{expression}' failed: {error}") from None
    finally:
        _POOL.give_back(expression, compiled)
    if result is None:
        raise QueryError(f"The JSONata expression '{expression}' returned nothing (undefined).")
    try:
        return _to_json(result)
    except TypeError:
        raise QueryError(f"The JSONata expression '{expression}' returned an unsupported result type.") from None


def _run(compiled: Jsonata, text: Plain, bindings: Mapping[str, Any], clock: Callable[[], float]) -> Any:
    Jsonata.CURRENT.jsonata = compiled
    bound = {name: _from_json(value) for name, value in text.named_in(bindings).items()}
    if not text.names.isdisjoint(("millis", "now")):
        millis = int(clock() * 1000)
        bound["millis"] = Jsonata.JLambda(lambda *_: millis)
        bound["now"] = Jsonata.JLambda(lambda picture=None, zone=None: _now(millis, picture, zone))
    return compiled.evaluate(None, bound)


def _now(millis: int, picture: str | None, zone: str | None) -> str:
    if picture is None and zone is None:
        moment = datetime.datetime.fromtimestamp(millis / 1000, datetime.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"
    return str(Functions.datetime_from_millis(millis, picture, zone))


def _from_json(value: Any) -> Any:
    """The value with JSON ``null`` as the library's own null object."""
    if value is None:
        return _NULL
    if isinstance(value, dict):
        return {name: _from_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value


def _to_json(value: Any) -> Any:
    """The library's result as plain JSON values; raises TypeError for anything that JSON does not have."""
    if value is _NULL or value is None:
        return None
    if isinstance(value, dict):
        return {str(name): _to_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    if isinstance(value, (str, bool, int, float)):
        return value
    raise TypeError(type(value).__name__)


def _partition(array: Any, size: Any) -> Any:
    items = array if isinstance(array, list) else [array]
    if not isinstance(size, (int, float)) or size < 1:
        raise ValueError("$partition needs a size of 1 or more")
    return [list(items)[start : start + int(size)] for start in range(0, len(items), int(size))]


def _range(first: Any, last: Any, step: Any = 1) -> list[Any]:
    if not step:
        raise ValueError("$range needs a step that is not 0")
    count = math.floor((last - first) / step) + 1
    return [first + index * step for index in range(max(0, count))]


def _hash(data: Any, algorithm: Any) -> str:
    if algorithm not in _HASHES:
        raise ValueError(f"$hash knows {', '.join(_HASHES)}, not {algorithm}")
    text = data if isinstance(data, str) else json.dumps(_to_json(data), separators=(",", ":"))
    return _HASHES[algorithm](text.encode()).hexdigest()


def _random(seed: Any = None) -> float:
    return random.random() if seed is None else random.Random(seed).random()


def _parse(text: Any) -> Any:
    return _from_json(json.loads(text))


def _no_eval(*_: Any) -> Any:
    raise ValueError("$eval is not offered by Step Functions; use $parse")


_ADDED: dict[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda *_: str(uuid.uuid4()),
    "parse": _parse,
    "eval": _no_eval,
}


class _CompiledPool:
    """Compiled expressions, each lent to one thread at a time."""

    def __init__(self) -> None:
        self._free: dict[str, deque[Jsonata]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, expression: str) -> Jsonata:
        """A compiled expression nobody else uses; raises JException when it is not valid JSONata."""
        with self._lock:
            free = self._free[expression]
            if free:
                return free.pop()
        compiled = Jsonata(expression)
        compiled.set_output_convert_nulls(False)
        for name, function in _ADDED.items():
            compiled.register_lambda(name, function)
        return compiled

    def give_back(self, expression: str, compiled: Jsonata) -> None:
        with self._lock:
            self._free[expression].append(compiled)


_POOL = _CompiledPool()
