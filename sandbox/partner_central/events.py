"""EventBridge events of Partner Central: their shapes, and a delivery that is only best effort (fact sheet 4)."""

from __future__ import annotations

import heapq
import logging
import random
import threading
from collections.abc import Callable
from typing import Any

from lambdas.shared.clock import Clock
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.state import Engagement, Ids, Invitation, Opportunity, Snapshot
from sandbox.partner_central.switches import EventTrouble, Switches

Event = dict[str, Any]
Emit = Callable[[Event], None]

_LOG = logging.getLogger(__name__)
_ARN = "arn:aws:partnercentral:us-east-1::catalog"


class EventShapes:
    """Builds events in the observed or the documented shape, by switch."""

    def __init__(self, account_id: str, switches: Switches, ids: Ids) -> None:
        self._account_id = account_id
        self._switches = switches
        self._ids = ids

    @property
    def _observed(self) -> bool:
        return self._switches.event_shape == "observed"

    def opportunity(self, what: str, catalog: str, opportunity: Opportunity, now_ms: int) -> Event:
        """``Opportunity Created`` or ``Opportunity Updated``: the id and nothing else."""
        detail = {"schemaVersion": "1", "catalog": catalog, "opportunity": {"identifier": opportunity.id}}
        event = self._envelope(f"Opportunity {what}", detail, now_ms, [])
        if not self._observed:
            event["version"] = "1"
            del event["resources"]
        return event

    def invitation(self, what: str, catalog: str, invitation: Invitation, now_ms: int) -> Event:
        """``Engagement Invitation Created``, ``Accepted``, ``Rejected`` or ``Expired``."""
        participant = invitation.participant
        body: dict[str, Any] = {
            "arn": invitation.arn,
            "id": invitation.id,
            "engagementId": invitation.engagement_id,
            "senderAccountId": invitation.sender_account,
            "receiverAccountId": invitation.receiver_account,
            "participantType": participant if self._observed else participant.capitalize(),
            "payloadType": invitation.payload_type,
        }
        detail: dict[str, Any] = {"catalog": catalog, "engagementInvitation": body}
        if what == "Created":
            expires = to_text(invitation.expires_ms)
            body["senderCompanyName"] = invitation.sender_company
            body["expirationDate"] = _nanoseconds(expires) if self._observed else expires
            if self._observed:
                detail["schemaVersion"] = "1.0"
        return self._envelope(f"Engagement Invitation {what}", detail, now_ms, [invitation.arn])

    def member_added(self, catalog: str, engagement: Engagement, account: str, company: str, now_ms: int) -> Event:
        """``Engagement Member Added``."""
        member = {"accountId": account, "companyName": company}
        detail = {"catalog": catalog, "engagement": {"id": engagement.id}, "engagementMember": member}
        return self._envelope("Engagement Member Added", detail, now_ms, [engagement.arn])

    def engagement_created(self, catalog: str, engagement: Engagement, now_ms: int) -> Event:
        """``Engagement Created``, with the vendor's mixed key case."""
        body = {
            "engagementArn": engagement.arn,
            "engagementId": engagement.id,
            "CreatedAt": to_text(engagement.created_ms),
            "CreatedBy": engagement.created_by,
            "ContextTypes": [context["Type"] for context in engagement.contexts],
        }
        return self._envelope("Engagement Created", {"catalog": catalog, "engagement": body}, now_ms, [engagement.arn])

    def snapshot(self, catalog: str, snapshot: Snapshot, now_ms: int) -> Event:
        """``Engagement Resource Snapshot Created``."""
        engagement = f"{_ARN}/{catalog}/engagement/{snapshot.engagement_id}"
        body: dict[str, Any] = {
            "arn": snapshot.arn,
            "engagementId": snapshot.engagement_id,
            "resourceType": "Opportunity",
            "resourceId": snapshot.opportunity_id,
            "createdBy": snapshot.created_by,
        }
        detail: dict[str, Any] = {"catalog": catalog, "resourceSnapshot": body}
        if self._observed:
            detail["schemaVersion"] = "1"
        else:
            body["targetMemberAccounts"] = snapshot.targets
            body["resourceSnapshotTemplateName"] = snapshot.template
        return self._envelope("Engagement Resource Snapshot Created", detail, now_ms, [engagement])

    def _envelope(self, detail_type: str, detail: dict[str, Any], now_ms: int, resources: list[str]) -> Event:
        return {
            "version": "0",
            "id": self._ids.event(),
            "detail-type": detail_type,
            "source": "aws.partnercentral-selling",
            "account": self._account_id,
            "time": to_text(now_ms - now_ms % 1000),
            "region": "us-east-1",
            "resources": resources,
            "detail": detail,
        }


class EventStream:
    """Hands events to ``emit`` in order of their due time, with the trouble that is set.

    A failing ``emit`` loses the event, as best effort delivery may; ``lost`` counts these and the dropped ones.
    """

    def __init__(self, emit: Emit | None, trouble: EventTrouble, ids: Ids, clock: Clock) -> None:
        self.emit = emit
        self.trouble = trouble
        self.delivered = 0
        self.lost = 0
        self.in_background = False
        self.awake = threading.Event()
        self._clock = clock
        self._ids = ids
        self._random = random.Random(f"events-{trouble.seed}")
        self._queue: list[tuple[int, int, Event]] = []
        self._number = 0
        self._lock = threading.Lock()
        self._delivering = threading.Lock()

    def put(self, event: Event, now_ms: int) -> None:
        """Queue an event, perhaps twice (the copy has another id, as recorded by the vendor), perhaps never."""
        with self._lock:
            if self._random.random() < self.trouble.drop_probability:
                self.lost += 1
                return
            copies = [event]
            if self._random.random() < self.trouble.duplicate_probability:
                copies.append({**event, "id": self._ids.event()})
            for copy in copies:
                delay = self._random.randint(self.trouble.delay_min_ms, self.trouble.delay_max_ms)
                self._number += 1
                heapq.heappush(self._queue, (now_ms + delay, self._number, copy))

    def hand_over(self) -> None:
        """Deliver now, or with ``in_background`` leave it to the thread that waits on ``awake``."""
        if self.in_background:
            self.awake.set()
        else:
            self.deliver()

    def deliver(self) -> None:
        """Emit what is due. Only one thread delivers at a time, so that order holds; the others leave it to that one.

        ``emit`` may call the account again: what that call announces is delivered after the event at hand.
        """
        while self._is_due() and self._delivering.acquire(blocking=False):
            try:
                while (event := self._next()) is not None:
                    self._emit(event)
            finally:
                self._delivering.release()

    def _emit(self, event: Event) -> None:
        if self.emit is None:
            return
        try:
            self.emit(event)
            self.delivered += 1
        except Exception:
            self.lost += 1
            _LOG.warning("event %s not delivered", event["id"], exc_info=True)

    def waiting(self) -> int:
        """How many events are queued."""
        with self._lock:
            return len(self._queue)

    def idle(self) -> bool:
        """Whether no event waits or is just being handed over."""
        return not self.waiting() and not self._delivering.locked()

    def _is_due(self) -> bool:
        with self._lock:
            return bool(self._queue) and self._queue[0][0] <= self._clock.now_ms()

    def _next(self) -> Event | None:
        with self._lock:
            if self._queue and self._queue[0][0] <= self._clock.now_ms():
                return heapq.heappop(self._queue)[2]
        return None


def _nanoseconds(text: str) -> str:
    """``…:25.685Z`` -> ``…:25.685000000Z``, the precision that recorded events have."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return f"{whole}.{fraction:0<9}Z"
