"""The local cloud: everything a synthesized app needs to run on one machine, without containers.

    with LocalCloud(environment_overrides={"COSELL_HUBSPOT_API_URL": hubspot.url}) as cloud:
        outputs = cloud.deploy(Path("cdk.out"))
        cloud.client("sqs").send_message(…)
        cloud.executions("aws-sync")

Services, CloudFormation, API Gateway, queues and buses are ministack's; functions run in our worker pool
(`functions`), machines in moto's interpreter (`interpreter`), fed by `pipes`; `events` carries events between
accounts and regions.
"""

from __future__ import annotations

import atexit
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from sandbox.local_cloud.alarms import alarm_state, find_alarm
from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.deploy import Deployed, Deployer
from sandbox.local_cloud.events import EventBridges
from sandbox.local_cloud.executions import ExecutionLog, ExecutionRecord, ExecutionRunner, service_caller
from sandbox.local_cloud.function_code import CodeStore
from sandbox.local_cloud.functions import FunctionCounters, FunctionPool
from sandbox.local_cloud.gateway import LambdaGateway
from sandbox.local_cloud.interpreter import ExecutionResult, Gate, Interpreter
from sandbox.local_cloud.ministack import Ministack
from sandbox.local_cloud.pipes import PipeRunner, wait_until_idle
from sandbox.local_cloud.telemetry import Place, Telemetry
from sandbox.local_cloud.traces import TraceDaemon

DEFAULT_ACCOUNT = "111111111111"
DEFAULT_REGION = "us-east-1"


