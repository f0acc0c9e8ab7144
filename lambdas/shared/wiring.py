"""Puts adapters together from the function's environment. Only entry points use it; tests pass fakes instead.

Each import sits in its function, so that a function loads the adapters it needs and no others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lambdas.shared.clock import SystemClock

if TYPE_CHECKING:
    from lambdas.shared.adapters.hubspot import HubSpot
    from lambdas.shared.adapters.ledger import (
        Audit,
        Base,
        Census,
        DeadLetters,
        Forgets,
        Invitations,
        Leases,
        Links,
        Origins,
        Quarantine,
        Runs,
        Seen,
        Subjects,
        Submissions,
        Sweep,
        Watermarks,
        WriteQuota,
    )
    from lambdas.shared.adapters.queues import Queue
    from lambdas.shared.adapters.secrets import Secrets
    from lambdas.shared.room import Room


@cache
def client(service: str) -> Any:
    """One boto3 client per service. The machines retry, so the SDK only retries what is over in a moment."""
    import boto3
    from botocore.config import Config

    from lambdas.shared.adapters.read_only import gated_client

    make: Any = boto3.client  # one of some 400 overloads, by a name that comes in
    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    return gated_client(make(service, config=config))


def room() -> Room:
    """The partner's room that this function works in."""
    from lambdas.shared.room import this_room

    return this_room()


def settings() -> Mapping[str, Any]:
    """The deployment stage's settings document."""
    from lambdas.shared.settings import load_settings

    return load_settings()


@cache
def secrets() -> Secrets:
    """Secrets Manager behind a short cache."""
    from lambdas.shared.adapters.secrets import Secrets

    return Secrets(client("secretsmanager"), SystemClock())


@cache
def hubspot() -> HubSpot:
    """HubSpot with the app's own token, read at run time."""
    from zoneinfo import ZoneInfo

    from lambdas.shared.adapters.http import urllib3_transport
    from lambdas.shared.adapters.hubspot import HubSpot
    from lambdas.shared.adapters.read_only import gated
    from lambdas.shared.adapters.secrets import token_reader
    from lambdas.shared.vendor_calls import watched

    return HubSpot(
        token=token_reader(secrets(), os.environ["COSELL_HUBSPOT_TOKEN_SECRET"]),
        base_url=os.environ["COSELL_HUBSPOT_API_URL"],
        http=watched(gated(urllib3_transport()), "hubspot"),
        zone=ZoneInfo(settings()["hubspot"]["time_zone"]),
    )


def queue(variable: str) -> Queue:
    """The queue whose URL an environment variable holds."""
    from lambdas.shared.adapters.queues import Queue

    return Queue(client("sqs"), os.environ[variable])


def inbox(partner: str) -> Queue:
    """The partner's inbox of wake-ups."""
    return queue(f"COSELL_{partner.upper()}_INBOX_URL")


def errands(partner: str, kind: str) -> Queue:
    """The inbox of a further machine of the partner, by the kind of its work (``submissions``)."""
    return queue(f"COSELL_{partner.upper()}_{kind.upper()}_URL")


def invitations_inbox(partner: str) -> Queue:
    """The partner's inbox of invitations."""
    return queue(f"COSELL_{partner.upper()}_INVITATIONS_URL")


def links() -> Links:
    """The links of the ledger."""
    from lambdas.shared.adapters.ledger import Links

    return Links(client("dynamodb"), _ledger_table(), SystemClock())


def base() -> Base:
    """The bases of the ledger."""
    from lambdas.shared.adapters.ledger import Base

    return Base(client("dynamodb"), _ledger_table())


def origins() -> Origins:
    """Which partner wrote what on HubSpot's records."""
    from lambdas.shared.adapters.ledger import Origins

    return Origins(client("dynamodb"), _ledger_table())


def runs() -> Runs:
    """The documents of running executions."""
    from lambdas.shared.adapters.ledger import Runs

    return Runs(client("dynamodb"), os.environ["COSELL_RUNS_TABLE"], SystemClock())


def seen() -> Seen:
    """What the looks have seen of each link."""
    from lambdas.shared.adapters.ledger import Seen

    return Seen(client("dynamodb"), _ledger_table(), SystemClock())


