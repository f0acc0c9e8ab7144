"""What one deployment stage has otherwise than its partners' files say: ``overrides`` of ``stages.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from config.errors import Finding
from config.files import Files, PartnerFiles
from config.source import KeyPath, Source

SAME_EVERYWHERE = (
    "tag",
    "tag_property",
    "property_prefix",
    "other_tags",
    "status_properties",
    "shared_notes",
    "fields",
)
"""Keys by which the HubSpot app and its properties are made: one app serves a file, so no stage differs in them."""


@dataclass(frozen=True, slots=True)
class OverlaidSource(Source):
    """A partner's file with a stage's overrides laid over it. A finding is where the key stands, in either file."""

    below: Source | None = None
    above: Source | None = None
    prefix: KeyPath = ()

    def finding(self, path: Sequence[str | int], message: str, allowed: Sequence[str] = ()) -> Finding:
        """A finding at ``path``, in ``stages.yaml`` if the stage says it, else in the partner's file."""
        if self.above is None or self.below is None:
            return Source.finding(self, path, message, allowed)
        for end in range(len(path), 0, -1):
            at = tuple(path[:end])
            if (*self.prefix, *at) in self.above.lines:
                return self.above.finding((*self.prefix, *path), message, allowed)
            if at in self.below.lines:
                break
        return self.below.finding(path, message, allowed)


def overlaid(files: Files) -> Iterator[tuple[str, str, OverlaidSource]]:
    """``(stage, partner, source)`` of every override, the partner's file and the stage's words as one document."""
    for name, stage in files.stages.stages.items():
        for partner, said in stage.overrides.items():
            if partner in files.partners:
                mine, above = files.partners[partner].source, files.stages_source
                prefix: KeyPath = ("stages", name, "overrides", partner)
                data = laid_over(mine.data, said)
                yield name, partner, OverlaidSource(mine.file, data, below=mine, above=above, prefix=prefix)


def refusals(files: Files) -> Iterator[Finding]:
    """What cannot be overridden: a partner without a file, and keys that are the same in every stage."""
    for name, stage in files.stages.stages.items():
        for partner, said in stage.overrides.items():
            at: KeyPath = ("stages", name, "overrides", partner)
            if partner not in files.partners:
                yield files.stages_source.finding(at, f"unknown partner {partner!r}", tuple(files.partners))
                continue
            every = type(files.partners[partner].model).model_fields
            allowed = sorted(set(every) - set(SAME_EVERYWHERE))
            for key in said:
                if key in SAME_EVERYWHERE:
                    message = f"{key!r} is the same in every stage: HubSpot's app and properties are made by it"
                    yield files.stages_source.finding((*at, key), message, allowed)


def with_overrides(files: Files, theirs: Mapping[str, tuple[OverlaidSource, Any]]) -> Files:
    """The files as one stage sees them. ``theirs``: its overlaid source and model by partner."""
    partners: dict[str, PartnerFiles] = dict(files.partners)
    for name, (source, model) in theirs.items():
        partners[name] = replace(partners[name], source=source, model=model)
    return replace(files, partners=partners)


def laid_over(below: Any, above: Any) -> Any:
    """``below`` with what ``above`` says: blocks are merged key by key, anything else is replaced."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: laid_over(below.get(key), value) for key, value in above.items()}}
