"""Mends of threads: where no real time-out can strike, a state runs in the thread of its execution.

moto starts a thread for a program and one for every try of a state, only to be able to give up waiting for it. With a
host whose clock is turned by a test, giving up by the machine's clock would be wrong, and the threads are most of what
a state costs. The branches of a Parallel state keep theirs.
"""

from __future__ import annotations

import threading
import types
from collections.abc import Callable
from typing import Any

from sandbox.local_cloud.moto_engine import names as moto
from sandbox.local_cloud.moto_engine.host import ACTIVE, host_of


class _Inline:
    """Looks like the thread that moto wants, and does the work where it is started."""

    def __init__(self, target: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._target, self._args = target, args

    def start(self) -> None:
        self._target(*self._args)

    def join(self, timeout: float | None = None) -> None:
        """It has ended when ``start`` returns."""

    def is_alive(self) -> bool:
        return False


def _thread(target: Callable[..., Any], args: tuple[Any, ...] = (), daemon: bool = True) -> Any:
    """``args`` of a program are its environment; a state is the one that this thread evaluates."""
    if host_of(args[0] if args else ACTIVE.env).timed:
        return threading.Thread(target=target, args=args, daemon=daemon)
    return _Inline(target, args)


class _Event(threading.Event):
    """Waited for as long as a state's time-out says."""

    def wait(self, timeout: float | None = None) -> bool:
        slack = host_of(ACTIVE.env).slack
        return super().wait(min(timeout * slack, threading.TIMEOUT_MAX) if timeout is not None else None)


moto.component.Component.__str__ = lambda self: type(self).__name__  # a branch's thread would bear its whole program
moto.execute.threading = types.SimpleNamespace(Event=_Event)
moto.execute.Thread = _thread
moto.program.threading = types.SimpleNamespace(Thread=_thread)
