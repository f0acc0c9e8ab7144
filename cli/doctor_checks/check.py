"""What a check is, what it finds, and how checks run: side by side, each with its time limit, none in another's way."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from cli.main import UserError
from lambdas.shared.errors import CosellError, Unauthorized

Level = Literal["ok", "warning", "error"]

_AT_ONCE = 6
RUNBOOKS = "docs/operations.md"
"""How a check names the runbook; what is printed has the stage's own address of it."""
_REFUSED_VENDOR = f"{RUNBOOKS}#token-dead-rotation"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"})
_PERFORM = re.compile(r"not authorized to perform:? ([a-z0-9-]+:\w+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` is the state of a thing, ``where`` the thing's name, ``do`` the command or the place in the runbook.

    None of them ever holds a secret or a customer's value.
    """

    level: Level
    what: str
    where: str = ""
    do: str = ""


def ok(what: str, where: str = "") -> Finding:
    """All is well with it."""
    return Finding("ok", what, where)


def warning(what: str, where: str, do: str) -> Finding:
    """It works, and somebody should look at it; or it could not be told."""
    return Finding("warning", what, where, do)


def error(what: str, where: str, do: str) -> Finding:
    """It does not work, or will not for long."""
    return Finding("error", what, where, do)


class NotChecked(Exception):
    """Another check has told already why this one cannot look; the text names it."""


@dataclass(frozen=True, kw_only=True)
class Check[T]:
    """One thing that is looked at.

    ``run`` takes what is examined and gives findings; it raises what its calls raise. ``needs``: the permission for
    its first call, said where AWS does not say it itself. ``seconds``: its time limit.
    """

    area: str
    name: str
    run: Callable[[T], Iterable[Finding]]
    needs: str = ""
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Examined:
    """A check's findings, and how long it took."""

    area: str
    name: str
    findings: Sequence[Finding]
    seconds: float


def examine[T](checks: Sequence[Check[T]], subject: T, at_once: int = _AT_ONCE) -> Iterator[Examined]:
    """Run the checks, ``at_once`` at a time, and give what they found in the checks' order.

    A check that fails, or takes longer than it may, is a finding of its own; the others go on.
    """
    slots = threading.Semaphore(at_once)
    begun = [_Run(check, subject, slots) for check in checks]
    for each in begun:
        each.start()
    for each in begun:
        yield each.result()


@dataclass
class _Run[T]:
    check: Check[T]
    subject: T
    slots: threading.Semaphore
    _started: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _leave: threading.Lock = field(default_factory=threading.Lock)
    _found: Sequence[Finding] = ()
    _at: float = 0.0

    def start(self) -> None:
        """In a thread that the command's end does not wait for."""
        threading.Thread(target=self._work, name=self.check.name, daemon=True).start()

    def result(self) -> Examined:
        """Wait for the end, or for the time limit; the time begins when the check does."""
        self._started.wait()
        ended = self._ended.wait(max(0.0, self._at + self.check.seconds - time.monotonic()))
        self._leave_slot()  # of one that hangs, so that another goes on in its place
        found = self._found if ended else [_late(self.check)]
        return Examined(self.check.area, self.check.name, found, time.monotonic() - self._at)

    def _work(self) -> None:
        self.slots.acquire()
        self._at = time.monotonic()
        self._started.set()
        self._found = findings_of(self.check, self.subject)
        self._ended.set()
        self._leave_slot()

    def _leave_slot(self) -> None:
        if self._leave.acquire(blocking=False):  # never given back: a slot is left once
            self.slots.release()


def _late(check: Check[Any]) -> Finding:
    again = f"try it alone: cosell doctor --only {check.area}"
    return warning(f"took longer than {check.seconds:.0f} s and was given up", check.name, again)


def findings_of[T](check: Check[T], subject: T) -> list[Finding]:
    """What one check found, also before it failed, and what kept it from looking further."""
    found: list[Finding] = []
    try:
        for each in check.run(subject):
            found.append(each)
    except Exception as caught:
        found.append(_failure(check, caught))
    return found


def _failure(check: Check[Any], caught: Exception) -> Finding:
    """A failed check as a finding. Only texts that our own errors and AWS's codes hold are shown."""
    if isinstance(caught, ClientError):
        return _refused(check, caught)
    if isinstance(caught, (Unauthorized, UserError)):
        return error(str(caught), check.name, _REFUSED_VENDOR)
    if isinstance(caught, NotChecked):
        return warning(f"not checked: {caught}", check.name, "put that right first, then run the doctor again")
    said, do = f"{type(caught).__name__} in the check", "a fault of the doctor: report it"
    if isinstance(caught, CosellError):
        said, do = str(caught), "run the doctor again in a minute; if it stays, report it"
    elif isinstance(caught, BotoCoreError):
        said, do = type(caught).__name__, "sign in to AWS; check region and network"
    return warning(f"could not be checked: {said}", check.name, do)


def _refused(check: Check[Any], caught: ClientError) -> Finding:
    said = caught.response.get("Error", {})
    code, message = said.get("Code", ""), said.get("Message", "")
    if code in _DENIED:
        stated = _PERFORM.search(message)
        needed = stated[1] if stated else check.needs or f"what {caught.operation_name} needs"
        return warning("could not be checked: no permission", check.name, f"allow {needed}")
    do = f"the call needs {check.needs}" if check.needs else "run the doctor again; if it stays, report it"
    return warning(f"could not be checked: {caught.operation_name} answered {code}", check.name, do)
