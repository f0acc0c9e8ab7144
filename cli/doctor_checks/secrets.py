"""Whether each secret of the stage is set and has its form. What it holds is never shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment, ago
from cli.secret_kinds import KINDS, SecretKind

AREA = "secrets"
_OLD_DAYS = 180
_BY_HAND = frozenset({"hubspot-token", "hubspot-webhook", "microsoft-app", "google-key"})


def _look_at(kind: SecretKind) -> Callable[[Deployment], Iterator[Finding]]:
    """Present, well-formed, and how old."""

    def look(d: Deployment) -> Iterator[Finding]:
        if _is_wanted(d, kind):
            yield _judged(d, kind)

    return look


def _is_wanted(d: Deployment, kind: SecretKind) -> bool:
    if kind.name.startswith("microsoft-"):
        return "microsoft" in d.stage.partners
    return kind.name != "google-key" or ("google" in d.stage.partners and bool(d.stage.google and d.stage.google.key))


def _judged(d: Deployment, kind: SecretKind) -> Finding:
    answer = d.client("secretsmanager").get_secret_value(SecretId=d.place.output(kind.output))
    how = kind.how.format(stage=d.name)
    try:
        document = json.loads(answer.get("SecretString") or "")
    except ValueError:
        document = None
    if not isinstance(document, dict) or kind.is_empty(document):
        return error("is not set", kind.name, how)
    if fault := kind.fault(document):
        return error(f"is not well-formed: {fault}", kind.name, how)
    age = d.now_ms() - answer["CreatedDate"].timestamp() * 1000
    if kind.name in _BY_HAND and age > _OLD_DAYS * 86_400_000:
        return warning(f"has been the same for {ago(age)}", kind.name, how.replace(" set ", " rotate "))
    return ok(f"set {ago(age)} ago, well-formed", kind.name)


CHECKS = [Check(area=AREA, name=kind.name, run=_look_at(kind), needs="secretsmanager:GetSecretValue") for kind in KINDS]
