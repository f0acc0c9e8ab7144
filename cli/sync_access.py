"""What a command works with that does what the sync's functions do: the same adapters, put together for a place.

The rooms and the wiring of the functions find their resources by environment variables; here these come from the
stage's stack outputs and its configuration, for as long as the command runs. The operator's own AWS credentials sign.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import config
import lambdas
from cli.main import UserError
from cli.pace import Pace
from cli.stage import Place
from lambdas.shared.adapters.read_only import VARIABLE as READ_ONLY
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.values import Codec
from lambdas.shared.handlers.rehearsal import Deals, Stage

_LAMBDAS = lambdas.__name__  # longer in the wheel, where our rooms are subpackages
_ROOMS = ("aws", "microsoft", "google")
_HUBSPOT = "https://api.hubapi.com"
_NEWEST = 40
"""Records of a chain that are looked at for its last refusal."""


@dataclass(frozen=True)
class PartnerAccess:
    """One partner: its part of the settings document, the stage of a rehearsal, and its inbox."""

    name: str
    settings: Mapping[str, Any]
    stage: Stage
    inbox: Any
    quota_key: str

    @cached_property
    def rules(self) -> tuple[FieldRule, ...]:
        """The field map."""
        return parse_rules(self.settings)


@dataclass(frozen=True)
class Access:
    """``links``, ``base``, ``survey``, ``backfills``, ``quota`` and ``letters`` are the ledger's; ``partners`` those
    that are on; ``records`` gives the newest records of a link's chain in the audit, newest first."""

    hubspot: Any
    links: Any
    base: Any
    survey: Any
    backfills: Any
    quota: Any
    letters: Any
    partners: Mapping[str, PartnerAccess]
    records: Callable[[str], Sequence[Mapping[str, Any]]] = lambda _chain: ()
    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], Any] = time.sleep

    def pace(self, per_second: float) -> Pace:
        """Turns at that rate."""
        return Pace(per_second, sleep=self.sleep)

    def inbox(self, partner: str) -> Any:
        """A partner's queue of wake-ups."""
        return self.partners[partner].inbox


@contextmanager
def access_to(
    place: Place,
    partner: str | None = None,
    configuration: config.Configuration | None = None,
    *,
    read_only: bool = False,
) -> Generator[Access]:
    """Everything, put together; inside ``with`` the environment is the functions'.

    ``partner`` alone is reached where it is named. ``configuration`` is another than the one that is here.
    ``read_only``: whatever would be written is refused (``WriteRefused``). ``UserError`` for a partner that is not on
    in this stage, and for a stage that the configuration does not have.
    """
    configuration = configuration or config.load()
    if place.stage not in configuration.stages:
        raise UserError(f"stages.yaml has no stage {place.stage}; it has {', '.join(configuration.stages)}")
    partners = configuration.stages[place.stage].partners
    if partner is not None and partner not in partners:
        raise UserError(f"the partner {partner} is not on in {place.stage}; it has {', '.join(partners)}")
    wanted = partners if partner is None else [partner]
    settings = config.render_settings(configuration, place.stage)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        file.write_text(json.dumps(settings), "utf-8")
        found = {**variables(place, configuration, wanted), "COSELL_SETTINGS_FILE": str(file)}
        with _environment(found | ({READ_ONLY: "1"} if read_only else {})):
            yield _access(settings, wanted, place.outputs.get("AuditTableName"))


def variables(place: Place, configuration: config.Configuration, partners: Sequence[str]) -> dict[str, str]:
    """The functions' environment variables for a place. ``UserError`` names an output that the stage lacks."""
    stage = configuration.stages[place.stage]
    keyless = "google" in partners and not (stage.google is not None and stage.google.key)
    found = {
        "AWS_REGION": place.client_options["region_name"],
        "AWS_DEFAULT_REGION": place.client_options["region_name"],
        "COSELL_LEDGER_TABLE": place.output("LedgerTableName"),
        "COSELL_RUNS_TABLE": place.output("RunsTableName"),
        "COSELL_HUBSPOT_TOKEN_SECRET": place.output("HubspotTokenSecret"),
        "COSELL_HUBSPOT_API_URL": place.vendors.get("hubspot", _HUBSPOT),
        **_credentials(place, as_variables=keyless),
    }
    if stage.quota.table:
        found["COSELL_QUOTA_TABLE"] = stage.quota.table
    for partner in partners:
        found[f"COSELL_{partner.upper()}_INBOX_URL"] = place.output(f"{partner.capitalize()}InboxUrl")
    if "aws" in partners:
        central = stage.partner_central
        found["COSELL_PARTNER_CENTRAL_ROLE_ARN"] = f"arn:aws:iam::{central.account}:role/{central.role_name}"
        found["COSELL_PARTNER_CENTRAL_EXTERNAL_ID"] = central.external_id
    if "microsoft" in partners:
        found["COSELL_MICROSOFT_ACCESS_SECRET"] = place.output("MicrosoftAccessSecret")
    if "google" in partners and not keyless:
        found["COSELL_GOOGLE_KEY_SECRET"] = place.output("GoogleKeySecret")
    return found | _addresses(place)


