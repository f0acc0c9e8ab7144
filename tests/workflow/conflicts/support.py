"""One world for each partner whose four fields have four strategies, and what a test does on both sides of a deal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import config
from lambdas.shared.domain import paths
from sandbox.turned import Options, World
from sandbox.turned.probe import Probe
from tests.workflow.three_partners.support import ID, STATUS, come_to_rest, record

TAGS = {"aws": "#AWS", "microsoft": "#Microsoft", "google": "#GCP"}
STRATEGIES = ("manual", "hubspot-wins", "partner-wins", "last-write-wins")


@dataclass(frozen=True)
class Field:
    """A field of the map, the deal's property, and the path of the partner's document."""

    name: str
    property: str
    path: str


FIELDS: Mapping[str, Mapping[str, Field]] = {
    "aws": {
        "manual": Field("next_steps", "hs_next_step", "LifeCycle.NextSteps"),
        "hubspot-wins": Field("customer_problem", "description", "Project.CustomerBusinessProblem"),
        "partner-wins": Field("close_date", "closedate", "LifeCycle.TargetCloseDate"),
        "last-write-wins": Field("title", "dealname", "Project.Title"),
    },
    "microsoft": {
        "manual": Field("notes", "description", "details.notes"),
        "hubspot-wins": Field("deal_value", "amount", "details.dealValue"),
        "partner-wins": Field("closing_time", "closedate", "details.closingDateTime"),
        "last-write-wins": Field("currency", "deal_currency_code", "details.currency"),
    },
    "google": {
        "manual": Field("next_steps", "hs_next_step", "isvSolutionConnectInfo.nextStep"),
        "hubspot-wins": Field("description", "description", "opportunityInfo.description"),
        "partner-wins": Field("close_date", "closedate", "qualificationInfo.estimatedCloseDate"),
        "last-write-wins": Field("amount", "amount", "opportunityInfo.opportunityAmount"),
    },
}
LABEL = {"aws": "AWS", "microsoft": "Microsoft", "google": "Google"}
PREFIX = {"aws": "aws", "microsoft": "microsoft", "google": "gcp"}


class Meanwhile(Probe):
    """Lets something happen right before a state's call, once."""

    def __init__(self) -> None:
        self.planned: dict[str, Callable[[], Any]] = {}

    def task(self, row: str, state: str, resource: str, work: Callable[[], Any]) -> Any:
        self.planned.pop(state, lambda: None)()
        return work()


@cache
def world_of(partner: str) -> World:
    """The partner's world, shared by the tests of a process: each test has its own deal."""
    shipped = config.render_settings(config.load(), "sandbox")["partners"][partner]
    strategies = {each.name: strategy for strategy, each in FIELDS[partner].items()}
    fields = [
        {**rule, "strategy": strategies.get(rule["name"], rule["strategy"]), "together_with": None}  # each for itself
        for rule in shipped["fields"]
    ]
    return World(Options(partners=(partner,), settings={partner: {"fields": fields}}, probe=Meanwhile()))


class Both:
    """A deal in sync with its record at one partner."""

    def __init__(self, partner: str, number: int) -> None:
        self.partner, self.world, self.fields = partner, world_of(partner), FIELDS[partner]
        start = {"hs_next_step": "Agree on the scope"}
        made = self.world.new_deal(f"Conflict {number} {TAGS[partner]}", number=number, deal=start)
        self.deal_id = made.deal_id
        come_to_rest(self.world)
        if partner == "google":
            self.world.google.account.review(self.world.google.name_of(self.id), accept=True)
            come_to_rest(self.world)
        assert self.deal(STATUS[partner]) == "synced"
        self.pass_time()

    @property
    def id(self) -> str:
        return self.world.deal(self.deal_id)[ID[self.partner]]

    @property
    def link(self) -> Any:
        links = self.world.parts.links
        return links.get(links.for_deals(self.partner, [self.deal_id])[self.deal_id])

    @property
    def key(self) -> str:
        return self.link.key

    def pass_time(self) -> None:
        self.world.clock.advance(seconds=60)

    def deal(self, name: str) -> str | None:
        return self.world.deal(self.deal_id).get(name) or None

    def own(self, name: str) -> str | None:
        """A property of the partner's own: ``conflicts`` is ``aws_conflicts``."""
        return self.deal(f"{PREFIX[self.partner]}_{name}")

    def theirs(self, strategy: str) -> Any:
        return paths.get(record(self.world, self.deal_id, self.partner), self.fields[strategy].path)

    def edit(self, **properties: str) -> None:
        """A rep edits the deal; nothing runs yet."""
        self.world.hubspot.account.update("deals", self.deal_id, properties)

    def say(self, strategy: str, text: str) -> None:
        self.edit(**{self.fields[strategy].property: text})

    def pick(self, choice: str = "", single: str = "") -> None:
        """A rep picks, and everything runs."""
        self.pass_time()
        prefix = PREFIX[self.partner]
        texts = {f"{prefix}_conflict_pick": choice, f"{prefix}_conflict_field_picks": single}
        self.edit(**{name: text for name, text in texts.items() if text})
        self.rest()

    def answer(self, strategy: str, value: Any) -> None:
        """The partner's people edit the record; nothing runs yet."""
        self._editors[self.partner](self.fields[strategy].path, value)

    def meanwhile(self, state: str, act: Callable[[], Any]) -> None:
        """``act`` happens when a run is about to do that state's work."""
        self.world.options.probe.planned[state] = act

    def rest(self) -> None:
        come_to_rest(self.world)

    def tasks(self) -> list[str]:
        """Bodies of the tasks about a decision."""
        hubspot = self.world.hubspot.account
        written = [hubspot.values("tasks", each) for each in hubspot.associated("deals", self.deal_id, "tasks")]
        return [each["hs_task_body"] for each in written if each["hs_task_subject"].startswith("Decide between")]

    def changes(self) -> list[dict[str, Any]]:
        """Every change that the audit trail has of this deal's link, oldest first."""
        entries = reversed(self.world.parts.audit.entries(self.key))
        return [change for each in entries for change in json.loads(each.get("changes", "[]"))]

    def decisions(self) -> list[dict[str, Any]]:
        entries = self.world.parts.audit.entries(self.key)
        return [one for each in entries for one in json.loads(each.get("picked", "[]"))]

    @property
    def _editors(self) -> Mapping[str, Callable[[str, Any], Any]]:
        return {"aws": self._at_aws, "microsoft": self._at_microsoft, "google": self._at_google}

    def _at_aws(self, path: str, value: Any) -> None:
        self.world.central.account.edit_as_aws(self.id, fields={path: value})

    def _at_microsoft(self, path: str, value: Any) -> None:
        first, _, rest = path.partition(".")
        self.world.microsoft.account.edit_as_microsoft(self.id, **{first: {rest: value} if rest else value})

    def _at_google(self, path: str, value: Any) -> None:
        self.world.google.account.edit_as_google(self.world.google.name_of(self.id), {path: value})
