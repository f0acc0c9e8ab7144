"""The part of a partner's settings that is the same for all: pipelines, field map, status properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from config.base import FieldRule, Partner, Pipeline
from config.formulas import names_of

PASS_ON = "cosell_pass_on"  # noqa: S105 - the name of a property
"""The deal property in which a person says that what came from one partner may go to the others."""

PEOPLE = ("contact", "owner")
"""Objects whose properties are about a person."""


def common_settings(
    partner: Partner,
    all_partners: Iterable[Partner],
    rules: Iterable[dict[str, Any]],
    *,
    word: Callable[[str], str] = str,
    not_sent: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """What the shared functions read of one partner. ``rules`` are rendered already.

    ``word`` turns a stage of the file into the partner's own; stages of ``not_sent`` stay out of the maps, because the
    room knows them by itself.
    """
    tags = dict.fromkeys([partner.tag, *(each.tag for each in all_partners), *partner.other_tags])
    sent, accepts, inbound = {}, {}, {}
    for name, pipeline in partner.pipelines.items():
        stages = _stages(pipeline, word, not_sent)
        sent[name] = {stage: words[0] for stage, words in stages.items()}
        accepts[name] = {stage: words[1:] for stage, words in stages.items() if words[1:]}
        inbound[name] = _inbound(stages, {word(value): stage for value, stage in pipeline.inbound.items()})
    return {
        "tag": partner.tag,
        "tag_property": partner.tag_property.model_dump(mode="json") if partner.tag_property else None,
        "all_tags": list(tags),
        "inbound": partner.inbound.model_dump(mode="json"),
        "conflict_strategy": partner.conflict_strategy,
        "stage_map": sent,
        "stage_accepts": accepts,
        "inbound_stage_map": inbound,
        "closed_stages": {name: list(each.closed) for name, each in partner.pipelines.items()},
        "fields": [{**rule, **_strategy(partner, rule["name"])} for rule in rules],
        "status_properties": {**partner.status_properties, "pass_on": PASS_ON},
        "shared_notes": partner.shared_notes.model_dump(mode="json") if partner.shared_notes else None,
    }


def _strategy(partner: Partner, field: str) -> dict[str, str]:
    said = partner.conflict_strategies.get(field)
    return {} if said is None else {"strategy": said}


def rule_settings(rule: FieldRule, allowed: Iterable[str] | None = None) -> dict[str, Any]:
    """A rule as the functions take it; ``allowed`` are the members of its enumeration. What contacts and owners bring
    is personal, whatever the file says."""
    document = rule.model_dump(mode="json", exclude={"enum"})
    document["personal"] = rule.personal or rule.object in PEOPLE
    document["compute"] = {"text": rule.compute, "names": list(names_of(rule.compute))} if rule.compute else None
    if allowed is not None:
        document["options"]["allowed"] = list(allowed)
    return document


def reads_of(rule: Mapping[str, Any]) -> list[str]:
    """The properties that a rendered rule reads: its own, then those of its formula."""
    return [*rule["properties"], *((rule.get("compute") or {}).get("names") or ())]


def listed(mapped: str | list[str]) -> list[str]:
    """The partner stages of one deal stage: the one that is sent first."""
    return [mapped] if isinstance(mapped, str) else mapped


def _stages(pipeline: Pipeline, word: Callable[[str], str], not_sent: frozenset[str]) -> dict[str, list[str]]:
    every = {stage: [each for each in listed(to) if each not in not_sent] for stage, to in pipeline.stages.items()}
    return {stage: [word(each) for each in words] for stage, words in every.items() if words}


def _inbound(stages: Mapping[str, list[str]], stated: Mapping[str, str]) -> dict[str, str]:
    """Partner stage to deal stage: stated, else the first that sends it, else the first that reads it."""
    result = dict(stated)
    for sent_only in (True, False):
        for deal_stage, words in stages.items():
            for value in words[: 1 if sent_only else None]:
                result.setdefault(value, deal_stage)
    return result
