"""What a function needs, as data: environment and permissions are given together, neither without the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from aws_cdk import Duration
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.partner_access import PartnerAccess
from constructs_lib.parts import grant_send
from constructs_lib.secrets import grant_secret
from constructs_lib.sync_events import SyncEvents
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger


class Access(Enum):
    """How far into a table. ``LINKS`` and ``DELETE`` are for the ledger only.

    ``LINKS``: read and change links, no other item. ``WRITE``: read, put, update. ``DELETE``: that, and delete.
    """

    NONE = "none"
    READ = "read"
    LINKS = "links"
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """One function and all that it touches.

    Attributes:
        name: kebab case.
        handler: ``lambdas.….handler``.
        does: one line for the console.
        ledger, runs: how far into those tables; default not at all.
        due: queries the index of due links.
        audit: appends to the audit table; needs the ledger too, where each chain has its head (``LINKS`` or more).
        reports_audit: reads the audit table, whole records by key and by the indexes; changes nothing there.
        hubspot: calls HubSpot (reads the token).
        partner: speaks with the partner; such a function works in the partner's room.
        room: works in the partner's room without speaking with it.
        events: announces on the bus.
        sends: environment variables of the queues that it sends to.
        timeout: default 30 s.
    """

    name: str
    handler: str
    does: str
    ledger: Access = Access.NONE
    runs: Access = Access.NONE
    due: bool = False
    audit: bool = False
    reports_audit: bool = False
    hubspot: bool = False
    partner: bool = False
    room: bool = False
    events: bool = False
    sends: tuple[str, ...] = ()
    timeout: Duration = field(default_factory=lambda: Duration.seconds(30))


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What there is to be needed.

    ``queues`` maps environment variables to queues; ``partner`` and ``room`` (the module of the partner's room, see
    ``lambdas/shared/room.py``) are only there for a partner's functions.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    queues: Mapping[str, sqs.IQueue]
    events: SyncEvents | None = None
    partner: PartnerAccess | None = None
    room: str | None = None


def build_function(scope: Construct, construct_id: str, needs: Needs, resources: Resources) -> SyncFunction:
    """The function with exactly the variables and permissions of what it needs."""
    function = SyncFunction(
        scope,
        construct_id,
        SyncFunctionProps(
            name=needs.name,
            handler=needs.handler,
            defaults=resources.functions,
            description=needs.does,
            timeout=needs.timeout,
        ),
    )
    _give_tables(function, needs, resources.ledger)
    if needs.hubspot:
        grant_secret(function, "COSELL_HUBSPOT_TOKEN_SECRET", resources.token_secret)
    if needs.partner or needs.room:
        _give_room(function, needs, resources)
    if needs.events and resources.events is not None:
        function.add_environment("COSELL_EVENTS_BUS", resources.events.bus.event_bus_name)
        resources.events.grant_put(function)
    for variable in needs.sends:
        function.add_environment(variable, resources.queues[variable].queue_url)
        grant_send(resources.queues[variable], function)
    return function


def _give_tables(function: SyncFunction, needs: Needs, ledger: SyncLedger) -> None:
    if needs.ledger is not Access.NONE:
        function.add_environment("COSELL_LEDGER_TABLE", ledger.ledger.table_name)
        grants = {
            Access.READ: ledger.grant_read,
            Access.LINKS: ledger.grant_change_links,
            Access.WRITE: ledger.grant_read_write,
            Access.DELETE: ledger.grant_read_write_delete,
        }
        grants[needs.ledger](function)
    if needs.runs is not Access.NONE:
        function.add_environment("COSELL_RUNS_TABLE", ledger.runs.table_name)
        (ledger.grant_runs_read if needs.runs is Access.READ else ledger.grant_runs_read_write)(function)
    if needs.audit:
        if needs.ledger is Access.NONE:
            raise ValueError(f"{function.node.path} appends to the audit, whose chains have their heads in the ledger")
        function.add_environment("COSELL_AUDIT_TABLE", ledger.audit.table_name)
        function.add_environment("COSELL_AUDIT_KEPT_DAYS", str(ledger.audit_kept_days))
        function.add_environment("COSELL_SUBJECT_KEY", ledger.subject_key.key_arn)
        ledger.grant_audit_append(function)
        ledger.grant_conceal(function)
    if needs.reports_audit:
        function.add_environment("COSELL_AUDIT_TABLE", ledger.audit.table_name)
        ledger.grant_audit_report(function)
    if needs.due:
        ledger.grant_due(function)


def _give_room(function: SyncFunction, needs: Needs, resources: Resources) -> None:
    if resources.room is None:
        raise ValueError(f"{function.node.path} works in a partner's room, but none was given")
    function.add_environment("COSELL_ROOM", resources.room)
    if not needs.partner:
        return
    if resources.partner is None:
        raise ValueError(f"{function.node.path} speaks with a partner, but no access to it was given")
    resources.partner.give(function)
