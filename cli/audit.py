"""``cosell audit verify``: whether the audit is whole, and what is wrong with it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from cli.audit_verify import Verification
from cli.main import UserError
from cli.stage import Place, add_stage, place_of
from lambdas.shared.adapters.ledger import AuditReader
from lambdas.shared.adapters.ledger.links import Links
from lambdas.shared.domain.audit_chain import Finding
from lambdas.shared.domain.link import link_key


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell audit``."""
    parser.add_argument("what", choices=["verify"])
    parser.add_argument("--deal", metavar="ID", help="only the chains of this deal")
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each finding: chain, number, what is wrong. 1 when there is any."""
    place = place_of(arguments.stage)
    reader = reader_of(place)
    with Verification(reader, time.time_ns() // 1_000_000) as verification:
        found = _of_deal(verification, arguments.deal, place) if arguments.deal else verification.everything()
        wrong = _print(found)
        done = verification.done
    looked = f"{done.records} records in {done.chains} chains"
    print(f"{looked}: {f'{wrong} findings' if wrong else 'whole'}", file=sys.stderr)
    return 1 if wrong else 0


def reader_of(place: Place) -> AuditReader:
    """The audit of a deployment stage."""
    return AuditReader(place.client("dynamodb"), place.output("AuditTableName"), place.output("LedgerTableName"))


def _print(found: Iterable[Finding]) -> int:
    count = 0
    for one in found:
        print(one)
        count += 1
    return count


def _of_deal(verification: Verification, deal_id: str, place: Place) -> Iterator[Finding]:
    links = Links(place.client("dynamodb"), place.output("LedgerTableName"))
    chains = chains_of_deal(verification.reader, links, deal_id)
    if not chains:
        raise UserError(f"nothing was ever recorded of a deal {deal_id}")
    for chain in chains:
        yield from verification.one(chain)


def chains_of_deal(reader: Any, links: Any, deal_id: str) -> list[str]:
    """The chains with records of the deal, and those of its links: a head is there even where all records are gone."""
    named = set(reader.chains_of_deal(deal_id))
    for partner in ("aws", "microsoft", "google"):
        own = {link_key(partner, deal_id=deal_id), *links.for_deals(partner, [deal_id]).values()}
        named |= {chain for chain in own if reader.head(chain) is not None}
    return sorted(named)
