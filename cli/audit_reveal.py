"""What the audit has sealed, for whoever may read it: an operator who may decrypt with the stage's key of subjects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cli.stage import Place
from lambdas.shared.adapters.ledger import Subjects
from lambdas.shared.adapters.sealing import KeyWrap
from lambdas.shared.domain.personal import revealed

_JSON = ("changes", "conflicts", "picked")


def subjects_of(place: Place) -> Subjects:
    """The keys of people at a deployment stage."""
    wrap = KeyWrap(place.client("kms"), place.output("SubjectKeyArn"))
    return Subjects(place.client("dynamodb"), place.output("LedgerTableName"), wrap)


def revealing(place: Place) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Opens the sealed values of records as a report shows them; keys are asked for where there are any."""
    made: list[Subjects] = []

    def opened(sealed: Mapping[str, str]) -> Any:
        if not made:
            made.append(subjects_of(place))
        return made[0].open(sealed)

    return lambda record: revealed(record, opened)


def readable(record: Mapping[str, Any], subjects: Subjects) -> dict[str, Any]:
    """An audit record with its changes and conflicts as lists; values of forgotten people are ``(forgotten)``.

    The record's hash is over what is sealed: verify before, not after.
    """
    lists = {name: json.loads(record[name]) for name in _JSON if isinstance(record.get(name), str)}
    return {**record, **{name: revealed(one, subjects.open) for name, one in lists.items()}}
