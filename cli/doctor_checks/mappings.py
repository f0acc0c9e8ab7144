"""The mappings against the live HubSpot: pipelines, stages and properties that the configuration names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment
from config.property_setup import OBJECT_TYPES
from lambdas.shared.domain.tags import Tagging

AREA = "mappings"
_PAGES = 20


def stages(d: Deployment) -> Iterator[Finding]:
    """Each pipeline and stage that a partner's file names exists; a stage of HubSpot that no line names is told."""
    live = {str(each["id"]): _stages(each) for each in d.pipelines()}
    for name, partner in d.configuration.partners_in(d.name).items():
        if name not in d.settings["partners"]:
            continue
        found = list(_of_partner(f"config/{name}.yaml", partner, live))
        yield from found
        if not found:
            yield ok("every pipeline and stage that it names is in HubSpot", f"config/{name}.yaml")


def _stages(pipeline: Mapping[str, Any]) -> dict[str, str]:
    return {str(each["id"]): str(each.get("label", "")) for each in pipeline.get("stages", ())}


def _of_partner(file: str, partner: Any, live: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    for pipeline, table in partner.pipelines.items():
        at = f"{file} pipelines.{pipeline}"
        if pipeline not in live:
            do = f"correct it in {file}; HubSpot has {', '.join(live)}"
            yield error(f"HubSpot has no pipeline {pipeline}", at, do)
            continue
        for stage in table.stages:
            if stage not in live[pipeline]:
                do = f"correct it in {file}, deploy; HubSpot has {', '.join(live[pipeline])}"
                yield error(f"HubSpot has no stage {stage} in the pipeline {pipeline}", f"{at}.stages.{stage}", do)
        for stage, label in live[pipeline].items():
            if stage not in table.stages:
                do = f"add {stage} under stages there, deploy; deals in it are blocked until then"
                yield warning(f"the stage {stage} ({label}) of HubSpot stands for nothing", at, do)
    yield from _where_new_deals_go(file, partner, live)


def _where_new_deals_go(file: str, partner: Any, live: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    pipeline, stage = partner.inbound.pipeline, partner.inbound.stage
    if stage not in live.get(pipeline, ()):
        do = f"correct it in {file}, deploy; deals of opportunities that come to us cannot be made"
        yield error(f"HubSpot has no stage {stage} in a pipeline {pipeline}", f"{file} inbound", do)


def tagged_deals(d: Deployment) -> Iterator[Finding]:
    """Every pipeline in which a tagged deal lies is mapped for that partner."""
    for name, partner in d.partners_on():
        unmapped, looked, whole = _unmapped(d, partner)
        for pipeline, number in sorted(unmapped.items()):
            do = f"add the pipeline to config/{name}.yaml and deploy, or take the tag {partner['tag']} off these deals"
            yield error(f"{number} deals tagged {partner['tag']} lie in it, and it is not mapped", pipeline, do)
        if not unmapped:
            more = "" if whole else f" (the first {looked} were looked at)"
            yield ok(f"{looked} tagged deals lie in mapped pipelines{more}", partner["tag"])


def _unmapped(d: Deployment, partner: Mapping[str, Any]) -> tuple[Counter[str], int, bool]:
    """Unmapped pipelines with their tagged deals, how many deals were looked at, and whether these were all."""
    tagging, after, looked = Tagging.of(partner), None, 0
    word = partner["tag"].lstrip("#") if tagging.in_name else None
    wanted = ["pipeline", *tagging.properties]
    unmapped: Counter[str] = Counter()
    for _ in range(_PAGES):
        begin = after
        found, after = d.in_hubspot(
            f"deals with {tagging.said} behind {begin}",
            lambda hubspot, at=begin: hubspot.deals_with_word(word, at, wanted, tagging.in_property),
        )
        for deal in found:
            if tagging.on(deal.properties):
                looked += 1
                pipeline = deal.properties.get("pipeline") or "default"
                unmapped[pipeline] += pipeline not in partner["stage_map"]
        if after is None:
            break
    return +unmapped, looked, after is None


def fields(d: Deployment) -> Iterator[Finding]:
    """Each property that a field map or a status names exists on its object."""
    live = {kind: {each["name"] for each in d.properties(plural)} for kind, plural in OBJECT_TYPES.items()}
    ours = {each.name: str(each.object) for each in d.configuration.hubspot_properties.properties}
    for name, partner in d.partners_on():
        named = set(_named(partner, ours))
        missing = sorted((kind, prop) for kind, prop in named if kind in live and prop not in live[kind])
        for kind, prop in missing:
            do = f"cosell hubspot setup if it is ours; else correct config/{name}.yaml, deploy"
            yield error(f"HubSpot's {kind} has no property {prop}", f"config/{name}.yaml", do)
        if not missing:
            yield ok(f"{len(named)} properties are in HubSpot", f"config/{name}.yaml")


def _named(partner: Mapping[str, Any], ours: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Object and property; ``ours`` has the object of each property that we made."""
    for rule in (*partner["fields"], *(partner.get("lead") or {}).get("fields", ())):
        yield from ((rule["object"], prop) for prop in rule["properties"])
    yield from ((ours.get(prop, "deal"), prop) for prop in partner["status_properties"].values())


CHECKS = [
    Check(area=AREA, name="stages", run=stages),
    Check(area=AREA, name="tagged deals", run=tagged_deals, seconds=60),
    Check(area=AREA, name="fields", run=fields),
]
