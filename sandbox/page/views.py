"""What the pages show, read from a world at the moment of asking."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.adapters.ledger import AuditReader
from lambdas.shared.adapters.ledger.survey import Survey
from lambdas.shared.domain.audit_report import shown
from lambdas.shared.domain.dead_letters import DeadLetter, cause_of
from lambdas.shared.domain.link import Link
from sandbox.assembly import STAGE
from sandbox.google.schema import get as google_get
from sandbox.hubspot.records import Record
from sandbox.local_cloud.executions import ExecutionRecord
from sandbox.local_cloud.interpreter import StateEvent
from sandbox.partner_central.fields import get
from sandbox.world import CATALOG, World

_NEWEST = 100
_PREFIX = f"cosell-{STAGE}-"
_POLLS = "poll"


@dataclass(frozen=True, kw_only=True)
class Sync:
    """How a deal stands with one partner, as the deal itself shows it."""

    partner: str
    tagged: bool
    status: str
    message: str
    record: str


@dataclass(frozen=True, kw_only=True)
class Deal:
    """One deal. ``links`` and ``records`` are filled where one deal is shown by itself."""

    id: str
    name: str
    amount: str
    stage: str
    changed_at: float
    syncs: tuple[Sync, ...]
    links: tuple[Link, ...] = ()
    contacts: int = 0
    companies: int = 0


@dataclass(frozen=True, kw_only=True)
class PartnerRecord:
    """An opportunity, a referral or an invitation at a partner."""

    kind: str
    id: str
    title: str
    status: str
    stage: str
    amount: str
    deal: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One state that was entered: how long after the beginning, how long it took (None: it was not left), in ms.

    ``trouble`` is what else happened to it: ``retried``, ``caught``, ``failed``, as often as it did.
    """

    state: str
    after: int
    took: int | None = None
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution. ``ids`` are what its messages named; ``steps`` are there where one is shown by itself."""

    name: str
    machine: str
    status: str
    at: float
    ms: int
    states: tuple[str, ...]
    ids: tuple[tuple[str, str], ...]
    error: str
    cause: str
    steps: tuple[Step, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it ended well."""
        return self.status == "SUCCEEDED"


