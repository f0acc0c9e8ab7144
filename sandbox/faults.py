"""Faults that a person or a test orders from a simulated vendor.

A *rule* says which calls go wrong and how; the simulators ask ``FaultRules.decide`` once per vendor call and obey.
The rules are partner-free: each simulator words the refusal in its vendor's own error body.

Over HTTP (both simulators)::

    POST   /_sandbox/faults   one rule, or a list of rules, as JSON   -> 201 [rule, …]
    GET    /_sandbox/faults                                           -> 200 [rule, …] with ``hits`` and ``left``
    DELETE /_sandbox/faults[?id=…]                                    -> 204
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from werkzeug.wrappers import Request, Response

GARBAGE = "<html><body>upstream connect error"
EVERY_OPERATION = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to go wrong with one call.

    ``status`` None means that only the delay applies. With ``answer_lost`` the work is done first and the caller
    then gets the failure. ``malformed`` is a 200 whose body is garbage (combined with ``answer_lost``: after the work).
    """

    status: int | None = None
    code: str | None = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    answer_lost: bool = False
    malformed: bool = False

    @property
    def replaces_work(self) -> bool:
        """Whether the call fails without the work being done."""
        return not self.answer_lost and (self.status is not None or self.malformed)


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One order. See ``FaultRules.add`` for the members."""

    id: str
    operation: str = EVERY_OPERATION
    status: int | None = None
    code: str | None = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    answer_lost: bool = False
    malformed: bool = False
    count: int | None = 1
    skip: int = 0
    match: str | None = None
    probability: float = 1.0

    def applies_to(self, operation: str, body_text: str) -> bool:
        """Whether a call of ``operation`` with this body is one that the rule is about."""
        if self.operation not in (EVERY_OPERATION, operation):
            return False
        return self.match is None or self.match in body_text

    def fault(self) -> Fault:
        """The fault that the rule orders; a bare ``answer_lost`` shows as a gateway time-out."""
        status = 504 if self.answer_lost and self.status is None and not self.malformed else self.status
        return Fault(status, self.code, self.body, self.headers, self.delay_seconds, self.answer_lost, self.malformed)


@dataclass(slots=True)
class _Progress:
    seen: int = 0
    hits: int = 0


_MEMBERS = tuple(f.name for f in fields(FaultRule) if f.name != "id")
_TYPES: dict[str, tuple[type, ...]] = {
    "operation": (str,),
    "status": (int, type(None)),
    "code": (str, type(None)),
    "body": (str, type(None)),
    "headers": (dict,),
    "delay_seconds": (int, float),
    "answer_lost": (bool,),
    "malformed": (bool,),
    "count": (int, type(None)),
    "skip": (int,),
    "match": (str, type(None)),
    "probability": (int, float),
}


class FaultRules:
    """The orders in force, in the order given; the first that applies decides. Safe for many threads.

    ``seed`` makes rules with a ``probability`` repeatable.
    """

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, tuple[FaultRule, _Progress]] = {}
        self._next = 1
        self._random = random.Random(seed)

    def add(self, operation: str = EVERY_OPERATION, **members: Any) -> FaultRule:
        """Put a rule in force and return it.

        ``operation``: exact name or ``*``. ``status``, ``code``, ``body``, ``headers``: the answer (``body`` replaces
        the vendor's own error body). ``delay_seconds``: waited before answering. ``answer_lost``: do the work, then
        fail. ``malformed``: 200 with garbage. ``count``: how many calls (default 1; None = until cleared). ``skip``:
        the first n calls stay unaffected. ``match``: only bodies that contain this text. ``probability``: 0 to 1.
        Raises ``ValueError`` naming an unknown member or a wrong type, with what is allowed.
        """
        members["operation"] = operation
        _check(members)
        with self._lock:
            rule = FaultRule(id=f"fault-{self._next}", **members)
            self._next += 1
            self._rules[rule.id] = (rule, _Progress())
            return rule

    def clear(self, rule_id: str | None = None) -> None:
        """Take one rule, or all, out of force."""
        with self._lock:
            if rule_id is None:
                self._rules.clear()
            else:
                self._rules.pop(rule_id, None)

    def decide(self, operation: str, body_text: str = "") -> Fault | None:
        """The fault for this call, or None. Counts the call, so ask exactly once per vendor call."""
        with self._lock:
            for rule, progress in self._rules.values():
                if self._takes(rule, progress, operation, body_text):
                    return rule.fault()
        return None

    def _takes(self, rule: FaultRule, progress: _Progress, operation: str, body_text: str) -> bool:
        if not rule.applies_to(operation, body_text):
            return False
        progress.seen += 1
        if progress.seen <= rule.skip or (rule.count is not None and progress.hits >= rule.count):
            return False
        if rule.probability < 1.0 and self._random.random() >= rule.probability:
            return False
        progress.hits += 1
        return True

    def as_list(self) -> list[dict[str, Any]]:
        """JSON form of all rules, with ``hits`` so far and ``left`` (None = until cleared)."""
        with self._lock:
            return [_as_dict(rule, progress) for rule, progress in self._rules.values()]


def _as_dict(rule: FaultRule, progress: _Progress) -> dict[str, Any]:
    left = None if rule.count is None else rule.count - progress.hits
    return {**asdict(rule), "hits": progress.hits, "left": left}


def _check(members: Mapping[str, Any]) -> None:
    for name, value in members.items():
        if name not in _TYPES:
            raise ValueError(f"unknown member {name!r} of a fault rule; allowed: {', '.join(_MEMBERS)}")
        wrong_bool = isinstance(value, bool) and bool not in _TYPES[name]
        if wrong_bool or not isinstance(value, _TYPES[name]):
            wanted = " or ".join("null" if kind is type(None) else kind.__name__ for kind in _TYPES[name])
            raise ValueError(f"member {name!r} of a fault rule must be {wanted}")
    if not 0 <= members.get("probability", 1.0) <= 1:
        raise ValueError("member 'probability' of a fault rule must lie between 0 and 1")


def answer(
    fault: Fault | None,
    work: Callable[[], Response],
    refuse: Callable[[Fault], Response],
    sleep: Callable[[float], None] = time.sleep,
) -> Response:
    """Answer one vendor call as ``fault`` orders.

    ``work`` does the call and returns its true answer; ``refuse`` words the vendor's error body for a fault with a
    status and without a ``body`` of its own.
    """
    if fault is None:
        return work()
    if fault.delay_seconds:
        sleep(fault.delay_seconds)
    if fault.status is None and not fault.malformed:
        return work()
    if fault.answer_lost:
        work()
    if fault.malformed:
        return Response(fault.body or GARBAGE, status=200, content_type="text/html", headers=dict(fault.headers))
    refusal = refuse(fault)
    if fault.body is not None:
        refusal.set_data(fault.body)
    refusal.headers.update(dict(fault.headers))
    return refusal


def control(faults: FaultRules, request: Request) -> Response:
    """The ``/_sandbox/faults`` end point, for any simulator. A wrong order is answered 400 with the reason."""
    if request.method == "GET":
        return _json(faults.as_list(), 200)
    if request.method == "DELETE":
        faults.clear(request.args.get("id"))
        return Response(status=204)
    if request.method != "POST":
        return _json({"error": "allowed: GET, POST, DELETE"}, 405)
    try:
        orders = json.loads(request.get_data(as_text=True))
        orders = orders if isinstance(orders, list) else [orders]
        for order in orders:
            if not isinstance(order, dict):
                raise ValueError("a fault rule must be a JSON object")
            _check(order)
        added = [faults.add(**order) for order in orders]
    except ValueError as error:
        return _json({"error": str(error)}, 400)
    return _json([asdict(rule) for rule in added], 201)


def _json(document: Any, status: int) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
