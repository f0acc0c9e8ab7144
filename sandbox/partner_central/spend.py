"""Spend and contract value (fact sheet 2.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.partner_central.errors import BAD_VALUE, OUT_OF_RANGE, REQUIRED, TOO_MANY, Problem
from sandbox.partner_central.fields import DURATION, SPEND, get, put
from sandbox.partner_central.switches import Switches

_SHEET = "2.6"
_SELF, _AWS = "Self", "AWS"


def normalise(document: dict[str, Any]) -> None:
    """What the server makes of the rows before it stores them.

    Without ExpectedContractDuration any TargetCompany is stored as ``AWS``. Amount wins over EstimationUrl, which
    is dropped: the simulator has no calculator, so an estimate never agrees.
    """
    rows = get(document, SPEND) or []
    has_duration = get(document, DURATION) is not None
    for row in rows:
        if not has_duration and row.get("Frequency") != "None":
            row["TargetCompany"] = _AWS
        if row.get("Amount"):
            row.pop("EstimationUrl", None)
        else:
            row.pop("Amount", None)
    if rows:
        put(document, SPEND, rows)


def problems(document: dict[str, Any], switches: Switches, *, duration_given: bool) -> list[Problem]:
    """What is wrong with the rows and the duration. ``duration_given``: this request carries a duration."""
    rows = get(document, SPEND) or []
    found = [problem for row in rows for problem in _row(document, row, switches)]
    selfs = [row for row in rows if row.get("TargetCompany") == _SELF]
    if len(selfs) > 1:
        found.append(Problem(SPEND, TOO_MANY, "at most one row may have TargetCompany Self", _SHEET))
    if duration_given:
        found += _duration(document, bool(selfs))
    return found


def _row(document: dict[str, Any], row: dict[str, Any], switches: Switches) -> list[Problem]:
    found = _amount(row)
    currency, allowed = row["CurrencyCode"], ("USD", "EUR") if switches.euro_accepted else ("USD",)
    if currency not in allowed:
        text = f"CurrencyCode must be {' or '.join(allowed)}"
        found.append(Problem(f"{SPEND}.CurrencyCode", BAD_VALUE, text, "2.2"))
    if get(document, "Project.AwsPartition") == "aws-eusc" and currency != "EUR":
        found.append(Problem(f"{SPEND}.CurrencyCode", BAD_VALUE, "AwsPartition aws-eusc takes EUR only", "2.1"))
    found += _kind(document, row, switches)
    return found


def _amount(row: dict[str, Any]) -> list[Problem]:
    amount, url = row.get("Amount"), row.get("EstimationUrl")
    found = []
    if not amount and not url:
        text = "Amount is required unless EstimationUrl is given"
        found.append(Problem(f"{SPEND}.Amount", REQUIRED, text, _SHEET))
    if amount and Decimal(amount) <= 0:
        found.append(Problem(f"{SPEND}.Amount", OUT_OF_RANGE, "Amount must be greater than 0", _SHEET))
    if url and row["TargetCompany"] == _SELF:
        text = "a row with TargetCompany Self takes no EstimationUrl"
        found.append(Problem(f"{SPEND}.EstimationUrl", BAD_VALUE, text, _SHEET))
    return found


def _kind(document: dict[str, Any], row: dict[str, Any], switches: Switches) -> list[Problem]:
    if not switches.frequency_none_accepted:
        return []
    contract_value = row["TargetCompany"] == _SELF and get(document, DURATION) is not None
    if contract_value and row["Frequency"] != "None":
        text = "a contract value row (TargetCompany Self) has Frequency None"
        return [Problem(f"{SPEND}.Frequency", BAD_VALUE, text, _SHEET)]
    if not contract_value and row["Frequency"] == "None":
        text = "Frequency None is for TargetCompany Self with ExpectedContractDuration; otherwise Monthly"
        return [Problem(f"{SPEND}.Frequency", BAD_VALUE, text, _SHEET)]
    return []


def _duration(document: dict[str, Any], has_self: bool) -> list[Problem]:
    value = get(document, f"{DURATION}.Value") or ""
    found = []
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 144):
        text = "ExpectedContractDuration.Value must be a number of months from 1 to 144, as text"
        found.append(Problem(f"{DURATION}.Value", OUT_OF_RANGE, text, _SHEET))
    if not has_self:
        text = "ExpectedContractDuration belongs to a row with TargetCompany Self"
        found.append(Problem(DURATION, BAD_VALUE, text, _SHEET))
    return found
