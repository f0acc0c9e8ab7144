"""Microsoft as the configuration sees it: vocabulary of ``microsoft_values.yaml``, its own checks, its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.deployment import MicrosoftStage
from config.errors import Finding
from config.files import Files, PartnerFiles, unknown
from config.partners.microsoft_model import MicrosoftPartner
from config.rendering import common_settings, listed, rule_settings
from config.room import ROLES, SHARED_CODECS, Rendering, Room, Values

CODECS: Mapping[str, frozenset[str]] = {
    **SHARED_CODECS,
    "standing": frozenset(),
    "sales_stage": frozenset(),
    "closing_time": frozenset(),
    "deal_kind": frozenset(),
    "consent": frozenset(),
    "size": frozenset(),
    "industries": frozenset({"table"}),
    "solutions": frozenset(),
    "contacts": frozenset(),
    "seller": frozenset(),
}
# Kind of deal and consents are a person's to say.
_NO_DEFAULT = frozenset({"deal_kind", "consent"})


def enum_values(name: str, values: Values) -> tuple[str, ...] | None:
    """The members of one enumeration."""
    members = (values.get("enums") or {}).get(name)
    return None if members is None else tuple(members)


def enum_names(values: Values) -> tuple[str, ...]:
    """The enumerations that there are."""
    return tuple(sorted(values.get("enums") or {}))


def _check(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    microsoft, source = mine.model, mine.source
    allowed = enum_values("Industry", mine.values) or ()
    for name, industry in microsoft.industries.items():
        if industry not in allowed:
            yield unknown(source, ("industries", name), "Microsoft industry", industry, allowed)
    for index, rule in enumerate(microsoft.fields):
        if rule.codec in _NO_DEFAULT and rule.default is not None:
            message = "a person says what is shared with Microsoft: no default"
            yield source.finding(("fields", index, "default"), message, ("none",))
    yield from _sales_stages(mine)


def _sales_stages(mine: PartnerFiles) -> Iterator[Finding]:
    allowed = enum_values("SalesStage", mine.values) or ()
    for name, pipeline in mine.model.pipelines.items():
        open_stages = [stage for stage, to in pipeline.stages.items() if not listed(to)[0].startswith("Closed/")]
        for stage, value in pipeline.sales_stages.items():
            at = ("pipelines", name, "sales_stages", stage)
            if stage not in open_stages:
                yield unknown(mine.source, at, "open deal stage", stage, open_stages)
            if value not in allowed:
                yield unknown(mine.source, at, "sales stage", value, allowed)


def _render(of: Rendering[MicrosoftPartner, MicrosoftStage]) -> dict[str, Any]:
    microsoft, block = of.partner, of.block
    rules = [
        rule_settings(rule, None if rule.enum is None else enum_values(rule.enum, of.values) or ())
        for rule in microsoft.fields
    ]
    return {
        **common_settings(microsoft, of.all_partners, rules),
        # A close at Microsoft moves the deal only where `inbound` says so.
        "inbound_stage_map": {name: dict(each.inbound) for name, each in microsoft.pipelines.items()},
        "sales_stage_map": {name: dict(each.sales_stages) for name, each in microsoft.pipelines.items()},
        "quota": (block.quota or microsoft.quota).model_dump(mode="json"),
        "solutions": list(block.solutions),
        "solution_names": dict(block.solutions),
        "referrals": microsoft.referrals,
        "warning_days": microsoft.warning_days,
        **microsoft.unverified.model_dump(mode="json"),
        "tables": {"countries": dict(microsoft.countries), "industries": dict(microsoft.industries)},
    }


ROOM = Room(
    name="microsoft",
    label="Microsoft",
    model=MicrosoftPartner,
    block="microsoft",
    codecs=CODECS,
    needs_enum=frozenset({"choice", "choices", "table", "industries", "sales_stage"}),
    enum_values=enum_values,
    enum_names=enum_names,
    has_path=lambda path, values: path in values["paths"],
    roots=lambda values: tuple(values["paths"]),
    stages=lambda values: enum_values("Standing", values) or (),
    check=_check,
    render=_render,
    value_keys=("enums", "paths"),
    roles=(*ROLES, "review_substatus", "acceptance", "solution_ids"),
    tables=("industries",),
)
