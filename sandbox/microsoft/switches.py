"""What a person or a test may set about the simulated account.

Facts that the fact sheet marks unverified, or on which its sources disagree, are members of ``Switches``: both
readings are played. The comment at each names the section of the fact sheet.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Switches:
    """Readings of unclear facts. The defaults are the stricter or the documented reading."""

    # 1: POST answers 200 (swagger) or 201
    create_status: Literal[200, 201] = 200
    # 1: PATCH with Prefer return=representation answers 200, or 204 although a body was asked for
    representation_returned: bool = True
    # 2, 11: a field that is in no source, or is the server's, is refused; otherwise dropped without a word
    unknown_fields: Literal["refused", "dropped"] = "refused"
    # 2: country takes two letters; one table links to codes of three
    three_letter_countries: bool = False
    # 2: customerProfile.ids without entries is shown as {} or as []
    empty_ids_as_object: bool = False
    # 2: team members, solutions and the address come back with members that nobody sent (title, contactPreference, …)
    rows_filled: bool = True
    # 3: a partner's Shared referral posted as New/Pending comes back Active/Accepted
    shared_comes_back_active: bool = True
    # 3: a partner's Independent referral comes back Active/Accepted too
    independent_comes_back_active: bool = False
    # 3: a Closed referral may change from one Closed substatus to another
    closed_substatus_changes: bool = False
    # 3: a Closed referral takes no edit at all
    closed_is_frozen: bool = False
    # 4: name, which no table flags as required, is required
    name_required: bool = True
    # 4: the fields of Microsoft's private sample are all required
    sample_minimum_required: bool = True
    # 4: POSTs that bring a Shared referral before a Microsoft seller
    cosell_posts: Literal[1, 2] = 2
    # 5: PATCH takes /name
    name_patchable: bool = False
    # 5: dealValue may be a numeric text, as in Microsoft's samples
    text_deal_value_accepted: bool = False
    # 5: code of a 412
    mismatch_code: Literal["preconditionFailed", "resourceModified"] = "preconditionFailed"
    # 6: literal of a filter on updatedDateTime: bare, in quotes, or no such filter
    updated_filter: Literal["bare", "quoted", "refused"] = "bare"
    # 6: $filter takes externalReferenceId
    external_reference_filter: bool = False
    # 6: nextLink as Microsoft prints it (http, without /engagements), or whole
    next_link: Literal["printed", "whole"] = "printed"
    # 6: host in nextLink; None = that of the request
    next_link_host: str | None = None
    # 7: client-request-id must be fresh per call
    client_request_id_fresh: bool = True
    # 7: casing of the nested error and of the code of a 401
    inner_error_name: Literal["innerError", "innererror"] = "innerError"
    unauthenticated_code: Literal["unauthenticated", "unAuthorized"] = "unauthenticated"
    # 7: a throttled call counts against the quota
    throttled_calls_count: bool = True
    # 11: details.notes longer than this is refused; None = no limit
    notes_limit: int | None = None
    # 9: PUT of the registration merges the events; otherwise it replaces all of it
    put_registration_merges: bool = False
    # 9: POST of a second registration is refused; otherwise it replaces the first
    second_registration_refused: bool = True

    @classmethod
    def other_readings(cls) -> Switches:
        """Every unclear fact read the other way round."""
        return cls(
            create_status=201,
            representation_returned=False,
            unknown_fields="dropped",
            three_letter_countries=True,
            empty_ids_as_object=True,
            rows_filled=False,
            shared_comes_back_active=False,
            independent_comes_back_active=True,
            closed_substatus_changes=True,
            closed_is_frozen=True,
            name_required=False,
            sample_minimum_required=False,
            cosell_posts=1,
            name_patchable=True,
            text_deal_value_accepted=True,
            mismatch_code="resourceModified",
            updated_filter="refused",
            external_reference_filter=True,
            next_link="whole",
            client_request_id_fresh=False,
            inner_error_name="innererror",
            unauthenticated_code="unAuthorized",
            throttled_calls_count=False,
            notes_limit=500,
            put_registration_merges=True,
            second_registration_refused=False,
        )


@dataclass(slots=True)
class Quota:
    """Calls that pass in a sliding window (7: no number is published); ``calls`` None = unlimited."""

    calls: int | None = 300
    window_ms: int = 60_000


@dataclass(slots=True)
class EventTrouble:
    """What befalls each webhook notice (9): it comes ``copies`` times, late, or (share ``drop``) never."""

    copies: int = 1
    drop: float = 0.0
    delay_min_ms: int = 0
    delay_max_ms: int = 0

    def delays(self, dice: random.Random) -> list[int]:
        """Milliseconds from now at which the copies of one notice go out; empty if it is dropped."""
        if self.drop and dice.random() < self.drop:
            return []
        return [dice.randint(self.delay_min_ms, max(self.delay_min_ms, self.delay_max_ms)) for _ in range(self.copies)]
