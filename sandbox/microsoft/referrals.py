"""The tenant's referrals and what each organisation sees of them (fact sheet 2 to 5)."""

from __future__ import annotations

import copy
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.microsoft import status
from sandbox.microsoft.errors import VendorError, invalid, not_found
from sandbox.microsoft.facts import FACTS, MSFT
from sandbox.microsoft.patching import patched
from sandbox.microsoft.shape import Json, check_written, look_up
from sandbox.microsoft.switches import Switches
from sandbox.microsoft.templates import blank, fill_rows, incoming
from sandbox.microsoft.times import DAY_MS, sort_key, to_text

CREATED, UPDATED = "referral-created", "referral-updated"
Announce = Callable[[str, str, int], None]


def merged(document: Json, edits: Mapping[str, Any]) -> Json:
    """``document`` with ``edits`` laid over it: objects are merged, everything else is replaced."""
    result = dict(document)
    for name, value in edits.items():
        inner = result.get(name)
        if isinstance(value, Mapping) and isinstance(inner, dict):
            result[name] = merged(inner, value)
        else:
            result[name] = copy.deepcopy(value)
    return result


class Referrals:
    """All referrals of one partner organisation. Not locked: the account does that.

    ``announce(event, referral_id, now_ms)`` hears of every creation and change.
    """

    def __init__(self, organisation: tuple[str, str], switches: Switches, announce: Announce, seed: int) -> None:
        self.documents: dict[str, Json] = {}
        self.organisation = organisation
        self._switches = switches
        self._announce = announce
        self._random = random.Random(f"referrals-{seed}")
        self._ticks = 0

    def read(self, identifier: str) -> Json:
        """One referral as the API shows it. 404 if there is none."""
        if identifier not in self.documents:
            raise not_found(identifier)
        return self._shown(self.documents[identifier])

    def all(self) -> list[Json]:
        """Every referral as the API shows it, oldest first."""
        return [self._shown(document) for document in self.documents.values()]

    def create(self, body: Any, now_ms: int) -> Json:
        """POST: the referral that comes back."""
        given = check_written(body, self._switches)
        state, substatus = given.get("status") or "New", given.get("substatus")
        substatus = substatus or {"New": "Pending", "Active": "Accepted"}.get(state)
        status.check_pair(state, substatus)
        if state == "New" and self._comes_back_active(given["type"]):
            state, substatus = "Active", "Accepted"
        engagement = given.get("engagementId")
        if engagement is not None and engagement not in {one["engagementId"] for one in self.documents.values()}:
            raise invalid("engagementId", "no such engagement", "2")
        document = merged(blank(), given) | {"status": state, "substatus": substatus, "direction": "Outgoing"}
        own = {"organizationId": self.organisation[0], "organizationName": self.organisation[1]}
        document["inviteContext"] = {**document["inviteContext"], "invitedBy": own}
        return self._keep(document, now_ms)

    def arrive(self, edits: Mapping[str, Any], now_ms: int) -> Json:
        """Microsoft sends a referral: New/Pending, Incoming, with 14 days to answer. ``ValueError`` as ``edit``."""
        document = self._edited(incoming(), edits)
        document["expirationDateTime"] = to_text(now_ms + FACTS["expiry_days"] * DAY_MS)
        return self._keep(document, now_ms)

    def patch(self, identifier: str, body: Any, if_match: str | None, now_ms: int) -> Json:
        """PATCH: the changed referral. ``if_match`` None = unconditional."""
        document = self._matching(identifier, if_match)
        return self._change(identifier, patched(document, body, self._switches), now_ms)

    def replace(self, identifier: str, body: Any, if_match: str | None, now_ms: int) -> Json:
        """PUT, deprecated: the whole object; ``If-Match`` is required (1)."""
        if if_match is None:
            raise invalid("If-Match", "is required on PUT", "5")
        document = self._matching(identifier, if_match)
        given = check_written(body, self._switches)
        before = (document["status"], document["substatus"])
        after = (given.get("status") or before[0], given.get("substatus") or before[1])
        status.check_move(before, after, self._switches)
        if before[0] == "Closed" and self._switches.closed_is_frozen:
            raise invalid("status", "Closed is terminal and takes no edit", "3")
        kept = {name: document[name] for name in (*FACTS["read_only"], "engagementId") if name in document}
        fresh = merged(blank(), given) | {"status": after[0], "substatus": after[1]}
        return self._change(identifier, fresh | kept, now_ms)

    def edit(self, identifier: str, edits: Mapping[str, Any], now_ms: int) -> Json:
        """Microsoft changes it; only the names and kinds of the fields are checked. ``KeyError``, ``ValueError``."""
        return self._change(identifier, self._edited(self.documents[identifier], edits), now_ms)

    def expire(self, now_ms: int) -> None:
        """Close the incoming ones that were left Pending for 14 days (3)."""
        now = sort_key(to_text(now_ms))
        for identifier, document in list(self.documents.items()):
            due = document["expirationDateTime"]
            pending = (document["direction"], document["substatus"]) == ("Incoming", "Pending")
            if pending and due is not None and sort_key(due) <= now:
                self._change(identifier, document | {"status": "Closed", "substatus": "Expired"}, now_ms)

    def seen_by_microsoft(self) -> list[Json]:
        """The copies that Microsoft's sellers see: only with consent, and of a Shared one when it was sent to them."""
        return [self._their_copy(one) for one in self.documents.values() if self._reaches_microsoft(one)]

    def _reaches_microsoft(self, document: Json) -> bool:
        if document["direction"] == "Incoming":
            return True
        if look_up(document, "consent/consentToShareReferralWithMicrosoftSellers") is not True:
            return False
        sent = any((one.get("type"), one.get("id")) == ("BusinessProfileLocation", MSFT) for one in document["target"])
        return sent or document["type"] == "Independent" or self._switches.cosell_posts == 1

    def _their_copy(self, document: Json) -> Json:
        other = "Outgoing" if document["direction"] == "Incoming" else "Incoming"
        own = {"organizationId": MSFT, "organizationName": "Microsoft", "direction": other}
        return self._shown(document) | own

    def _comes_back_active(self, kind: str) -> bool:
        if kind == "Shared":
            return self._switches.shared_comes_back_active
        return self._switches.independent_comes_back_active

    def _edited(self, document: Json, edits: Mapping[str, Any]) -> Json:
        for name, value in edits.items():
            if name not in document:
                raise ValueError(f"unknown field {name!r} of a referral; allowed: {', '.join(document)}")
            kind = type(document[name])
            if kind in (dict, list) and not isinstance(value, kind):
                raise ValueError(f"field {name!r} of a referral must stay a {kind.__name__}")
        return merged(document, edits)

    def _matching(self, identifier: str, if_match: str | None) -> Json:
        document = self.documents.get(identifier)
        if document is None:
            raise not_found(identifier)
        if if_match is not None and if_match != document["eTag"]:
            text = "If-Match is not the current eTag (strong, with its quotes)"
            raise VendorError(412, text, "5", code=self._switches.mismatch_code)
        return document

    def _keep(self, document: Json, now_ms: int) -> Json:
        identifier = self._guid()
        document["id"] = identifier
        document["engagementId"] = document["engagementId"] or self._guid()
        document["organizationId"], document["organizationName"] = self.organisation
        self._stamp(document, now_ms)
        document["createdDateTime"] = document["updatedDateTime"]
        self.documents[identifier] = document
        self._announce(CREATED, identifier, now_ms)
        return self._shown(document)

    def _change(self, identifier: str, document: Json, now_ms: int) -> Json:
        document = copy.deepcopy(document)
        self._stamp(document, now_ms)
        self.documents[identifier] = document
        self._announce(UPDATED, identifier, now_ms)
        return self._shown(document)

    def _stamp(self, document: Json, now_ms: int) -> None:
        self._ticks += 1
        document["updatedDateTime"] = to_text(now_ms, self._ticks)
        document["eTag"] = f'"{self._random.getrandbits(32):08x}-0000-0000-0000-{self._random.getrandbits(48):012x}"'
        if document["status"] == "Active" and document["acceptedDateTime"] is None:
            document["acceptedDateTime"] = document["updatedDateTime"]
        if document["status"] == "Closed" and document["closedDateTime"] is None:
            document["closedDateTime"] = document["updatedDateTime"]
        if document["status"] != "New":
            document["expirationDateTime"] = None

    def _shown(self, document: Json) -> Json:
        shown = copy.deepcopy(document)
        if self._switches.empty_ids_as_object and not shown["customerProfile"]["ids"]:
            shown["customerProfile"]["ids"] = {}
        if self._switches.rows_filled:
            fill_rows(shown)
        base = "https://api.partner.microsoft.com/v1.0/engagements/referrals"
        related = f"{base}?$filter=engagementId eq '{shown['engagementId']}'"
        shown["links"] = {
            "relatedReferrals": {"uri": related, "method": "GET"},
            "self": {"uri": f"{base}/{shown['id']}", "method": "GET"},
        }
        return shown

    def _guid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
