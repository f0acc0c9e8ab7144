"""The checks of ``cosell doctor``: one module per area, each a list ``CHECKS`` of small functions.

A further check is a function that takes the ``Deployment`` and yields findings (``ok``, ``warning``, ``error``), and
one line in its module's ``CHECKS``; a further area is a further module in ``ALL``.
"""

from __future__ import annotations

from cli.doctor_checks import alarms, aws, data, flow, google, hubspot, mappings, microsoft, secrets, stacks, work
from cli.doctor_checks.check import RUNBOOKS, Check, Examined, Finding, Level, examine
from cli.doctor_checks.deployment import Deployment

__all__ = ["ALL", "AREAS", "RUNBOOKS", "Check", "Deployment", "Examined", "Finding", "Level", "examine"]

_MODULES = (stacks, secrets, hubspot, mappings, aws, microsoft, google, flow, work, alarms, data)
ALL: tuple[Check[Deployment], ...] = tuple(check for module in _MODULES for check in module.CHECKS)
AREAS: tuple[str, ...] = tuple(dict.fromkeys(check.area for check in ALL))
