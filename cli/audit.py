"""``cosell audit verify | heads | report``: whether the audit is whole, heads that lie behind, and reports of it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cli import audit_report
from cli.audit_heads import behind, move_on
from cli.audit_seals import Seals, verifier
from cli.audit_verify import Verification
from cli.main import UserError
from cli.stage import Place, add_stage, place_of
from lambdas.shared.adapters.audit_vault import AuditVault
from lambdas.shared.adapters.ledger import Audit, AuditReader
from lambdas.shared.adapters.ledger.links import Links
from lambdas.shared.domain.audit_chain import Finding
from lambdas.shared.domain.link import link_key


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell audit``."""
    parser.add_argument("what", choices=["verify", "heads", "report"])
    parser.add_argument(
        "--deal", metavar="ID", help="verify: only the chains of this deal (and all seals); report: only its records"
    )
    parser.add_argument(
        "--key",
        metavar="ARN",
        action="append",
        help="a key that signed earlier seals, beside the stage's own; may be repeated",
    )
    parser.add_argument(
        "--yes", action="store_true", help="heads: move on those that lie behind and fit (writes); default: only list"
    )
    audit_report.add(parser)
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """What was asked for; 1 when something is wrong."""
    if arguments.what == "heads":
        return _heads(arguments)
    if arguments.what == "report":
        return audit_report.run(arguments)
    return _verify(arguments)


def _heads(arguments: argparse.Namespace) -> int:
    """List the chains whose head lies behind, and with ``--yes`` move on those that fit."""
    place = place_of(arguments.stage)
    now_ms = time.time_ns() // 1_000_000
    names = (place.output("AuditTableName"), place.output("LedgerTableName"))
    audit = Audit(place.client("dynamodb"), names[0], ledger=names[1])
    wrong = 0
    with Verification(reader_of(place), now_ms) as verification:
        wrong += _print(verification.sealed(seals_of(place, now_ms, arguments.key or ())))
        for one in behind(verification):
            moved = arguments.yes and move_on(one, audit, now_ms)
            print(f"{one}\t{'moved' if moved else 'left'}")
            wrong += not one.fits
    return 1 if wrong else 0


def _verify(arguments: argparse.Namespace) -> int:
    """Print one line for each finding: chain, number, what is wrong. 1 when there is any."""
    place = place_of(arguments.stage)
    reader = reader_of(place)
    now_ms = time.time_ns() // 1_000_000
    seals = seals_of(place, now_ms, arguments.key or ())
    with Verification(reader, now_ms) as verification:
        wrong = _print(verification.sealed(seals))
        wrong += _print(_of_deal(verification, arguments.deal, place) if arguments.deal else verification.everything())
        wrong += _print(seals.none_at_all(verification.done.first_at))
        done = verification.done
    looked = f"{done.records} records in {done.chains} chains, {done.seals} seals to {done.sealed_through or 'none'}"
    print(f"{looked}: {f'{wrong} findings' if wrong else 'whole'}", file=sys.stderr)
    return 1 if wrong else 0


def seals_of(place: Place, now_ms: int, further_keys: Sequence[str] = ()) -> Seals:
    """The seals of a deployment stage, good where its own key, or a further one, has signed them."""
    outputs = place.outputs_of("audit", "AuditVaultBucket", "AuditKeyArn")
    key, kms = outputs["AuditKeyArn"], place.client("kms")
    vault = AuditVault(place.client("s3"), kms, outputs["AuditVaultBucket"], key)
    return Seals(vault, verifier(kms, [key, *further_keys]), now_ms)


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
