"""The ledger in DynamoDB: links and what belongs to them. The layout is docs/architecture.md, "Ledger table".

A name is loaded when it is first asked for, so that a function pays at its cold start for what it uses only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdas.shared.adapters.ledger.audit import Audit
    from lambdas.shared.adapters.ledger.audit_reading import AuditReader
    from lambdas.shared.adapters.ledger.audit_timeline import AuditTimeline
    from lambdas.shared.adapters.ledger.backfills import Backfills, Progress
    from lambdas.shared.adapters.ledger.base import Base, BaseDocument
    from lambdas.shared.adapters.ledger.census import Census, CensusPage
    from lambdas.shared.adapters.ledger.dead_letters import DeadLetter, DeadLetters, Quarantine
    from lambdas.shared.adapters.ledger.forgets import Forget, Forgets
    from lambdas.shared.adapters.ledger.invitations import Invitation, Invitations
    from lambdas.shared.adapters.ledger.leases import Leases
    from lambdas.shared.adapters.ledger.links import Links
    from lambdas.shared.adapters.ledger.merges import Moved
    from lambdas.shared.adapters.ledger.origins import Origins
    from lambdas.shared.adapters.ledger.runs import Runs
    from lambdas.shared.adapters.ledger.seen import Seen
    from lambdas.shared.adapters.ledger.subjects import Subjects
    from lambdas.shared.adapters.ledger.submissions import Submission, Submissions
    from lambdas.shared.adapters.ledger.survey import Survey
    from lambdas.shared.adapters.ledger.sweep import Sweep
    from lambdas.shared.adapters.ledger.watermarks import Watermark, Watermarks
    from lambdas.shared.adapters.ledger.write_quota import Reservation, WriteQuota

__all__ = [
    "Audit",
    "AuditReader",
    "AuditTimeline",
    "Backfills",
    "Base",
    "BaseDocument",
    "Census",
    "CensusPage",
    "DeadLetter",
    "DeadLetters",
    "Forget",
    "Forgets",
    "Invitation",
    "Invitations",
    "Leases",
    "Links",
    "Moved",
    "Origins",
    "Progress",
    "Quarantine",
    "Reservation",
    "Runs",
    "Seen",
    "Subjects",
    "Submission",
    "Submissions",
    "Survey",
    "Sweep",
    "Watermark",
    "Watermarks",
    "WriteQuota",
]

_HOMES = {
    "audit": ("Audit",),
    "audit_reading": ("AuditReader",),
    "audit_timeline": ("AuditTimeline",),
    "backfills": ("Backfills", "Progress"),
    "base": ("Base", "BaseDocument"),
    "census": ("Census", "CensusPage"),
    "dead_letters": ("DeadLetter", "DeadLetters", "Quarantine"),
    "forgets": ("Forget", "Forgets"),
    "invitations": ("Invitation", "Invitations"),
    "leases": ("Leases",),
    "links": ("Links",),
    "merges": ("Moved",),
    "origins": ("Origins",),
    "runs": ("Runs",),
    "seen": ("Seen",),
    "submissions": ("Submission", "Submissions"),
    "subjects": ("Subjects",),
    "survey": ("Survey",),
    "sweep": ("Sweep",),
    "watermarks": ("Watermark", "Watermarks"),
    "write_quota": ("Reservation", "WriteQuota"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """The public name, from the module that it lives in."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
