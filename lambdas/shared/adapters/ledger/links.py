"""``Links``: everything that can be asked of and done to the links in the ledger."""

from __future__ import annotations

from lambdas.shared.adapters.ledger.merges import LinkMerges
from lambdas.shared.adapters.ledger.opening import LinkOpening
from lambdas.shared.adapters.ledger.settling import LinkSettling


class Links(LinkOpening, LinkSettling, LinkMerges):
    """``Links(client, table, clock)``: ``client`` is a low-level DynamoDB client, ``table`` the ledger table's name.

    Reading and raising: ``link_table``; opening: ``opening``; tying and handing over: ``ties``; merged deals:
    ``merges``; create attempts: ``attempts``; what a run leaves behind: ``settling``. The lease is in ``leases``.
    """
