"""One fault, put into a run at the place that its case names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError
from requests.exceptions import ReadTimeout

from lambdas.shared.errors import Retryable
from sandbox.fakes import FakeClock
from sandbox.faults import Fault
from sandbox.faults_matrix import faults as f
from sandbox.faults_matrix.watching import Call, Record, Watching
from sandbox.local_cloud.failures import FunctionFailed
from sandbox.turned.baton import Actor
from sandbox.turned.probe import DOORS

OUTAGE_MS = 600_000
HOLD_SECONDS = 45.0
_TIMES = 2
_LAMBDA = {f.THROTTLE: "TooManyRequestsException", f.FAILING: "ServiceException"}
_OFF = {"dynamodb": "ProvisionedThroughputExceededException", "sqs": "SdkClientException"}
_TABLE = {f.THROTTLE: "ThrottlingException", f.FAILING: "InternalServerErrorException"}


class Crashed(BaseException):
    """The Lambda's process ends here; no ``except`` of the product sees it."""


@dataclass(frozen=True)
class Case:
    """A row, a fault, how it comes, and the scenario whose undisturbed run passes the row."""

    row: f.Row
    fault: str
    variant: str
    scenario: str

    @property
    def id(self) -> str:
        """By which it is run alone."""
        return f"{self.row}: {self.fault}, {self.variant}"


