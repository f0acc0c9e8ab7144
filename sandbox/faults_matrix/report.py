"""Run the cases and print the matrix: a table by machine or vendor and fault, and one line of JSON."""

from __future__ import annotations

import gc
import json
import multiprocessing
import random
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from sandbox.faults_matrix import faults as f
from sandbox.faults_matrix import matrix
from sandbox.faults_matrix.matrix import Matrix
from sandbox.faults_matrix.stumbling import Case

Failures = Mapping[str, list[str]]
_TOTAL = "all"
_SHOWN_EVERY = 250
_CHUNK = 25


def _say(line: str) -> None:
    print(line, flush=True)  # a run takes long, and its output goes to a file


def run(
    *,
    only: str | None = None,
    case: str | None = None,
    sample: int | None = None,
    seed: int = 1,
    begin: int = 1,
    processes: int = 1,
    show: Callable[[str], None] = _say,
) -> int:
    """Exit status: 0 when every case held. ``KeyError`` with a sentence when no case is named so.

    ``begin``: the number of the first case, from 1, where a run that was cut off goes on.
    """
    whole = matrix.build()
    cases = chosen(whole, only, case, sample, seed)[begin - 1 :]
    ran: list[Case] = []
    failures: dict[str, list[str]] = {}
    for done, wrong in played(cases, processes):
        ran.append(done)
        if wrong:
            failures[done.id] = wrong
            show(f"FAILED  cosell faults --case {shlex.quote(done.id)}")
            for line in wrong if case else wrong[:2]:
                show(f"        {line}")
        if len(ran) % _SHOWN_EVERY == 0:
            show(f"{begin - 1 + len(ran)} of {begin - 1 + len(cases)} run, {len(failures)} failed")
    picked = {one.row for one in cases}
    skipped = [one for one in whole.not_applicable if one[0] in picked] if only or case else whole.not_applicable
    for line in table(ran, failures, skipped):
        show(line)
    show(json.dumps(totals(ran, failures, skipped)))
    return 1 if failures else 0


def chosen(whole: Matrix, only: str | None, case: str | None, sample: int | None, seed: int) -> list[Case]:
    """The cases to run, in their order: those of one scenario together, since its undisturbed run is made once."""
    cases = [one for one in whole.cases if (case is None or one.id == case) and (only is None or only in one.id)]
    if not cases:
        raise KeyError(f"no case is named {case or only!r}; an id reads: {whole.cases[0].id}")
    if sample is not None and sample < len(cases):
        drawn = set(random.Random(seed).sample(range(len(cases)), sample))
        cases = [one for number, one in enumerate(cases) if number in drawn]
    place = {name: number for number, name in enumerate(matrix.scenarios())}
    return sorted(cases, key=lambda one: place[one.scenario])


def spread(whole: Matrix, count: int, seed: int) -> list[Case]:
    """``count`` cases drawn by the seed, as evenly as they come over kinds of fault and over machines and vendors."""
    left = random.Random(seed).sample(whole.cases, len(whole.cases))
    drawn: list[Case] = []
    faults, groups = Counter[str](), Counter[str]()
    for _ in range(min(count, len(left))):
        one = min(left, key=lambda case: (faults[case.fault], groups[case.row.group]))
        left.remove(one)
        drawn.append(one)
        faults[one.fault] += 1
        groups[one.row.group] += 1
    return drawn


def played(cases: list[Case], processes: int) -> Iterator[tuple[Case, list[str]]]:
    """Each case and what did not hold, in their order."""
    if processes == 1:
        yield from _run_all(cases)
        return
    chunks = [cases[at : at + _CHUNK] for at in range(0, len(cases), _CHUNK)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for some in pool.imap(_run_listed, chunks):
            yield from some


def _run_listed(cases: list[Case]) -> list[tuple[Case, list[str]]]:
    return list(_run_all(cases))


def _run_all(cases: list[Case]) -> Iterator[tuple[Case, list[str]]]:
    """A world is full of cycles and gone after its case: what is collected in the middle of it is looked at in vain."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for one in cases:
            yield one, matrix.run(one)
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()


def table(ran: Iterable[Case], failures: Failures, skipped: Iterable[tuple[f.Row, str, str]]) -> list[str]:
    """A line for each machine and vendor: held of run by fault; ``-``: not applicable, a dot: not run."""
    run, held, names = Counter(), Counter(), set()
    none = {(row.group, fault) for row, fault, _ in skipped}
    for one in ran:
        for name in (one.row.group, _TOTAL):
            names.add(name)
            run[name, one.fault] += 1
            held[name, one.fault] += one.id not in failures
    order = [*sorted(names - {_TOTAL}), *([_TOTAL] if names else [])]
    rows = [["held of run", *f.FAULTS]]
    for name in order:
        cells = [
            f"{held[name, fault]}/{run[name, fault]}" if run[name, fault] else "-" if (name, fault) in none else "."
            for fault in f.FAULTS
        ]
        rows.append([name, *cells])
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    reasons = Counter((fault, why) for _, fault, why in skipped)
    return [*lines, "", *(f"not applicable: {n} × {fault}: {why}" for (fault, why), n in sorted(reasons.items()))]


def totals(ran: list[Case], failures: Failures, skipped: list[tuple[f.Row, str, str]]) -> dict[str, object]:
    """The one line of JSON."""
    return {
        "cases": len(ran),
        "held": len(ran) - len(failures),
        "failed": len(failures),
        "not_applicable": len(skipped),
        "rows": len({one.row for one in ran}),
        "failed_cases": sorted(failures),
    }
