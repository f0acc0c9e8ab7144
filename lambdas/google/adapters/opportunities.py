"""Google's opportunities behind the sync's port: a lead first where wanted, narrow patches, lost creates found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.google.adapters.cloud_channel import CloudChannel
from lambdas.google.adapters.google_errors import UNNAMED
from lambdas.google.adapters.lead_first import LeadFirst
from lambdas.google.domain.created import fits, mark_of
from lambdas.google.domain.lead import PREFIX
from lambdas.google.domain.lifecycle import ACCEPTED
from lambdas.google.domain.opportunity import to_create_body, to_document, to_patch
from lambdas.google.domain.paths import fold_path
from lambdas.shared.adapters.opportunities import Memory, Read, Step, Written
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.refusals import explained
from lambdas.shared.errors import NotFound, Problem, Rejected, Unauthorized, Unexpected

# Google's clock and ours may differ, and the call begins seconds after the attempt was stored.
_BEFORE_MS = 120_000
_AFTER_MS = 300_000


class GoogleOpportunities:
    """``Opportunities`` of one partner. ``rules`` is the field map.

    ``leads`` is there where a lead goes before each opportunity. ``creator``: the service account that we are at
    Google, as ``creatorEmail`` of what we create; ``""`` when it is not known.

    Google has no request id and no place for a deal's id: a lost create is known again by the digest of its names, its
    time and its creator. Nothing of Google's says how soon its query shows a new record, and none can be deleted: so
    it is looked for during five minutes, far longer than a call takes, before anything is created again.
    """

    own_reference: str | None = None
    repeatable_create = False
    create_shows_after_ms = 300_000

    def __init__(
        self,
        channel: CloudChannel,
        rules: Sequence[FieldRule] = (),
        *,
        leads: LeadFirst | None = None,
        creator: str = "",
    ) -> None:
        self._channel = channel
        self._rules = rules
        self._leads = leads
        self._creator = creator

    def read(self, opportunity_id: str) -> Read:
        """The opportunity at its ``updateTime`` with nine decimals; ``""`` where a limited view hides it.

        Google refuses a record that was taken from us with the same status as one who may see nothing at all. Only if
        it refuses the list too is it ``Unauthorized``; else the record is not there for us: ``NotFound``.
        """
        try:
            document = to_document(self._channel.get_opportunity(opportunity_id))
        except Unauthorized as error:
            self._channel.query()
            raise NotFound(f"{error}, and shows the others") from None
        return Read(document, document.get("updateTime", ""))

    def mark(self, plan: Mapping[str, Any]) -> str | None:
        """The digests of the customer's name and of the display name."""
        return mark_of(plan["opportunity"])

    def find_created(self, attempt: Mapping[str, Any]) -> Sequence[str]:
        """What we created around the attempt's time under the names that it sent."""
        mark, began_at = str(attempt["mark"]), int(attempt["at"])
        window = (began_at - _BEFORE_MS, began_at + _AFTER_MS)
        return self._channel.find_created(lambda row: fits(mark, row), self._creator, window)

    def create(self, attempt: Mapping[str, Any], plan: Mapping[str, Any], memory: Memory) -> Written:
        """The lead, where one is wanted and none is known, then the opportunity. Neither is ever sent twice."""
        values = plan["opportunity"]
        body = to_create_body({path: value for path, value in values.items() if not path.startswith(PREFIX)})
        if self._leads is not None:
            self._leads.ensure({path: value for path, value in values.items() if path.startswith(PREFIX)}, memory)
        try:
            return _written(self._channel.create_opportunity(body))
        except Rejected as error:
            raise self._in_sellers_words(error, list(values)) from None

    def update(self, current: Mapping[str, Any], plan: Mapping[str, Any]) -> Written:
        """A patch of the paths that move, at the ``updateTime`` that was read.

        What an accepted opportunity may have changed is not published. So when Google names some of the paths, the
        others are sent without them, and ``Rejected`` tells of those that are left.
        """
        changes = dict(plan["opportunity"])
        try:
            return self._patch(current, changes)
        except Rejected as error:
            refused = {path for path in changes if _is_named(path, error.problems)}
            rest = {path: value for path, value in changes.items() if path not in refused}
            if current.get("state") == ACCEPTED and refused and rest:
                self._patch(current, rest)
                error = Rejected(f"{error}; the other fields were sent", error.problems)
            raise self._in_sellers_words(error, list(changes)) from None

    def step(self, step: str) -> Step:
        """Google has no steps. ``Unexpected`` names the one that was asked for."""
        raise _no_step(step)

    def complete(self, opportunity_id: str, step: str) -> None:
        """Google has no steps. ``Unexpected`` names the one that was asked for."""
        raise _no_step(step)

    def list_changed(self, since: str, page: str | None) -> Mapping[str, Any]:
        """``opportunities:query`` by updateTime."""
        return self._channel.query(since, page)

    def _patch(self, current: Mapping[str, Any], changes: Mapping[str, Any]) -> Written:
        body, mask = to_patch(changes)
        return _written(self._channel.patch_opportunity(current["id"], body, mask, current.get("updateTime", "")))

    def _in_sellers_words(self, error: Rejected, sent: Sequence[str]) -> Rejected:
        problems = [self._with_candidates(each, sent) for each in error.problems]
        return Rejected(str(error), explained(problems, self._rules, fold_path))

    def _with_candidates(self, problem: Problem, sent: Sequence[str]) -> Problem:
        """Where Google named nothing: the properties among which the seller has to look."""
        names = [rule.main_property for rule in self._rules if rule.path in sent and rule.main_property]
        if problem.field != UNNAMED or not names:
            return problem
        return Problem(UNNAMED, f"{problem.message} What was sent comes from: {', '.join(dict.fromkeys(names))}.")


def _written(answer: Mapping[str, Any]) -> Written:
    document = to_document(answer)
    return Written(document["id"], document.get("updateTime", ""))


def _is_named(path: str, problems: Sequence[Problem]) -> bool:
    """Whether a refusal names the path, a member of it, or what it is a member of."""
    ours = fold_path(path)
    named = [fold_path(problem.field) for problem in problems if problem.field != UNNAMED]
    return any(ours == each or ours.startswith(f"{each}.") or each.startswith(f"{ours}.") for each in named)


def _no_step(step: str) -> Unexpected:
    return Unexpected(f"Google's opportunities have no further steps, and the plan names {step!r}.")