@cache
def subjects() -> Subjects:
    """The keys of people whose values are on record."""
    from lambdas.shared.adapters.ledger import Subjects
    from lambdas.shared.adapters.sealing import KeyWrap

    wrap = KeyWrap(client("kms"), os.environ["COSELL_SUBJECT_KEY"])
    return Subjects(client("dynamodb"), _ledger_table(), wrap, SystemClock())


def know_contacts(contacts: Iterable[Mapping[str, Any]]) -> None:
    """Remember whose address a contact has, so that they can be forgotten by either."""
    subjects().know(contacts)


def forgets() -> Forgets:
    """Who was asked to be forgotten, and how far that is."""
    from lambdas.shared.adapters.ledger import Forgets

    return Forgets(client("dynamodb"), _ledger_table())


def sweep() -> Sweep:
    """Every item of ledger and runs table, without a person."""
    from lambdas.shared.adapters.ledger import Sweep

    return Sweep(client("dynamodb"), _ledger_table(), os.environ["COSELL_RUNS_TABLE"])


def conceal(chain: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """An audit record's fields with personal values sealed. Keys are only touched where there are any."""
    from lambdas.shared.domain.personal import concealed

    return concealed(chain, fields, _personal(), lambda subject, value: subjects().seal(subject, chain, value))


@cache
def _personal() -> Mapping[str, Any]:
    """What is personal at each partner, read off the settings once and not for every record."""
    from lambdas.shared.domain.personal import personal_fields

    return {name: personal_fields(one) for name, one in settings()["partners"].items()}


def audit() -> Audit:
    """The append-only record, personal values sealed."""
    from lambdas.shared.adapters.ledger import Audit

    return Audit(
        client("dynamodb"),
        os.environ["COSELL_AUDIT_TABLE"],
        SystemClock(),
        ledger=_ledger_table(),
        kept_days=int(os.environ["COSELL_AUDIT_KEPT_DAYS"]),
        conceal=conceal,
    )


def write_quota() -> WriteQuota:
    """The partner account's write limiter."""
    from lambdas.shared.adapters.ledger import WriteQuota

    return WriteQuota(client("dynamodb"), os.environ.get("COSELL_QUOTA_TABLE") or _ledger_table(), SystemClock())


def census() -> Census:
    """All links, for counting them."""
    from lambdas.shared.adapters.ledger import Census

    return Census(client("dynamodb"), _ledger_table())


def watermarks() -> Watermarks:
    """How far each poll has read."""
    from lambdas.shared.adapters.ledger import Watermarks

    return Watermarks(client("dynamodb"), _ledger_table())


def invitations(partner: str) -> Invitations:
    """What was decided about each invitation."""
    from lambdas.shared.adapters.ledger import Invitations

    return Invitations(client("dynamodb"), _ledger_table(), partner, SystemClock())


def submissions(partner: str) -> Submissions:
    """What became of each submission."""
    from lambdas.shared.adapters.ledger import Submissions

    return Submissions(client("dynamodb"), _ledger_table(), partner, SystemClock())


def leases() -> Leases:
    """Leases, and the reports of failed work."""
    from lambdas.shared.adapters.ledger import Leases

    return Leases(client("dynamodb"), _ledger_table(), SystemClock())


def dead_letters() -> DeadLetters:
    """What the queues gave up."""
    from lambdas.shared.adapters.ledger import DeadLetters

    return DeadLetters(client("dynamodb"), _ledger_table(), SystemClock())


def quarantine() -> Quarantine:
    """Where unreadable input is kept."""
    from lambdas.shared.adapters.ledger import Quarantine

    return Quarantine(client("dynamodb"), _ledger_table(), SystemClock())


def _ledger_table() -> str:
    return os.environ["COSELL_LEDGER_TABLE"]


def announce() -> Any:
    """Puts events on the sync bus; see ``lambdas.shared.adapters.announcements``."""
    from lambdas.shared.adapters.announcements import Announcements

    return Announcements(client("events"), os.environ["COSELL_EVENTS_BUS"]).announce
