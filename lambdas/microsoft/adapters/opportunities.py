"""Microsoft's referrals behind the sync's port: bodies and patches made, refusals in the seller's words."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.acceptance import ANSWERS, needs_answer
from lambdas.microsoft.domain.json_patch import standing_operations, to_operations
from lambdas.microsoft.domain.referral import stamp, to_create_body
from lambdas.microsoft.domain.refusals import explained
from lambdas.shared.adapters.opportunities import Memory, Read, Step, Written
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Conflict, Rejected, Unexpected

if TYPE_CHECKING:
    from lambdas.microsoft.adapters.referrals import Referrals

# Microsoft's clock and ours may differ.
_SKEW_MS = 600_000


class MicrosoftOpportunities:
    """``Opportunities`` of one partner tenant. ``rules`` is the field map; the plan's steps are ``ANSWERS``' keys.

    ``names`` are the solutions' names by id. ``send_status`` states the standing in a create too.
    """

    own_reference: str | None = None
    repeatable_create = False
    create_shows_after_ms = 120_000
    """Microsoft promises nothing about its lists. A call ends with its function, half a minute after it began at most;
    four times that lets a slow list catch up. The record names its deal, so that even a later one would be seen."""

    def __init__(
        self,
        referrals: Referrals,
        rules: Sequence[FieldRule] = (),
        *,
        names: Mapping[str, str] | None = None,
        send_status: bool = False,
    ) -> None:
        self._referrals = referrals
        self._rules = rules
        self._names = dict(names or {})
        self._send_status = send_status

    def read(self, opportunity_id: str) -> Read:
        """The referral at its ``updatedDateTime``, spelled as in ``list_changed``."""
        document = self._referrals.get_referral(opportunity_id)
        return Read(document, _version(document))

    def mark(self, plan: Mapping[str, Any]) -> str | None:
        """None: the record names the deal as its external reference."""
        return None

    def find_created(self, attempt: Mapping[str, Any]) -> Sequence[str]:
        """The newest referral of ours since the attempt that names its deal."""
        found = self._referrals.find_by_external_reference(attempt["deal_id"], int(attempt["at"]) - _SKEW_MS)
        return [found] if found else []

    def create(self, attempt: Mapping[str, Any], plan: Mapping[str, Any], memory: Memory) -> Written:
        """POST of the planned referral, which names the attempt's deal. There is no key that makes it repeatable."""
        with self._in_sellers_words():
            body = to_create_body(
                plan["opportunity"], attempt["deal_id"], names=self._names, send_status=self._send_status
            )
            created = self._referrals.create_referral(body)
        return Written(created["id"], _version(created))

    def update(self, current: Mapping[str, Any], plan: Mapping[str, Any]) -> Written:
        """PATCH of what the plan changes, to the version that was read."""
        with self._in_sellers_words():
            operations = to_operations(plan["opportunity"], current, self._names)
            updated = self._referrals.patch_referral(current["id"], current["eTag"], operations)
        return Written(updated["id"], _version(updated))

    def step(self, step: str) -> Step:
        """Our answer to a referral that came in."""
        return Step("AnswerReferral", {"field": "status", "before": status.FIRST, "after": ANSWERS[step]})

    def complete(self, opportunity_id: str, step: str) -> None:
        """Give the answer, if the referral still waits for one.

        ``Conflict``: it was answered otherwise, or has ended, since it was read; read and plan again.
        """
        wanted, document = ANSWERS[step], self._referrals.get_referral(opportunity_id)
        standing = status.standing_of(document)
        if standing == wanted:
            return
        if not needs_answer(document):
            raise Conflict(f"{opportunity_id} waits for no answer any more: it is {standing}")
        with self._in_sellers_words():
            self._referrals.patch_referral(opportunity_id, document["eTag"], standing_operations(wanted))

    def list_changed(self, since: str, page: str | None) -> Mapping[str, Any]:
        """Referrals by ``updatedDateTime``, newest change first."""
        return self._referrals.list_changed(since, page)

    @contextmanager
    def _in_sellers_words(self) -> Generator[None]:
        """Turn a ``Rejected`` inside ``with`` into one that names HubSpot properties."""
        try:
            yield
        except Rejected as error:
            raise Rejected(str(error), explained(error.problems, self._rules)) from None


def _version(document: Mapping[str, Any]) -> str:
    try:
        return stamp(document.get("updatedDateTime"))
    except ValueError:
        raise Unexpected(f"Microsoft's referral {document.get('id')} has no readable updatedDateTime.") from None
