"""AWS opportunities behind the sync's port: bodies made and merged, refusals in the seller's words."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.partner_central_errors import ENTITY_FIELD, LOCK_CODES, refusal_codes
from lambdas.aws.domain.entities import KINDS, split
from lambdas.aws.domain.opportunity import to_create_body, to_update_body
from lambdas.aws.domain.owners import ASSIGN
from lambdas.aws.domain.refusals import explained
from lambdas.shared.adapters.opportunities import Memory, Read, Step, Written
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Conflict, Problem, Rejected

if TYPE_CHECKING:
    from lambdas.aws.adapters.partner_central import PartnerCentral

REFERENCE = "PartnerOpportunityIdentifier"
# The create's own clock and ours may differ.
_SKEW_MS = 600_000


class AwsOpportunities:
    """``Opportunities`` of one catalog. ``rules`` is the field map, ``properties`` maps roles to the deal's properties.
    The plan's steps are entities to be tied, as ``lambdas.aws.domain.entities`` writes them, and owners to be assigned:
    ``users`` by step (``lambdas.aws.domain.owners``).

    AWS takes the same create with the same token once, and answers it with the record that it made.
    """

    own_reference: str | None = REFERENCE
    repeatable_create = True
    create_shows_after_ms = 300_000

    def __init__(
        self,
        central: PartnerCentral,
        rules: Sequence[FieldRule] = (),
        properties: Mapping[str, str] | None = None,
        users: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._central = central
        self._rules = rules
        self._properties = properties or {}
        self._users = users or {}

    def read(self, opportunity_id: str) -> Read:
        """GetOpportunity's document at its ``LastModifiedDate``."""
        document = self._central.get_opportunity(opportunity_id)
        return Read(document, document["LastModifiedDate"])

    def mark(self, plan: Mapping[str, Any]) -> str | None:
        """None: the record names the deal."""
        return None

    def find_created(self, attempt: Mapping[str, Any]) -> Sequence[str]:
        """The opportunity that names the attempt's deal as its origin."""
        found = self._central.find_by_partner_identifier(attempt["deal_id"], int(attempt["at"]) - _SKEW_MS)
        return [found] if found else []

    def create(self, attempt: Mapping[str, Any], plan: Mapping[str, Any], memory: Memory) -> Written:
        """CreateOpportunity with the attempt's token."""
        body = to_create_body(plan["opportunity"]) | {REFERENCE: attempt["deal_id"]}
        try:
            created = self._central.create_opportunity(attempt["token"], body)
        except Rejected as error:
            raise Rejected(str(error), explained(error.problems, self._rules)) from None
        return Written(created["id"], created["version"])

    def update(self, current: Mapping[str, Any], plan: Mapping[str, Any]) -> Written:
        """UpdateOpportunity: the whole record as it was read, with the plan's changes merged in."""
        opportunity_id, version = current["Id"], current["LastModifiedDate"]
        body = to_update_body(current, plan["opportunity"])

        def has_moved() -> bool:
            return self._central.get_opportunity(opportunity_id)["LastModifiedDate"] != version

        with _in_sellers_words(self._rules, has_moved):
            updated = self._central.update_opportunity(opportunity_id, version, body)
        return Written(opportunity_id, updated["version"])

    def step(self, step: str) -> Step:
        """An entity to be tied, or an owner to be assigned, which the sync can do without."""
        if step.startswith(ASSIGN):
            return Step("AssignOpportunity", {"field": "owner", "after": step}, optional=True, family=ASSIGN)
        kind, identifier = split(step)
        return Step("AssociateOpportunity", {"field": KINDS[kind].field, "after": identifier})

    def complete(self, opportunity_id: str, step: str) -> None:
        """AssociateOpportunity with the entity; a refusal names the deal's property for entities of its kind. Or
        AssignOpportunity with the user of the step."""
        if step.startswith(ASSIGN):
            self._assign(opportunity_id, step)
            return
        kind, identifier = split(step)
        try:
            self._central.associate(opportunity_id, kind, identifier)
        except Rejected as error:
            raise Rejected(str(error), [self._on_the_deal(each, kind) for each in error.problems]) from None

    def _on_the_deal(self, problem: Problem, kind: str) -> Problem:
        role = KINDS[kind].role
        name = self._properties.get(role)
        if name is None or problem.field != ENTITY_FIELD:
            return problem
        message = problem.message.replace(ENTITY_FIELD, f"what the deal property {name!r} (or the settings) names")
        return replace(problem, field=role, property=name, message=message)

    def _assign(self, opportunity_id: str, step: str) -> None:
        user = self._users.get(step)
        if user is None:
            raise Conflict("the owner table has changed since this run was planned")
        self._central.assign(opportunity_id, user)

    def list_changed(self, since: str, page: str | None) -> Mapping[str, Any]:
        """ListOpportunities by LastModifiedDate, oldest change first."""
        return self._central.list_opportunities(since, page)


@contextmanager
def _in_sellers_words(rules: Sequence[FieldRule], has_moved: Callable[[], bool]) -> Generator[None]:
    """Turn a ``Rejected`` inside ``with`` into one that names HubSpot properties.

    A review may begin between our read and our write. So when AWS speaks of a lock, ``has_moved`` (does the record
    have another version than we read?) is asked once: if so it is ``Conflict``, since reading again shows the lock and
    the plan heeds it. If not, the plan would come out the same for ever, and the refusal is the seller's to know.
    """
    try:
        yield
    except Rejected as error:
        codes = refusal_codes(error)
        if codes and codes <= LOCK_CODES and has_moved():
            raise Conflict(f"{error} (it is locked now)") from None
        raise Rejected(str(error), explained(error.problems, rules)) from None
