"""Stands where Lambda's X-Ray daemon listens, and keeps what functions tell it."""

from __future__ import annotations

import secrets
import socket
import threading
from collections import deque


class TraceDaemon:
    """Listens on a port of its own from the start; ``stop`` ends it."""

    def __init__(self, *, keep: int = 20000) -> None:
        self._kept: deque[str] = deque(maxlen=keep)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._work, daemon=True, name="traces")
        self._thread.start()

    def environment(self) -> dict[str, str]:
        """What Lambda puts into a function's environment: here every invocation is of one sampled trace."""
        trace = f"Root=1-{secrets.token_hex(4)}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=1"
        return {"AWS_XRAY_DAEMON_ADDRESS": self.address, "_X_AMZN_TRACE_ID": trace}

    def documents(self) -> list[str]:
        """The newest segment documents as they came, oldest first."""
        return list(self._kept)

    def stop(self) -> None:
        """Listen no more."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(timeout=5)
        self._socket.close()

    def _work(self) -> None:
        while datagram := self._socket.recv(65536):
            self._kept.append(datagram.decode().rpartition("\n")[2])  # behind the protocol's header