class Views:
    """The views of one world; newest first everywhere."""

    def __init__(self, world: World) -> None:
        self._world = world

    def tags(self) -> list[str]:
        """The tags of the partners that are on."""
        return [str(one["tag"]) for one in self._world.settings["partners"].values() if one.get("tag")]

    def deals(self) -> list[Deal]:
        """All deals."""
        return [self._deal(record) for record in reversed(self._world.hubspot.records("deals"))]

    def deal(self, deal_id: str) -> Deal | None:
        """One deal with its links and how many companies and contacts it has."""
        record = next((one for one in self._world.hubspot.records("deals") if one.id == deal_id), None)
        if record is None:
            return None
        tied: dict[str, Any] = {
            kind: len(self._world.hubspot.associated("deals", deal_id, kind)) for kind in ("companies", "contacts")
        }
        links = tuple(link for link in self.links() if link.deal_id == deal_id)
        return replace(self._deal(record), links=links, **tied)

    def _deal(self, record: Record) -> Deal:
        values = record.values()
        name = values.get("dealname", "")
        partners = self._world.settings["partners"]
        return Deal(
            id=record.id,
            name=name,
            amount=values.get("amount", ""),
            stage=values.get("dealstage", ""),
            changed_at=record.updated_at / 1000,
            syncs=tuple(_sync(partner, one, values, name) for partner, one in partners.items()),
        )

    def partners(self) -> list[tuple[str, list[PartnerRecord]]]:
        """Each partner's records."""
        made = (("AWS", self._aws()), ("Microsoft", self._microsoft()), ("Google", self._google()))
        return [(name, list(records)[::-1]) for name, records in made]

    def _aws(self) -> Iterator[PartnerRecord]:
        for invitation in list(self._world.central.catalogs[CATALOG].invitations.values()):
            yield PartnerRecord(
                kind="invitation",
                id=invitation.id,
                title=invitation.title,
                status=invitation.status,
                stage="",
                amount="",
                deal="",
            )
        for one in list(self._world.opportunities().values()):
            spend = get(one.document, "Project.ExpectedCustomerSpend") or [{}]
            yield PartnerRecord(
                kind="opportunity",
                id=one.id,
                title=_text(get(one.document, "Project.Title")),
                status=one.review_status,
                stage=_text(get(one.document, "LifeCycle.Stage")),
                amount=_text(spend[0].get("Amount")),
                deal=_text(one.document.get("PartnerOpportunityIdentifier")),
            )

    def _microsoft(self) -> Iterator[PartnerRecord]:
        for one in list(self._world.microsoft.referrals.documents.values()):
            details = one.get("details") or {}
            yield PartnerRecord(
                kind="referral",
                id=one["id"],
                title=_text(one.get("name")),
                status=f"{_text(one.get('status'))}, {_text(one.get('substatus'))}",
                stage=_text(one.get("type")),
                amount=_text(details.get("dealValue")),
                deal=_text(one.get("externalReferenceId")),
            )

    def _google(self) -> Iterator[PartnerRecord]:
        for one in list(self._world.google.state.opportunities.values()):
            amount = google_get(one.document, "opportunityInfo.opportunityAmount") or {}
            yield PartnerRecord(
                kind="opportunity",
                id=one.name.removeprefix("opportunities/"),
                title=_text(google_get(one.document, "opportunityInfo.displayName")),
                status=one.state,
                stage=_text(google_get(one.document, "qualificationInfo.salesStage")),
                amount=_text(amount.get("units")),
                deal="",
            )

    def links(self) -> list[Link]:
        """The ledger's links."""
        found, _ = Survey(self._world.cloud.client("dynamodb"), self._world.outputs["LedgerTableName"]).everything()
        return sorted(found.values(), key=lambda link: link.updated_at, reverse=True)

    def executions(self, everything: bool) -> list[Execution]:
        """The newest executions, without those of the polls unless ``everything`` is asked for."""
        found = [_execution(one) for one in self._world.cloud.executions()[-10 * _NEWEST :][::-1]]
        return [one for one in found if everything or one.machine != _POLLS][:_NEWEST]

    def execution(self, name: str) -> Execution | None:
        """One execution with all that happened to its states."""
        record = next((one for one in self._world.cloud.executions() if one.result.name == name), None)
        if record is None:
            return None
        return replace(_execution(record), steps=tuple(steps_of(record.result.history, record.result.started_at)))

    def letters(self) -> list[dict[str, Any]]:
        """Dead letters, each with what it means and what to do."""
        return [_letter(one) for one in self._world.dead_letters().newest(limit=_NEWEST)]

    def audit(self, deal_id: str | None) -> list[dict[str, Any]]:
        """The newest records of a deal, or of today and yesterday; personal values stay sealed."""
        names = (self._world.outputs["AuditTableName"], self._world.outputs["LedgerTableName"])
        reader = AuditReader(self._world.cloud.client("dynamodb"), *names)
        if deal_id is not None:
            found = list(reader.deal(deal_id))
        else:
            days = (datetime.fromtimestamp(time.time() - back, UTC).date().isoformat() for back in (0, 86_400))
            found = [record for day in days for record in reader.day(day)]
        newest = sorted(found, key=lambda record: (record["at"], record.get("seq", 0)), reverse=True)[:_NEWEST]
        return [_readable(shown(record)) for record in newest]

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force at each vendor."""
        world = self._world
        servers = {
            "HubSpot": world.hubspot_server,
            "AWS": world.central_server,
            "Microsoft": world.microsoft_server,
            "Google": world.google_server,
        }
        rules = [{"vendor": name, **rule} for name, server in servers.items() for rule in server.faults.as_list()]
        return [rule for rule in rules if rule["left"] != 0 and (rule["status"] or rule["malformed"])]


def _sync(partner: str, settings: Mapping[str, Any], values: Mapping[str, str], name: str) -> Sync:
    properties = settings["status_properties"]
    return Sync(
        partner=partner,
        tagged=settings["tag"].lower() in name.lower(),
        status=values.get(properties["sync_status"], ""),
        message=values.get(properties["sync_message"], ""),
        record=values.get(properties["opportunity_id"], ""),
    )


def _execution(record: ExecutionRecord) -> Execution:
    result = record.result
    return Execution(
        name=result.name,
        machine=record.machine.removeprefix(_PREFIX),
        status=result.status,
        at=result.started_at,
        ms=round(record.duration_ms),
        states=tuple(result.states),
        ids=tuple(_ids(record.input)),
        error=result.error or "",
        cause=result.cause or "",
    )


def steps_of(history: Sequence[StateEvent], began: float) -> list[Step]:
    """The states in the order in which they were entered; branches of a parallel state run side by side."""
    steps: list[Step] = []
    under_way: dict[str, int] = {}
    for event in history:
        if event.what == "entered":
            under_way[event.state] = len(steps)
            steps.append(Step(state=event.state, after=round((event.at - began) * 1000)))
        elif (number := under_way.get(event.state)) is not None:
            step = steps[number]
            if event.what == "exited":
                steps[number] = replace(step, took=round((event.at - began) * 1000) - step.after)
            else:
                steps[number] = replace(step, trouble=(*step.trouble, event.what))
    return steps


def _ids(given: Any) -> Iterator[tuple[str, str]]:
    """What the messages of an execution named: a link, a poll, whatever stands in their bodies by itself."""
    for message in given if isinstance(given, list) else [given]:
        if not isinstance(message, dict):
            continue
        if "messageId" in message:
            yield "message", str(message["messageId"])
        try:
            body = json.loads(message.get("body", "{}"))
        except (TypeError, ValueError):
            continue
        if isinstance(body, dict):
            yield from ((name, str(value)) for name, value in body.items() if isinstance(value, str | int))


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    changes = [{name: value_text(value) for name, value in one.items()} for one in record.get("changes", ())]
    return record | {"changes": changes}


def value_text(value: Any) -> str:
    """A value of an audit record in a word or two: what is sealed is said to be."""
    if isinstance(value, Mapping):
        return "sealed" if "sealed" in value else ", ".join(f"{name} {value_text(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(one) for one in value)
    return _text(value)


def _letter(letter: DeadLetter) -> dict[str, Any]:
    cause = cause_of(letter)
    return {**asdict(letter), "means": cause.means, "do": cause.do, "at": letter.registered_at / 1000}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
