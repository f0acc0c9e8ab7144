"""How far a command over many records is: a bar on the standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class Progressing:
    """A bar, or nothing (``bar`` None): what is being listed, how many records were looked at, what became of them."""

    def __init__(self, bar: Any = None) -> None:
        self._bar = bar
        self._task = bar.add_task("looking", total=None, counts="") if bar is not None else None
        self._counts: Counter[str] = Counter()
        self._total = 0

    def listing(self, what: str, number: int) -> None:
        """``number`` of ``what`` were listed so far."""
        self._update(description=f"{number} {what} listed")

    def ahead(self, number: int) -> None:
        """So many more records are to be looked at."""
        self._total += number
        self._update(total=self._total)

    def each[T](self, records: Iterable[T]) -> Iterator[T]:
        """The records, each counted as looked at."""
        for record in records:
            self._update(advance=1)
            yield record

    def heard(self, state: str) -> None:
        """What became of one."""
        self._counts[state] += 1
        self._update(counts=", ".join(f"{number} {name}" for name, number in self._counts.items()))

    def stop(self) -> None:
        """Leave the terminal to what is printed now."""
        if self._bar is not None:
            self._bar.stop()

    def _update(self, **changes: Any) -> None:
        if self._bar is not None:
            self._bar.update(self._task, **changes)


@contextmanager
def progressing() -> Generator[Progressing]:
    """A bar while it lasts."""
    if not sys.stderr.isatty():
        yield Progressing()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield Progressing(bar)
