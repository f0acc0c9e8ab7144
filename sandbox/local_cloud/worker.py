"""One Lambda execution environment: runs in a bare Python process, imports nothing of ours and nothing of the venv.

Started as ``python -I -S worker.py`` with the function's environment only. Standard input and output carry one JSON
document a line. First line in: ``{"code": [directories], "layers": [directories], "handler": "module.function"}``,
directories in the order of import; answer ``{"ready": milliseconds}`` or ``{"init_error": …}``. Then invocations:
``{"event", "request_id", "arn", "deadline"}``; answers: any number of ``{"log": line}`` (what the handler printed),
then one of ``{"result": …}``, ``{"error": {…}}``.
"""

import importlib
import json
import os
import sys
import time
import traceback


class _Channel:
    """The parent's end of standard output; the handler's own prints go through `_Printed`."""

    def __init__(self, descriptor):
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def send(self, **message):
        self._file.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._file.flush()


class _Printed:
    """Stands in for standard output and error: hands whole lines to the channel."""

    encoding = "utf-8"

    def __init__(self, channel):
        self._channel = channel
        self._pending = ""

    def write(self, text):
        self._pending += text
        while "\n" in self._pending:
            line, self._pending = self._pending.split("\n", 1)
            if line:
                self._channel.send(log=line)
        return len(text)

    def flush(self):
        pass

    def finish(self):
        if self._pending:
            self.write("\n")

    def isatty(self):
        return False

    def fileno(self):
        return 2


class Context:
    """Lambda's context object."""

    def __init__(self, call):
        self.aws_request_id = call["request_id"]
        self.invoked_function_arn = call["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        self.identity = None
        self._deadline = call["deadline"]

    def get_remaining_time_in_millis(self):
        """Milliseconds until the function's time-out."""
        return max(0, int((self._deadline - time.time()) * 1000))


def _error(error):
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def _load(start):
    directories = list(start["code"])
    for layer in start["layers"]:
        directories += [os.path.join(layer, "python"), layer]
    sys.path[:0] = directories
    sys.dont_write_bytecode = False
    module, function = start["handler"].rsplit(".", 1)
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def main():
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


if __name__ == "__main__":
    main()
