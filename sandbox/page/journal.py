"""What the buttons did: work in the background, and the lines that tell of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

from sandbox.world import NotSeen

type Work = Callable[[Callable[[str], None]], str | None]
"""Does something, tells how it goes by its argument, and returns what came of it."""

_KEPT = 30
_AT_ONCE = 4


@dataclass
class Entry:
    """One press of a button. ``at`` in epoch seconds; ``lines`` are what its work told."""

    title: str
    at: float
    state: Literal["under way", "done", "failed"] = "under way"
    lines: list[str] = field(default_factory=list)


class Journal:
    """The newest entries, and the threads that do their work."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sandbox-page-action")

    def begin(self, title: str, work: Work) -> Entry:
        """Have it done in the background."""
        entry = Entry(title, time.time())
        with self._lock:
            self._entries.appendleft(entry)
        self._threads.submit(self._do, entry, work)
        return entry

    def entries(self) -> list[Entry]:
        """Newest first."""
        with self._lock:
            return list(self._entries)

    def stop(self) -> None:
        """Nothing new is begun; what is under way ends with its world."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _do(self, entry: Entry, work: Work) -> None:
        try:
            last = work(entry.lines.append)
        except Exception as error:  # whatever a simulated vendor refuses is to be read on the page
            entry.lines.append(str(error) if isinstance(error, NotSeen) else f"{type(error).__name__}: {error}")
            entry.state = "failed"
            return
        if last:
            entry.lines.append(last)
        entry.state = "done"
