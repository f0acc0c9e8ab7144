"""The mappings against the live HubSpot: pipelines, stages and properties that the configuration names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment
from config.deployment import Stages
from config.files import Files, PartnerFiles
from config.live import Live, Misfit, field_misfits, named_properties, option_misfits, pipeline_misfits
from config.property_setup import OBJECT_TYPES
from config.rooms import ROOMS
from config.source import Source
from lambdas.shared.domain.tags import Tagging

AREA = "mappings"
_PAGES = 20


def stages(d: Deployment) -> Iterator[Finding]:
    """Each pipeline and stage that a partner's file names exists; a stage of HubSpot that no line names is told."""
    live = Live.of(d.pipelines(), {})
    for mine in _files(d).partners.values():
        found = [_finding(each) for each in pipeline_misfits(mine, live)]
        yield from found
        if not found:
            yield ok("every pipeline and stage that it names is in HubSpot", mine.source.file)


def _files(d: Deployment) -> Files:
    """The files as this stage has them, of the partners that are on; a file that was not read has no lines."""
    of_stage = d.configuration.partners_in(d.name)
    partners = {
        name: PartnerFiles(ROOMS[name], of_stage[name], Source(f"config/{name}.yaml", None), values, Source("", None))
        for name, values in d.configuration.values.items()
        if name in d.settings["partners"]
    }
    none = Source("", None)
    return Files(Stages(stages=d.configuration.stages), d.configuration.hubspot_properties, none, none, partners)


def _finding(misfit: Misfit) -> Finding:
    make, found = error if misfit.level == "error" else warning, misfit.finding
    return make(found.message, f"{found.file} {found.key}", misfit.do)


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
    """Each property that a partner's file names exists on its object and can be read; picklists fit."""
    live = Live.of([], {kind: d.properties(plural) for kind, plural in OBJECT_TYPES.items()})
    files = _files(d)
    for mine in files.partners.values():
        found = [_finding(each) for each in (*field_misfits(files, mine, live), *option_misfits(mine, live))]
        yield from found
        if not found:
            named = {(kind, name) for _, kind, name in named_properties(files, mine)}
            yield ok(f"{len(named)} properties are in HubSpot", mine.source.file)


CHECKS = [
    Check(area=AREA, name="stages", run=stages),
    Check(area=AREA, name="tagged deals", run=tagged_deals, seconds=60),
    Check(area=AREA, name="fields", run=fields),
]
