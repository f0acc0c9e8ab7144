"""One spelling for our paths and the fields that Google's refusals name."""

from __future__ import annotations

import re


def fold_path(path: str) -> str:
    """Lower case, without indexes, underscores and the request's own member before it.

    ``opportunity.opportunity_info.display_name`` and ``opportunityInfo.displayName`` become
    ``opportunityinfo.displayname``.
    """
    return re.sub(r"\[\d+\]|_", "", path).lower().removeprefix("opportunity.")
