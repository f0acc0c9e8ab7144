"""The fact sheet's data (``facts.json``), read once."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

FACTS: dict[str, Any] = json.loads(files(str(__package__)).joinpath("facts.json").read_text("utf-8"))
ENUMS: dict[str, list[str]] = FACTS["enums"]
SUBSTATUSES: dict[str, list[str]] = FACTS["substatuses"]
TRANSITIONS: dict[str, list[str]] = FACTS["transitions"]
REFERRALS: str = FACTS["audiences"]["referrals"]
PARTNER_CENTER: str = FACTS["audiences"]["partner_center"]
MSFT: str = FACTS["organisation"]
