"""A report of the audit as a person reads it: a line for each record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.audit_report import rows

_OPERATIONS = {
    "UpdateDeal": "the deal",
    "CreateDeal": "a new deal",
    "UpdateOpportunity": "the record at {partner}",
    "CreateOpportunity": "a new record at {partner}",
}
_RULES = {"problem": "", "status": ""}
_LONGEST = 160


class Words:
    """One line a record: when, deal, partner, what, by whom, and why. A value longer than a line is cut."""

    def begin(self) -> str:
        """Nothing: the lines speak for themselves."""
        return ""

    def of(self, record: Mapping[str, Any]) -> str:
        """The record's line."""
        when = str(record.get("when") or "at an unknown time").replace("T", " ")[:19]
        whose = f"deal {record['deal']}" if record.get("deal") else f"opportunity {record.get('opportunity') or '-'}"
        partner = str(record.get("partner") or "-")
        return " ".join(f"{when}  {whose}  {partner:9}  {_said(record)}".splitlines()) + "\n"


def _said(record: Mapping[str, Any]) -> str:
    kind = record.get("kind")
    if kind == "intent":
        return f"writes {_where(record)}: {_fields(record)}{_by(record)}"
    if kind == "outcome":
        return _outcome(record)
    reason = f": {record['reason']}" if record.get("reason") else ""
    return f"decides {record.get('outcome') or kind}{reason}{_told(record)}{_by(record)}"


def _where(record: Mapping[str, Any]) -> str:
    operation = str(record.get("operation") or "something")
    partner = record.get("partner") or "the partner"
    return _OPERATIONS.get(operation, operation).format(partner=partner)


def _outcome(record: Mapping[str, Any]) -> str:
    result = str(record.get("result") or "unknown")
    if result == "done":
        return f"done (record {record.get('intent')})"
    word = "refused" if result == "Rejected" else f"not done, {result}"
    return f"{word} (record {record.get('intent')}): {record.get('reason') or 'no reason given'}"


def _told(record: Mapping[str, Any]) -> str:
    fields = _fields(record)
    return f"; {fields}" if fields else ""


def _fields(record: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (_field(one) for one in rows(record) if one.get("field"))))


def _field(one: Mapping[str, Any]) -> str:
    rule = str(one.get("rule") or "")
    named, why = str(one["field"]), f" ({rule})" if _RULES.get(rule, rule) else ""
    if rule == "problem":
        return f"{named}: {one.get('reason')}"
    if "before" not in one and "after" not in one:
        return f"{named}{why}"
    return f"{named} {_value(one.get('before'))} → {_value(one.get('after'))}{why}"


def _value(value: Any) -> str:
    if value in (None, ""):
        return "(empty)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"


def _by(record: Mapping[str, Any]) -> str:
    return f"; by {record['actor']}" if record.get("actor") else ""