class LocalCloud:
    """One running local cloud. Start it with ``with`` or `start`; `stop` ends every process it started.

    ``environment_overrides`` reach every function and win over its own variables; ``AWS_ENDPOINT_URL`` and
    ``AWS_DISABLE_HOST_PREFIX_INJECTION`` are set here. ``account`` and ``region`` stand in where a stack names none.
    ``workers_per_function`` and ``concurrency_limit`` bound the worker pool, ``fork_workers`` makes starts cheap,
    ``slack`` is how many times longer than declared a function or a task may take (a busy machine is not Lambda),
    ``time_scale`` and ``gate`` are the `Interpreter`'s, ``executions_file`` gets every execution as a JSON line.
    """

    def __init__(
        self,
        environment_overrides: Mapping[str, str] | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        workers_per_function: int = 4,
        concurrency_limit: int | None = None,
        fork_workers: bool = True,
        slack: float = 1.0,
        time_scale: float = 1.0,
        gate: Gate | None = None,
        executions_file: Path | None = None,
        ministack_log_level: str = "WARNING",
    ) -> None:
        self.account = account
        self.region = region
        self._overrides = dict(environment_overrides or {})
        self._workers = workers_per_function
        self._concurrency_limit = concurrency_limit
        self._fork_workers = fork_workers
        self._slack = slack
        self._time_scale = time_scale
        self._gate = gate
        self._executions_file = executions_file
        self._ministack = Ministack(region=region, account=account, log_level=ministack_log_level)
        self._places: set[tuple[str, str]] = {(account, region)}
        self._running = False

    def start(self) -> Self:
        """Start the processes and threads; returns when the services answer."""
        self._ministack.start()
        self.clients = Clients(self.endpoint, region=self.region, account=self.account)
        self.telemetry = Telemetry(self.clients)
        self.traces = TraceDaemon()
        base = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_DISABLE_HOST_PREFIX_INJECTION": "true"}
        base |= self.traces.environment()
        self.functions = FunctionPool(
            CodeStore(self.clients),
            overrides={**base, **self._overrides},
            workers_per_function=self._workers,
            concurrency_limit=self._concurrency_limit,
            fork=self._fork_workers,
            slack=self._slack,
            log_sink=self.telemetry.from_function,
            on_done=self.telemetry.from_invocation,
        )
        self.engine = Interpreter(
            invoke_function=self.functions.invoke,
            call_service=service_caller(self.clients, Place(self.account, self.region)),
            gate=self._gate,
            time_scale=self._time_scale,
            slack=self._slack,
        )
        self.log = ExecutionLog(file=self._executions_file)
        self.machines = ExecutionRunner(self.clients, self.engine, self.telemetry, self.log)
        self.pipes = PipeRunner(self.clients, self.machines)
        self.bridges = EventBridges(self.clients)
        self._gateway = LambdaGateway(self.functions)
        self._deployer = Deployer(self.clients)
        self._running = True
        atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """End everything. Safe to call twice."""
        if not self._running:
            self._ministack.stop()
            return
        self._running = False
        atexit.unregister(self.stop)
        self.pipes.ask_to_stop()
        self.bridges.ask_to_stop()
        self.telemetry.stop()
        self._gateway.stop()
        self.functions.stop()
        self.traces.stop()
        self._ministack.stop()  # upon which their long polls end
        self.pipes.stop()
        self.bridges.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """The URL for boto3's ``endpoint_url``."""
        return self._ministack.endpoint

    def client(self, service: str, *, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client of the local cloud (shared; do not close it)."""
        return self.clients.get(service, region=region, account=account)

    def deploy(
        self, cdk_out: Path, parameters: Mapping[str, Mapping[str, str]] | None = None
    ) -> dict[str, dict[str, str]]:
        """Create or update the assembly's stacks and start what they need; returns the outputs by stack name."""
        deployed = self._deployer.deploy(cdk_out, parameters)
        self._attach(deployed)
        return {entry.stack.name: entry.outputs for entry in deployed}

    def delete(self, cdk_out: Path) -> None:
        """Delete the assembly's stacks."""
        self._deployer.delete(cdk_out)
        self._attach([])

    def adopt(self) -> dict[str, dict[str, str]]:
        """Start what stacks need that somebody else deployed, such as the CDK's own command; returns the outputs of all
        stacks by their names. To be called after every such deployment."""
        self._attach([])
        found = [
            stack
            for account, region in self._places
            for page in self.client("cloudformation", account=account, region=region)
            .get_paginator("describe_stacks")
            .paginate()
            for stack in page["Stacks"]
        ]
        return {
            stack["StackName"]: {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
            for stack in found
        }

    def _attach(self, deployed: list[Deployed]) -> None:
        self._places |= {(entry.stack.account, entry.stack.region) for entry in deployed}
        self._gateway.route(self.clients, self._places)
        self.functions.forget()
        self.machines.forget()
        self.bridges.discover(self._places)
        self.pipes.discover(self._places)

    def run_machine(self, machine_arn: str, payload: Any, *, name: str | None = None) -> ExecutionResult:
        """Run a deployed machine directly, as StartSyncExecution does."""
        return self.machines.start(machine_arn, payload, name=name)

    def executions(self, machine: str | None = None, status: str | None = None) -> list[ExecutionRecord]:
        """Executions so far, oldest first, of machines whose name contains ``machine``, with that status."""
        return self.log.find(machine, status)

    def wait_until_idle(self, seconds: float = 10.0) -> bool:
        """Whether no execution was under way at some moment within ``seconds``."""
        return wait_until_idle(self.pipes, seconds)

    def alarm_state(self, name: str, *, region: str | None = None, account: str | None = None) -> str:
        """``ALARM``, ``OK`` or ``INSUFFICIENT_DATA`` of the deployed alarm (full name, or a unique part of it)."""
        self.telemetry.flush()
        alarm = find_alarm(self.clients, name, region=region, account=account)
        return alarm_state(self.clients, alarm)

    def cold(self) -> None:
        """Drop all idle workers: the next invocation of each function is a cold start."""
        self.functions.cold()

    @property
    def counters(self) -> Mapping[str, FunctionCounters]:
        """Invocations, cold starts, errors and durations by function name."""
        return self.functions.counters

    @property
    def problems(self) -> list[str]:
        """What went wrong in the local cloud's own threads; empty in a healthy run."""
        return [*self.pipes.problems, *self.bridges.problems, *self.telemetry.problems]

    def http_url(self, url: str) -> str:
        """The loopback URL of an API Gateway URL from a stack's outputs (``https://<api>.execute-api.…/<stage>/<path>``)."""
        parts = urlsplit(url)
        api, kind = parts.netloc.split(".")[:2]
        if kind != "execute-api":
            raise ValueError(f"not an API Gateway URL: {url}")
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.endpoint}/_aws/execute-api/{api}{parts.path}{query}"


def stop_on_signals(cloud: LocalCloud, then: Callable[[], None] = lambda: None) -> None:
    """Stop ``cloud`` on SIGINT and SIGTERM, run ``then`` and leave. For programs, not for tests."""

    def leave(number: int, _frame: FrameType | None) -> None:
        cloud.stop()
        then()
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, leave)
