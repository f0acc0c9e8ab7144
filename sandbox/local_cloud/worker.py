"""One Lambda execution environment: runs in a bare Python process, imports nothing of ours and nothing of the venv.

Started as ``python -I -S worker.py`` with the function's environment only. Standard input and output carry one JSON
document a line. First line in: ``{"code": [directories], "layers": [directories], "handler": "module.function"}``,
directories in the order of import; answer ``{"ready": milliseconds}`` or ``{"init_error": …}``. Then invocations:
``{"event", "request_id", "arn", "deadline"}``; answers: any number of ``{"log": line}`` (what the handler printed),
then one of ``{"result": …}``, ``{"error": {…}}``.

Started with the word ``nursery`` and what to import it forks such workers: see `nursery`.
"""

import functools
import gc
import glob
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any


class _Channel:
    """The parent's end of standard output; the handler's own prints go through `_Printed`."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def send(self, **message: Any) -> None:
        self._file.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._file.flush()


class _Printed:
    """Stands in for standard output and error: hands whole lines to the channel."""

    encoding = "utf-8"

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel
        self._pending = ""

    def write(self, text: str) -> int:
        self._pending += text
        while "\n" in self._pending:
            line, self._pending = self._pending.split("\n", 1)
            if line:
                self._channel.send(log=line)
        return len(text)

    def flush(self) -> None:
        pass

    def finish(self) -> None:
        if self._pending:
            self.write("\n")

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 2


class Context:
    """Lambda's context object."""

    def __init__(self, call: dict[str, Any]) -> None:
        self.aws_request_id = call["request_id"]
        self.invoked_function_arn = call["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context: Any = None
        self.identity: Any = None
        self._deadline = call["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's time-out."""
        return max(0, int((self._deadline - time.time()) * 1000))


def _error(error: BaseException) -> dict[str, Any]:
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def _load(start: dict[str, Any]) -> Callable[[Any, Context], Any]:
    directories = list(start["code"])
    for layer in start["layers"]:
        directories += [os.path.join(layer, "python"), layer]
    sys.path[:0] = directories
    sys.dont_write_bytecode = False
    module, function = start["handler"].rsplit(".", 1)
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def main() -> None:
    """Serve invocations until standard input is closed."""
    channel = _Channel(os.dup(1))
    os.dup2(2, 1)  # whatever writes to descriptor 1 below Python goes to the log file
    lines = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    printed = _Printed(channel)
    sys.stdout = sys.stderr = printed
    began = time.perf_counter()
    try:
        handler = _load(json.loads(lines.readline()))
    except BaseException as error:
        channel.send(init_error=_error(error))
        return
    channel.send(ready=(time.perf_counter() - began) * 1000)
    for line in lines:
        call = json.loads(line)
        try:
            answer = {"result": handler(call["event"], Context(call))}
            json.dumps(answer)
        except Exception as error:
            answer = {"error": _error(error)}
        printed.finish()
        channel.send(**answer)


def nursery(shared: dict[str, Any]) -> None:
    """Import the libraries that ``shared`` names, then fork and end workers until the other end hangs up.

    Standard input is a socket with one JSON document a line; ``{"environment", "directory"}`` comes with the two ends
    of pipes that become the worker's standard input and output, and is answered with its number.
    """
    channel, path = socket.socket(fileno=0), list(sys.path)
    sys.path[:0] = shared["folders"]
    for name in [*shared["libraries"], *_modules_of(shared["folders"], shared["quiet"])]:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    _read_ahead(shared["services"])
    sys.path[:] = path
    gc.freeze()
    children: set[int] = set()
    while True:
        order, descriptors = _order(channel)
        if not order:
            break
        if "end" in order:
            number = _end(children, order["end"])
        else:
            number = os.fork()
            if number == 0:
                _become_worker(order, descriptors)
            children.add(number)
        for descriptor in descriptors:
            os.close(descriptor)
        channel.sendall(b"%d" % number)
    for number in list(children):
        _end(children, number)


def _modules_of(folders: list[str], patterns: list[str]) -> Iterator[str]:
    """The names of the modules whose files, seen from one of ``folders``, fit one of ``patterns``."""
    for folder in folders:
        for file in sorted(file for each in patterns for file in glob.glob(each, root_dir=folder, recursive=True)):
            yield file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def _read_ahead(services: list[str]) -> None:
    """Read the AWS SDK's descriptions of services here, and give every worker's sessions the loader that holds them.

    Parsing them is most of what a worker's first clients cost. A loader keeps what it read and its clients share it, so
    that a session which begins with a full one differs in nothing but time.
    """
    try:
        loaders = importlib.import_module("botocore.loaders")
        sessions = importlib.import_module("botocore.session")
    except ImportError:
        return
    loader = loaders.create_loader()
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader.load_data(name)
    for service in set(services).intersection(loader.list_available_services("service-2")):
        for kind in ("service-2", "endpoint-rule-set-1"):
            loader.load_service_model(service, kind)
    vars(sessions)["create_loader"] = lambda path=None: loaders.create_loader(path) if path else loader
    _remember_events(importlib.import_module("botocore.hooks"))
    sessions.get_session()  # makes a list of some hundred handlers, as each worker's sessions will


def _remember_events(hooks: types.ModuleType) -> None:
    """Have the SDK work out once what it works out for every session and client: an event's name in its own list of
    names, and whether a handler takes any argument. Both hang on nothing but what is asked."""
    begin, takes = hooks.EventAliaser.__init__, hooks.accepts_kwargs
    names: dict[str, str] = {}
    known = functools.cache(takes)

    def begun(self: Any, emitter: Any, aliases: Any = None) -> None:
        begin(self, emitter, aliases)
        if self._event_aliases == hooks.EVENT_ALIASES:
            self._alias_name_cache = names

    hooks.EventAliaser.__init__ = begun
    vars(hooks)["accepts_kwargs"] = lambda asked: (
        known(asked) if isinstance(asked, types.FunctionType) else takes(asked)
    )


def _order(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next order with its descriptors; an empty one when the other end has hung up."""
    line = b""
    descriptors: list[int] = []
    while not line.endswith(b"\n"):
        more, came, _, _ = socket.recv_fds(channel, 65536, 2)
        descriptors += came
        if not more:
            return {}, descriptors
        line += more
    return json.loads(line), descriptors


def _end(children: set[int], number: int) -> int:
    """Kill a child and wait for its end; its number stays its own until then."""
    if number in children:
        children.discard(number)
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
    return number


def _become_worker(order: dict[str, Any], descriptors: list[int]) -> None:
    """What a fresh process would have been given, then a worker's life."""
    try:
        os.setsid()
        os.dup2(descriptors[0], 0)
        os.dup2(descriptors[1], 1)
        for descriptor in descriptors:
            os.close(descriptor)
        os.chdir(order["directory"])
        os.environ.clear()
        os.environ.update(order["environment"])
        main()
    finally:
        os._exit(0)


if __name__ == "__main__":
    nursery(json.loads(sys.argv[2])) if len(sys.argv) > 1 else main()