class Stumbling(Watching):
    """``breaks`` counts what may leave an intent without an outcome; ``broken`` are the executions that met it, and
    ``doubted`` the audit records that these wrote."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case, self.hits, self.breaks = case, 0, 0
        self.broken: set[str] = set()
        self._until, self._off_here = 0, False
        self._lose: Exception | None = None
        self._state = None if case.row.call else (case.row.group, case.row.name)

    @property
    def doubted(self) -> frozenset[Record]:
        """See the class."""
        return frozenset(record for record, name in self.written.items() if name in self.broken)

    def _now(self) -> int:
        clock: FakeClock = self.world.clock
        return clock.now_ms()

    def _times(self) -> int:
        return 1 if self.case.variant != f.LASTING else _TIMES

    def _breaks(self, name: str | None = None) -> None:
        name = name or self.world.baton.at_work()
        if name:  # the receivers are no executions, and write no audit records
            self.breaks += 1
            self.broken.add(name)

    # States.

    def entered(self, actor: Actor, row: str, state: str) -> None:
        """Crash, hold or shut off here, if this is the place."""
        super().entered(actor, row, state)
        if (row, state) != self._state or self.hits:
            return
        if self.case.fault == f.BETWEEN:
            self.hits += 1
            self._breaks(actor.name)
            actor.dead = True
        elif self.case.fault in (f.TWICE, f.REORDERED):
            self.hits += 1
            self._deliver_again(actor.name)
            if actor.live == 1:  # one branch of several cannot be held alone
                self.world.baton.pause(actor, HOLD_SECONDS)
        elif self.case.fault in (f.TABLE, f.QUEUE):
            self.hits += 1
            self._until = self._now() + OUTAGE_MS

    def _deliver_again(self, actor_name: str) -> None:
        """The message once more while its first run stands; or all that wait, newest first, and what went before."""
        queue, messages = self.taken[actor_name]
        again = [(queue, one) for one in messages]
        if self.case.fault == f.REORDERED:
            for each in self.world.sqs.queues.values():
                each.messages.reverse()
            for side in self.world.sides.values():
                getattr(side, "events", []).reverse()
            again = [(name, one) for name, one in self.log[-6:] if not name.endswith(".dead")][::-1]
        for name, one in again:
            held = self.world.sqs.queue(name)
            held.messages.append(replace(one, message_id=f"{one.message_id}-again", visible_at=self._now(), receives=0))

    def done(self, row: str, state: str, resource: str, work: Callable[[], Any]) -> Any:
        """The task's call, or what stands in its place."""
        service = resource.partition(":")[0] if ":" in resource else None
        if service is not None:
            self._refuse_if_off(service, resource)
        if (row, state) != self._state or self.hits >= self._times():
            return self._in_lambda(work)
        if self.case.fault not in _OF_TASKS:
            return self._at_door(work) if row in DOORS else self._in_lambda(work)
        self.hits += 1
        if self.case.fault == f.LAMBDA:
            self.here.crash_at = int(self.case.variant)
            self._breaks()
            if self.here.crash_at == 0:
                raise _exit()
            return self._in_lambda(work)
        if self.case.fault == f.LOST:
            self._in_lambda(work)
        if self.case.fault in (f.LOST, f.TIMEOUT) and service is None:
            self._breaks()
            raise FunctionFailed({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out"})
        if self.case.fault in (f.LOST, f.TIMEOUT):
            raise TimeoutError
        codes = _LAMBDA if service is None else _TABLE
        raise _refused(codes[self.case.fault] if service != "sqs" else "SdkClientException", resource)

    def _at_door(self, work: Callable[[], Any]) -> Any:
        """A function that no machine calls while the table or the queues are off, or whose messages come again."""
        self.hits += 1
        if self.case.fault in (f.TWICE, f.REORDERED):
            self._deliver_again(self.world.baton.at_work())
            self.world.baton.sleep(HOLD_SECONDS)
        elif self.case.variant == f.LASTING:
            self.hits, self._until = _TIMES, self._now() + OUTAGE_MS
        else:
            self._off_here = True
        try:
            return self._in_lambda(work)
        finally:
            self._off_here = False

    def _in_lambda(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Crashed:
            raise _exit() from None
        finally:
            self.here.crash_at = None

    def after_effect(self, number: int) -> None:
        """The Lambda's end, if it comes after so many effects."""
        if getattr(self.here, "crash_at", None) == number:
            raise Crashed

    def call(self, service: str, action: str, request: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        """Refused while the table or the queues are shut off."""
        if getattr(self.here, "place", None) is not None:
            self._refuse_if_off(service, action)
        return super().call(service, action, request, work)

    def _refuse_if_off(self, service: str, action: str) -> None:
        off = {f.TABLE: "dynamodb", f.QUEUE: "sqs"}.get(self.case.fault)
        if service == off and (self._now() < self._until or (self._off_here and self.here.place == self._state)):
            self._breaks()
            raise _refused(
                "ProvisionedThroughputExceededException" if off == "dynamodb" else "SdkClientException", action
            )

    # Vendors.

    def asked(self, call: Call) -> Fault | None:
        """The vendor's answer in place of the true one, or None."""
        row, case = self.case.row, self.case
        if not row.call:
            return None
        here = call == (row.group, row.name, row.where)
        if case.variant == f.LASTING and case.fault != f.LOST:
            if here and not self.hits:
                self._until, self.hits = self._now() + OUTAGE_MS, 1
            return self._trouble(call[0]) if call[0] == row.group and self._now() < self._until else None
        if not here or self.hits >= self._times():
            return None
        self.hits += 1
        return self._trouble(call[0])

    def _trouble(self, vendor: str) -> Fault | None:
        fault = self.case.fault
        if fault == f.TIMEOUT:
            raise _no_answer(vendor)
        if fault == f.LOST:
            self._lose = _no_answer(vendor)
            return None
        if fault == f.LAMBDA:
            self._breaks()
            self.here.crash_at = self.here.effects + 1
            return None
        return Fault(**f.VENDOR_ANSWERS[vendor][fault])

    def answered(self, operation: str) -> None:
        """The answer does not arrive, if it is to be lost."""
        super().answered(operation)
        self.lose()

    def lose(self) -> None:
        """Raise what the caller sees in place of the answer, if it is to be lost."""
        if self._lose is not None:
            lost, self._lose = self._lose, None
            raise lost


_OF_TASKS = (f.THROTTLE, f.FAILING, f.TIMEOUT, f.LOST, f.LAMBDA)


def _exit() -> FunctionFailed:
    return FunctionFailed({"errorType": "Runtime.ExitError", "errorMessage": "signal: killed"})


def _no_answer(vendor: str) -> Exception:
    """As the transport of that vendor's adapter says that none came."""
    if vendor == "aws":
        return ReadTimeoutError(endpoint_url="https://partnercentral-selling.us-east-1.api.aws")
    return ReadTimeout() if vendor == "google" else Retryable("No answer came (ReadTimeoutError).")


def _refused(code: str, action: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": 400, "RequestId": "ordered"}
    return ClientError({"Error": {"Code": code, "Message": "as ordered"}, "ResponseMetadata": metadata}, action)
