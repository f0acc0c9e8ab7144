"""Invitations: which were begun with which token, which a person is asked about on a deal, and what came of them.

The machine keeps ``again_at`` and ``again_by`` on the item: when the run that comes back is due, and whose it is.
Beside each invitation that stands on a deal there is a marker (``asked#<partner>``, ``<invitation>``): the open ones
can then be read consistently, which no index allows. Its time to live clears it away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import NotFound

_SORT = "invitation"
ASKED = "asked"
STARTED = "started"
JOINED = "joined"
ACCEPTED = "accepted"
FAILED = "failed"
DECLINED = "declined"
REJECTED = "rejected"
IGNORED = "ignored"

_ANSWER = ("answer", "answer_reason", "wanted_deal", "refused")
_MARKER_KEPT_MS = 90 * 86_400_000


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation; no customer's value is in it.

    ``state`` is ``asked`` (a person decides on ``deal_id``), ``joined`` (a lead that we accepted), ``started``,
    ``accepted``, ``failed`` (a new token may begin it again), ``declined`` (the partner refused us for good, ``reason``
    says why), ``rejected`` (by us), or ``ignored`` (never begun). ``kind`` is ``lead`` for a lead. ``status`` and
    ``ends_at`` (epoch ms) are the partner's. ``answer`` (``accept``, ``reject``, ``link``) with ``answer_reason`` or
    ``wanted_deal`` is the person's, ``refused`` a code of what is wrong with it. ``context_id`` is a lead's, and
    ``qualification`` a mark of what AWS was told of it.
    """

    invitation_id: str
    state: str
    token: str | None = None
    task_id: str | None = None
    opportunity_id: str | None = None
    engagement_id: str | None = None
    reason: str | None = None
    kind: str | None = None
    deal_id: str | None = None
    status: str | None = None
    ends_at: int | None = None
    answer: str | None = None
    answer_reason: str | None = None
    wanted_deal: str | None = None
    refused: str | None = None
    context_id: str | None = None
    qualification: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a decision."""
        return asdict(self)


_NAMES = tuple(each.name for each in fields(Invitation) if each.name not in ("invitation_id", "state"))


class Invitations:
    """``Invitations(client, table, partner, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, partner: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._partner = partner
        self._clock: Clock = clock or SystemClock()

    def get(self, invitation_id: str) -> Invitation | None:
        """The invitation as we know it, or None."""
        item = self._table.get(self._key(invitation_id), _SORT)
        if item is None:
            return None
        return Invitation(invitation_id, item["state"], **{name: item.get(name) for name in _NAMES})

    def begin(self, invitation_id: str, token: str) -> str:
        """The token to call with: the one that is stored, ours if there was none or if the earlier task failed.

        Stored before the call, so that a repetition after a lost answer is the same call.
        """
        answer = self._table.update(
            self._key(invitation_id),
            _SORT,
            "SET #state = :started, #token = :token, #updated_at = :now REMOVE #task_id, #reason",
            {"started": STARTED, "token": token, "failed": FAILED, "now": self._clock.now_ms()},
            condition="attribute_not_exists(#pk) OR attribute_not_exists(#token) OR #state = :failed",
        )
        return answer.item["token"] if isinstance(answer, Refused) else token

    def finish(
        self,
        invitation_id: str,
        state: str,
        *,
        task_id: str | None = None,
        opportunity_id: str | None = None,
        engagement_id: str | None = None,
        reason: str | None = None,
        wanted_deal: str | None = None,
    ) -> None:
        """Record what came of it (``accepted``, ``failed``, …); None leaves an attribute alone.

        NotFound when it was never begun.
        """
        given = {
            "state": state,
            "task_id": task_id,
            "opportunity_id": opportunity_id,
            "engagement_id": engagement_id,
            "reason": reason,
            "wanted_deal": wanted_deal,
        }
        if not self._change(invitation_id, given):
            raise NotFound(f"no invitation {invitation_id} was begun")

    def ignore(self, invitation_id: str, reason: str) -> bool:
        """Record that it is left alone, unless it was begun already or stands on a deal (False)."""
        key = self._key(invitation_id)
        item = {"pk": key, "sk": _SORT, "state": IGNORED, "reason": reason, "updated_at": self._clock.now_ms()}
        return self._table.put(item, "attribute_not_exists(#token) AND attribute_not_exists(#deal_id)") is None

    def decide(self, invitation_id: str, state: str, reason: str) -> None:
        """Record a decision of ours about one that need not have been begun: ``rejected``, ``declined``."""
        values = {"state": state, "reason": reason, "now": self._clock.now_ms()}
        expression = "SET #state = :state, #reason = :reason, #updated_at = :now"
        self._table.update(self._key(invitation_id), _SORT, expression, values)

    def asked(self, invitation_id: str, deal_id: str, facts: Mapping[str, Any], mark: str | None) -> None:
        """A person is asked about it on the deal. ``facts``: ``status``, ``ends_at``, ``kind``, ``engagement_id``.

        ``mark`` is what an opportunity that comes of it is known by. What was begun meanwhile keeps its state.
        """
        now = self._clock.now_ms()
        marker = {"mark": mark or "-", "deal_id": deal_id, "expires_at": (now + _MARKER_KEPT_MS) // 1000}
        marker["open"] = facts.get("kind") != "lead"  # a lead's opportunity comes much later: see ``expect``
        self._table.put({"pk": self._marks(), "sk": invitation_id, **marker})
        self._table.update(
            self._key(invitation_id),
            _SORT,
            "SET #state = :asked",
            {"asked": ASKED, "ignored": IGNORED},
            condition="attribute_not_exists(#state) OR #state = :ignored",
        )
        self._change(invitation_id, {"deal_id": deal_id, **facts})

    def note(self, invitation_id: str, **facts: Any) -> bool:
        """Write what is given and is otherwise there (None leaves alone); whether anything changed."""
        known = self.get(invitation_id)
        news = {
            name: value for name, value in facts.items() if value is not None and getattr(known, name, None) != value
        }
        return bool(known and news and self._change(invitation_id, news))

    def answered(self, invitation_id: str, answer: str, reason: str | None = None, deal_id: str | None = None) -> None:
        """Keep the person's answer, in place of an earlier one."""
        given = {"answer": answer, "answer_reason": reason, "wanted_deal": deal_id}
        gone = [name for name in _ANSWER if given.get(name) is None]
        self._change(invitation_id, given, gone)

    def reopen(self, invitation_id: str, state: str = ASKED) -> bool:
        """The person took the answer back: forget it, and a refusal of ours by the partner; False if it is too late.

        ``state`` is the one to return to: ``joined`` for a lead that we accepted.
        """
        gone = _removed(("token", "task_id", "reason", "qualification", *_ANSWER))
        answer = self._table.update(
            self._key(invitation_id),
            _SORT,
            f"SET #state = :to, #updated_at = :now REMOVE {gone}",
            {"to": state, "declined": DECLINED, "failed": FAILED, "now": self._clock.now_ms()},
            condition="attribute_exists(#deal_id) AND (#state = :to OR #state = :declined OR #state = :failed)",
        )
        return not isinstance(answer, Refused)

    def qualified(self, invitation_id: str, mark: str, refused: str | None = None) -> None:
        """The partner was told of a lead's qualification (its ``mark``), and took it unless it ``refused``."""
        self._change(invitation_id, {"qualification": mark, "refused": refused}, [] if refused else ["refused"])

    def expect(self, invitation_id: str) -> None:
        """Its opportunity is about to be made: until that is on the deal, what fits its mark waits."""
        self._table.update(
            self._marks(), invitation_id, "SET #open = :yes", {"yes": True}, condition="attribute_exists(#pk)"
        )

    def close(self, invitation_id: str) -> None:
        """Nothing more will come of it than what is on its deal: its mark counts no more."""
        self._table.update(
            self._marks(), invitation_id, "SET #open = :no", {"no": False}, condition="attribute_exists(#pk)"
        )

    def is_open(self, invitation_id: str) -> bool:
        """Whether its opportunity is still to be put on a deal."""
        marker = self._table.get(self._marks(), invitation_id)
        return bool(marker and marker["open"])

    def open_marks(self) -> list[str]:
        """Marks of the invitations that stand on a deal and whose opportunity is not on a deal yet."""
        items = self._table.query("#pk = :pk", {"pk": self._marks()})
        return [str(item["mark"]) for item in items if item["open"]]

    def _change(self, invitation_id: str, given: Mapping[str, Any], gone: list[str] | None = None) -> bool:
        values = {name: value for name, value in given.items() if value is not None}
        values["updated_at"] = self._clock.now_ms()
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if gone:
            expression += f" REMOVE {_removed(gone)}"
        key, there = self._key(invitation_id), "attribute_exists(#pk)"
        answer = self._table.update(key, _SORT, expression, values, condition=there)
        return not isinstance(answer, Refused)

    def _key(self, invitation_id: str) -> str:
        return f"invitation#{self._partner}#{invitation_id}"

    def _marks(self) -> str:
        return f"asked#{self._partner}"


def _removed(names: Any) -> str:
    return ", ".join(f"#{name}" for name in names)
