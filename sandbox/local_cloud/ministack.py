"""ministack as a child process: the emulated AWS services on one loopback port, mended by `ministack_process`.

`Ministack.start` returns once the services answer; `stop` ends the process and deletes its files. The child ends by
itself when this process is gone, however it went: it holds the reading end of a pipe whose writing end only we have.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

_PROCESS = Path(__file__).with_name("ministack_process.py")


class MinistackFailed(RuntimeError):
    """ministack ended or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """A loopback TCP port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Ministack:
    """One running ministack. ``endpoint`` is its URL, ``log_path`` its log until `stop`."""

    def __init__(self, *, region: str, account: str, log_level: str = "WARNING") -> None:
        self.region = region
        self.account = account
        self._log_level = log_level
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._home = Path()

    @property
    def endpoint(self) -> str:
        """The URL that boto3's ``endpoint_url`` wants."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        """Where ministack's own output goes."""
        return self._home / "ministack.log"

    def start(self, timeout_seconds: float = 120.0) -> Ministack:
        """Start it and wait until it answers; raises MinistackFailed."""
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="cosell-cloud-"))
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_PROCESS)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self._home,
                start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
            )
        atexit.register(self.stop)
        self._wait_until_ready(timeout_seconds)
        return self

    def stop(self) -> None:
        """End it and delete its files. Safe to call twice."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": self.region,
            "MINISTACK_ACCOUNT_ID": self.account,
            "STATE_DIR": str(self._home / "state"),
            "S3_DATA_DIR": str(self._home / "s3"),
            "LOG_LEVEL": self._log_level,
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",  # our own pool counts
        }

    def _wait_until_ready(self, timeout_seconds: float) -> None:
        until = time.monotonic() + timeout_seconds
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=10):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.03)
        tail = self.log_path.read_text(errors="replace")[-2000:]
        self.stop()
        raise MinistackFailed(f"ministack did not answer within {timeout_seconds:.0f} s. End of its log:\n{tail}")
