"""What a person can turn on the simulated account: its size, its speed, and every fact nobody has confirmed.

``Settings`` describe one account. ``Switches`` are the statements that the fact sheet marks as unverified, observed or
told by third parties: both readings exist in the wild, so both can be simulated and the product must hold under both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class ConditionalRule:
    """An account admin's rule: where ``property`` has ``value``, the properties in ``required`` must be filled in."""

    object_type: str
    property: str
    value: str
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """One account. Times in milliseconds unless the name says otherwise.

    ``latency_ms``: waited before each answer. ``search_lag_ms``: how long search shows the state before a change.
    ``per_ten_seconds``: calls of one app in ten seconds (None = unlimited). ``required_on_create`` and
    ``conditional_rules``: the admin's rules, obeyed by 2026-09 only (hubspot.md 0). ``seed``: order of batch answers.
    """

    latency_ms: int = 0
    search_lag_ms: int = 0
    per_ten_seconds: int | None = 190
    per_day: int | None = 625_000
    search_per_second: int | None = 5
    associations_per_ten_seconds: int | None = 150
    max_uri_chars: int = 8_000
    time_zone: str = "UTC"
    company_currency: str = "USD"
    required_on_create: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conditional_rules: tuple[ConditionalRule, ...] = ()
    webhook_format: str = "generic"  # or "classic": the same notices as deal.* instead of object.*
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Switches:
    """Facts that are not confirmed. The default is the reading that is harder on a client.

    Each comment names the row of the fact sheet and the other reading.
    """

    # 0: what a normalised datetime looks like: "shortest" drops zero milliseconds, "millis" always shows them.
    datetime_form: str = "shortest"
    # 1.2: calculated properties reportedly do not fire propertyChange.
    calculated_properties_fire: bool = False
    # 1.2 (not stated): a creation fires propertyChange for the values it brings; False: the creation only.
    creation_fires_property_changes: bool = True
    # 1.3: traffic shows CREATED, the documentation NEW.
    creation_flag: str = "CREATED"
    # 1.3: eventId is not guaranteed unique; True makes it so.
    event_ids_unique: bool = False
    # 1.3: a subscription on one side gets the events of both directions; False: only those starting at its side.
    association_events_both_ways: bool = True
    # 1.3: whether events of integrations carry sourceId ("usually").
    events_carry_source_id: bool = True
    # 1.4: an app webhook waits as a 429's Retry-After asks (old staff posts); False: the ordinary schedule.
    webhooks_honour_retry_after: bool = False
    # 2: each retry is signed afresh with a new timestamp (inferred); False: the first attempt's timestamp stays.
    retries_signed_afresh: bool = True
    # 3.1: GET …/{id}/associations/{type} is in the 2026-09 guide and not in its specification.
    association_list_in_2026_09: bool = False
    # 4.3: a 404 of one record brings no category, only the words "resource not found" (seen by third parties); True: it
    # brings OBJECT_NOT_FOUND, as a row of a batch does.
    missing_record_has_category: bool = False
    # 3.2: deals without a name or a stage are refused; False: they get empty name and first stage.
    deal_needs_name_and_stage: bool = True
    # 3.2: values that are not strings are refused; False: they are turned into text.
    only_string_values: bool = True
    # 3.4: a row that breaks a rule fails alone (207); False: it fails the whole batch (400).
    batch_rows_fail_alone: bool = True
    # 3.4: the 2026-09 specification lists no 207; False: a partial batch answers 200 there, with errors all the same.
    partial_batch_is_207_in_2026_09: bool = True
    # 3.4: contacts upserted by e-mail succeed or fail together; False: row by row.
    contact_email_upsert_is_atomic: bool = True
    # 3.4: an upsert of a key that was created less than this many ms ago loses with a conflict (0: it updates).
    upsert_race_window_ms: int = 0
    # 3.4: whether a unique clash names CONFLICTING_UNIQUE_VALUE; False: only the sentence "already has that value".
    unique_clash_has_code: bool = True
    # 3.5: value histories arrive in no order; True: newest first.
    history_newest_first: bool = False
    # 3.5: page size of a batch read with history ("smaller").
    batch_read_with_history: int = 50
    # 3.5: writing the value that is already there still moves updatedAt.
    same_value_moves_updated_at: bool = True
    # 3.5: an association changed is "any change" and moves updatedAt.
    association_moves_updated_at: bool = True
    # 3.6: a PATCH or batch read by an old id of a merge resolves like a GET; False: 404.
    merged_id_resolves_beyond_get: bool = False
    # 3.6: a merge also fires deletion for the merged record.
    merge_fires_deletion: bool = False
    # 3.7: filter groups allowed (one specification text says 6).
    search_filter_groups: int = 5
    # 3.8: the first company tied to a deal or contact becomes its primary one.
    first_company_is_primary: bool = True
    # 3.8 (names not stated): a read calls the primary company deal_to_company and the others deal_to_company_unlabeled;
    # False: deal_to_company_primary and deal_to_company.
    unlabelled_company_is_named_so: bool = True
    # 3.10: a stage of another pipeline without its pipeline is refused; False: it moves the deal there.
    foreign_stage_is_refused: bool = True
    # 3.11: a bool property must bring its options true and false.
    bool_property_needs_options: bool = True
    # 3.11: batch create of properties answers 201; False: 200 under 2026-09.
    property_batch_is_201_in_2026_09: bool = True
    # 3.2: a deleted record gives its unique values free; True: it keeps them until it is purged.
    archived_keep_unique_values: bool = False
    # 4.1: Retry-After (seconds) on 429 is not documented, third parties report it.
    retry_after_on_429: bool = False
    # 4.1: some texts print "category: RATE_LIMITS" in a 429 body; False: errorType RATE_LIMIT.
    rate_limit_prints_category: bool = False

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: {', '.join(map(str, allowed))}")


_ALLOWED: Mapping[str, tuple[Any, ...]] = {
    "datetime_form": ("shortest", "millis"),
    "creation_flag": ("CREATED", "NEW"),
    "search_filter_groups": (5, 6),
}


def other_reading(switches: Switches | None = None) -> Switches:
    """Every switch turned to its other reading, for tests that must hold under both."""
    flipped: dict[str, Any] = {
        "datetime_form": "millis",
        "creation_flag": "NEW",
        "upsert_race_window_ms": 1_000,
        "batch_read_with_history": 100,
        "search_filter_groups": 6,
    }
    for name, value in asdict(switches or Switches()).items():
        if isinstance(value, bool):
            flipped[name] = not value
    return Switches(**flipped)


def from_mapping(kind: type, given: Mapping[str, Any]) -> Any:
    """Build ``Settings`` or ``Switches`` from plain data. Raises ``ValueError`` naming an unknown key."""
    known = {f.name for f in fields(kind)}
    for name in given:
        if name not in known:
            raise ValueError(f"unknown {kind.__name__.lower()} key {name!r}; allowed: {', '.join(sorted(known))}")
    return kind(**given)
