"""Google as the configuration sees it: vocabulary of ``google_values.yaml``, its own checks, its settings.

The files speak in our own words (``Stage 0``), and ``google_values.yaml`` says which of Google's members each one is:
invented ones for the simulated Google, and those of the live document where somebody with access wrote them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from config.base import FieldRule
from config.deployment import GoogleStage
from config.errors import Finding
from config.field_checks import check_rules
from config.files import Files, PartnerFiles, unknown
from config.partners.google_model import GooglePartner
from config.rendering import common_settings, rule_settings
from config.room import ROLES, SHARED_CODECS, Rendering, Room, Values
from config.source import KeyPath

CODECS: Mapping[str, frozenset[str]] = {
    **SHARED_CODECS,
    "amount": frozenset(),
    "day": frozenset(),
    "enum": frozenset({"many"}),
    "submission": frozenset({"always"}),
    "attestation": frozenset(),
    "yes_no": frozenset(),
    "region": frozenset(),
    "main_contact": frozenset(),
}
CLOSED = "CLOSED"
"""The stage that Google alone sets; its only documented one."""

_ATTESTATIONS = ("qualificationInfo.legalLanguageAccepted", "qualificationInfo.publicTenderAttestation")


def enum_values(name: str, values: Values) -> tuple[str, ...] | None:
    """Our words for the members of one enumeration."""
    words = (values.get("sandbox") or {}).get(name)
    return None if words is None else tuple(words)


def enum_names(values: Values) -> tuple[str, ...]:
    """The enumerations that there are."""
    return tuple(sorted(values.get("sandbox") or {}))


def _stages(values: Values) -> tuple[str, ...]:
    return (*(enum_values("Stage", values) or ()), CLOSED)


def _check(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    google, source = mine.model, mine.source
    allowed = enum_values("Source", mine.values) or ()
    for index, word in enumerate(google.google_sources):
        if word not in allowed:
            yield unknown(source, ("google_sources", index), "word of Source", word, allowed)
    for index, path in enumerate(google.unverified.accepted_editable):
        if not any(known == path or known.startswith(f"{path}.") for known in mine.values["paths"]):
            at: KeyPath = ("unverified", "accepted_editable", index)
            yield unknown(source, at, "path", path, tuple(mine.values["paths"]))
    yield from _attestations(mine)
    yield from _state(mine)
    yield from _lead(files, mine)
    yield from _live_words(files, mine)
    yield from _sign_in(files)


def _attestations(mine: PartnerFiles) -> Iterator[Finding]:
    for index, rule in enumerate(mine.model.fields):
        if rule.path not in _ATTESTATIONS:
            continue
        if (rule.codec, rule.direction, rule.default) != ("attestation", "to_partner", None):
            message = "a person attests this: codec attestation, direction to_partner, no default"
            yield mine.source.finding(("fields", index), message)


def _state(mine: PartnerFiles) -> Iterator[Finding]:
    paths = {rule.path for rule in mine.model.fields}
    if "stage" in paths and "state" not in paths:
        message = "the stage moves once Google accepted the opportunity, so a field for 'state' is needed beside it"
        yield mine.source.finding(("fields",), message)


def _lead(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """The lead's field map, against the lead's own paths; and who we are in CRM Partners where leads are on."""
    paths = tuple(mine.values["lead_paths"])
    room = replace(mine.room, has_path=lambda path, _values: path in paths, roots=lambda _values: paths)
    yield from check_rules(files, replace(mine, room=room), mine.model.lead.fields, ("lead", "fields"))
    for name, stage in files.stages.stages.items() if mine.model.lead.enabled else ():
        if "google" in stage.partners and stage.google is not None and stage.google.vector_id is None:
            message = "is missing, and google.yaml has leads on: the 18-character id of Partner Advantage"
            yield files.stages_source.finding(("stages", name, "google", "vector_id"), message)


def _live_words(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """A stage on the live API needs Google's member for every word that the files use."""
    live, used = mine.values.get("live") or {}, _words_used(mine)
    for name, stage in files.stages.stages.items():
        if "google" not in stage.partners or stage.google is None or stage.google.values != "live":
            continue
        for enum, words in used.items():
            missing = [word for word in words if word not in (live.get(enum) or {})]
            if missing:
                message = f"stage {name!r} uses the live values, and Google's {enum} has none for {', '.join(missing)}"
                yield mine.values_source.finding(
                    ("live", enum), f"{message}; take them from Google's discovery document"
                )


def _words_used(mine: PartnerFiles) -> dict[str, tuple[str, ...]]:
    named = {rule.enum for rule in mine.model.reading if rule.enum}
    words = {name: enum_values(name, mine.values) or () for name in sorted({*named, "Stage"})}
    return {**words, "Source": tuple(mine.model.google_sources)}


def _sign_in(files: Files) -> Iterator[Finding]:
    for name, stage in files.stages.stages.items():
        if stage.google is not None and (stage.google.identity is None) is not stage.google.key:
            message = "Google is signed in to in one way"
            ways = ("identity: {audience, service_account}", "key: true")
            yield files.stages_source.finding(("stages", name, "google"), message, ways)


def _render(of: Rendering[GooglePartner, GoogleStage]) -> dict[str, Any]:
    google, block = of.partner, of.block
    words: Mapping[str, Mapping[str, str]] = of.values.get(block.values) or {}
    common = common_settings(
        google,
        of.all_partners,
        [_rule(rule, words) for rule in google.fields],
        word=lambda stage: words["Stage"][stage],
        not_sent=frozenset({CLOSED}),
    )
    lead = google.lead
    return {
        **common,
        "partner_hub_id": block.partner_hub_id,
        "vector_id": block.vector_id,
        "identity": None if block.identity is None else block.identity.model_dump(mode="json"),
        "quota": (block.quota or google.quota).model_dump(mode="json"),
        "enums": _enums(words),
        "google_sources": [words["Source"][word] for word in google.google_sources],
        **google.unverified.model_dump(mode="json"),
        "lead": {"enabled": lead.enabled, "fields": [_rule(rule, words) for rule in lead.fields if lead.enabled]},
        "tables": {"countries": dict(google.countries)},
    }


def _rule(rule: FieldRule, words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    document = rule_settings(rule)
    if rule.enum is not None:
        document["options"] |= {"enum": rule.enum, "map": dict(words[rule.enum])}
    return document


def _enums(words: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    members = {name: list(table.values()) for name, table in words.items()}
    return {**members, "Stage": [*members.get("Stage", []), CLOSED]}


ROOM = Room(
    name="google",
    label="Google",
    model=GooglePartner,
    block="google",
    codecs=CODECS,
    needs_enum=frozenset({"choice", "choices", "table", "enum"}),
    enum_values=enum_values,
    enum_names=enum_names,
    has_path=lambda path, values: path in values["paths"],
    roots=lambda values: tuple(values["paths"]),
    stages=_stages,
    check=_check,
    render=_render,
    value_keys=("sandbox", "live", "paths", "lead_paths"),
    roles=(*ROLES, "lead_name"),
)