def _credentials(place: Place, *, as_variables: bool) -> dict[str, str]:
    """The operator's. The room of Google reads variables, as Lambda sets them; whatever else is called finds, and
    renews, the operator's credentials by itself."""
    options = place.client_options
    if "aws_access_key_id" in options:
        return {
            "AWS_ACCESS_KEY_ID": options["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
            "AWS_ENDPOINT_URL": options["endpoint_url"],
        }
    if not as_variables:
        return {}
    import boto3

    found = boto3.Session().get_credentials()
    if found is None:
        raise UserError("there are no AWS credentials; sign in to the stage's account first")
    frozen = found.get_frozen_credentials()
    if not (frozen.access_key and frozen.secret_key):
        raise UserError("the AWS credentials that were found are empty; sign in to the stage's account first")
    keys: dict[str, str] = {"AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key}
    return keys | ({"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {})


def _addresses(place: Place) -> dict[str, str]:
    """Where the simulated vendors are; the real ones need no word."""
    told = place.vendors
    found = {
        "AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING": told.get("partner_central"),
        "COSELL_MICROSOFT_API_URL": told.get("microsoft"),
        **{f"COSELL_GOOGLE_{name}_URL": told.get("google") for name in ("CHANNEL", "CRM", "STS", "IAM")},
        "COSELL_GOOGLE_TOKEN_URL": f"{told['google']}/token" if "google" in told else None,
    }
    return {name: address for name, address in found.items() if address}


@contextmanager
def _environment(found: Mapping[str, str]) -> Generator[None]:
    # The token of a session fits its own keys only.
    wanted: dict[str, str | None] = {**({"AWS_SESSION_TOKEN": None} if "AWS_ACCESS_KEY_ID" in found else {}), **found}
    before = {name: os.environ.get(name) for name in wanted}
    _put(wanted)
    _forget_clients()
    try:
        yield
    finally:
        _put(before)
        _forget_clients()


def _put(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def codecs_of(partner: str) -> Mapping[str, Codec]:
    """What a partner's room reads and writes values with, by name."""
    codecs: Mapping[str, Codec] = import_module(f"{_LAMBDAS}.{partner}.domain.codecs").CODECS
    return codecs


def _forget_clients() -> None:
    """The wiring keeps what it made for the life of a process; a command's is one place."""
    names = ("shared.wiring", *(f"{room}.{part}" for room in _ROOMS for part in ("wiring", "room")))
    for name in names:
        for made in vars(import_module(f"{_LAMBDAS}.{name}")).values():
            clear: Callable[[], None] | None = getattr(made, "cache_clear", None)
            if clear is not None:
                clear()


def _access(settings: Mapping[str, Any], partners: Sequence[str], audit_table: str | None) -> Access:
    from lambdas.shared import wiring
    from lambdas.shared.adapters.ledger import Audit, Backfills, DeadLetters, Survey

    client, table = wiring.client("dynamodb"), os.environ["COSELL_LEDGER_TABLE"]
    links, base, hubspot = wiring.links(), wiring.base(), wiring.hubspot()
    deals = Deals(hubspot, wiring.origins(), settings)
    audit = Audit(client, audit_table, ledger=table) if audit_table else None
    return Access(
        hubspot=hubspot,
        links=links,
        base=base,
        survey=Survey(client, table),
        backfills=Backfills(client, table),
        quota=wiring.write_quota(),
        letters=DeadLetters(client, table),
        records=(lambda chain: audit.entries(chain, _NEWEST)) if audit else (lambda _chain: ()),
        partners={name: _partner(name, deals, links, base) for name in partners},
    )


def _partner(name: str, deals: Deals, links: Any, base: Any) -> PartnerAccess:
    from lambdas.shared import wiring
    from lambdas.shared.room import extras_of

    room: Any = import_module(f"{_LAMBDAS}.{name}.room")
    ours = deals.settings["partners"][name]
    stage = Stage(deals, links, base, room.opportunities(), room.plan_run, extras_of(room))
    return PartnerAccess(name, ours, stage, wiring.inbox(name), quota_key(name, ours))


def quota_key(partner: str, settings: Mapping[str, Any]) -> str:
    """Under what the partner's writes are counted, ``aws#Sandbox``."""
    from lambdas.shared.handlers.reserve_quota import WHOLE_ACCOUNT

    return f"{partner}#{settings.get('catalog', WHOLE_ACCOUNT)}"
