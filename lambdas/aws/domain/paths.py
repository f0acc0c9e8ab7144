"""Writing into an opportunity by path, and one spelling for AWS's field names and our paths.

Paths are those of the field map (``lambdas.shared.domain.paths``): ``Project.Title``, or
``Project.ExpectedCustomerSpend[TargetCompany=AWS].Amount`` for the one list row whose ``TargetCompany`` is ``AWS``.
"""

from __future__ import annotations

import re
from typing import Any

from lambdas.shared.domain.paths import parse

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*|[0-9]+")

type _Row = dict[str, Any]


def set_path(target: _Row, path: str, value: Any) -> None:
    """Put ``value`` at ``path``, making what lies between; None takes the member away. Changes ``target``.

    Raises ``ValueError`` for what is no path.
    """
    holder = target
    *between, (name, key, wanted) = parse(path)
    for step in between:
        found = _enter(holder, *step, make=value is not None)
        if found is None:
            return
        holder = found
    if key is not None:
        others = [row for row in holder.get(name) or [] if row.get(key) != wanted]
        holder[name] = others if value is None else [*others, {key: wanted, **value}]
    elif value is None:
        holder.pop(name, None)
    else:
        holder[name] = value


def fold_path(path: str) -> str:
    """One spelling for our paths and AWS's field names: lower case, without indexes, selectors and ``member``.

    ``project.expectedCustomerSpend.1.member.amount`` and ``Project.ExpectedCustomerSpend[TargetCompany=AWS].Amount``
    both become ``project.expectedcustomerspend.amount``.
    """
    words = _WORD.findall(re.sub(r"\[[^\]]*\]", "", path))
    return ".".join(word.lower() for word in words if not word.isdigit() and word != "member")


def _enter(holder: _Row, name: str, key: str | None, wanted: str | None, *, make: bool) -> _Row | None:
    if key is not None:
        return _enter_row(holder, name, key, wanted, make=make)
    found = holder.get(name)
    if not isinstance(found, dict) and make:
        found = holder[name] = {}
    return found if isinstance(found, dict) else None


def _enter_row(holder: _Row, name: str, key: str, wanted: str | None, *, make: bool) -> _Row | None:
    rows = holder.get(name) or []
    row = next((row for row in rows if row.get(key) == wanted), None)
    if row is None and make:
        row = {key: wanted}
        holder[name] = [*rows, row]
    return row
