"""AWS's prices as data, and what a use costs by them: pure, but for reading the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("prices.yaml")
MONTH_MINUTES = 730 * 60
# A pipe or an event source mapping holds five long polls of 20 seconds at a queue that is empty, each a request.
# AWS documents the five for Lambda's; that Pipes holds as many is our assumption.
POLLERS, POLL_SECONDS = 5, 20


def load() -> dict[str, Any]:
    """``prices.yaml``."""
    return yaml.safe_load(FILE.read_text())


def by_service(prices: Mapping[str, Any], region: str, use: Mapping[str, float]) -> dict[str, float]:
    """Dollars by service for what was used, by the rows of ``prices.yaml``.

    ``KeyError`` for a region or a row that it lacks.
    """
    rows = prices["regions"][region]
    cost = {name: quantity * rows[name]["price"] / rows[name]["per"] for name, quantity in use.items()}
    homes = {row: service for service, own in prices["services"].items() for row in own}
    totals = dict.fromkeys(prices["services"], 0.0)
    for row, dollars in cost.items():
        totals[homes[row]] += dollars
    return totals


def unconfirmed(prices: Mapping[str, Any], region: str) -> list[str]:
    """Rows of a region that nobody has compared with the vendor's page."""
    return [name for name, row in prices["regions"][region].items() if row["checked"] != "yes"]


def scaled(use: Mapping[str, float], times: float) -> dict[str, float]:
    """The same use so many times."""
    return {name: quantity * times for name, quantity in use.items()}


def added(*uses: Mapping[str, float]) -> dict[str, float]:
    """The sum of several uses."""
    total: dict[str, float] = {}
    for use in uses:
        for name, quantity in use.items():
            total[name] = total.get(name, 0.0) + quantity
    return total


def polling(queues: int) -> dict[str, float]:
    """A month's requests to so many queues that are empty."""
    return {"sqs_requests": queues * POLLERS * MONTH_MINUTES * 60 / POLL_SECONDS}
