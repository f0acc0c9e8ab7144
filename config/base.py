"""What every partner's file has: tag, pipelines, field map, status properties. ``partners`` holds what each adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from config.formulas import names_of

Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*_$")]
Tag = Annotated[str, StringConstraints(pattern=r"^#\w+$")]
NoteMark = Annotated[str, StringConstraints(pattern=r"^[#@!]\w{2,40}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Strategy = Literal["last-write-wins", "hubspot-wins", "partner-wins", "manual"]
CrmObject = Literal["deal", "company", "contact"]
# What a field may read: the deal's owner, too, who is no object with properties of ours.
ReadObject = Literal["deal", "company", "contact", "owner"]


class Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Condition(Model):
    """Holds while ``field`` has one of the ``values`` on the partner's side; no values listed: any value at all."""

    field: Name
    values: tuple[str, ...] = Field(default=(), strict=False)


class FieldRule(Model):
    """One line of the field map; the comments in ``aws.yaml`` explain each key."""

    name: Name
    object: ReadObject = "deal"
    properties: tuple[str, ...] = Field(default=(), strict=False)
    path: str
    codec: str
    direction: Literal["both", "to_partner", "to_deal"] = "both"
    required: Literal["create", "submit", "never"] = "never"
    strategy: Strategy | None = None
    enum: str | None = None
    default: str | None = None
    pass_on: bool = False
    personal: bool = False
    only_when: Condition | None = None
    required_when: Condition | None = None
    compute: str | None = None
    together_with: Name | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @property
    def reads(self) -> tuple[str, ...]:
        """Every property that has a say in the field: its own, then those of its formula."""
        return (*self.properties, *(names_of(self.compute) if self.compute else ()))


class Pipeline(Model):
    """Deal stage id to partner stage. Of a list the first is sent; the others are read as the same deal stage."""

    stages: dict[str, str | list[str]] = Field(min_length=1)
    inbound: dict[str, str] = Field(default_factory=dict)
    closed: tuple[str, ...] = Field(default=(), strict=False)


class Inbound(Model):
    """Which opportunities that began at the partner become deals, and where those begin."""

    opportunities: Literal["invited", "all"] = "invited"
    pipeline: str
    stage: str


class Pace(Model):
    """Writes that we send to a partner at most. One every two seconds is 0.5."""

    writes_per_second: float = Field(default=1, gt=0, le=100, strict=False)
    writes_per_day: int = Field(default=10000, ge=1)


class SharedNotes(Model):
    """HubSpot notes that a person shares as the deal's next step, by what their text begins with.

    ``mark``: for every partner; ``own_mark``: for this one alone. ``most``: characters that are taken.
    """

    mark: NoteMark = "#share"
    own_mark: NoteMark | None = None
    property: str = "hs_next_step"
    most: int = Field(default=255, ge=20, le=10000)


class TagProperty(Model):
    """A deal property that says which partners the deal is for, in place of the tag in the name, or beside it.

    ``value`` must be one of those that stand in ``name`` (a checkbox list, a choice, yes/no). ``or_name``: the tag in
    the deal's name counts, too.
    """

    name: Name
    value: Annotated[str, StringConstraints(pattern=r"^[^;\s]([^;]*[^;\s])?$")]
    or_name: bool = False


class Partner(Model):
    """The keys that ``<partner>.yaml`` has whoever the partner is.

    ``property_prefix`` begins the names of the HubSpot properties that are this partner's own: no other partner's
    field map or status may name them. ``other_tags`` are tags of other tools; those of our partners are known.
    ``conflict_strategies`` says by field who wins, before the field's own ``strategy``; a stage
    may override it.
    """

    tag: Tag
    tag_property: TagProperty | None = None
    property_prefix: Prefix
    other_tags: tuple[Tag, ...] = Field(default=(), strict=False)
    conflict_strategy: Strategy = "last-write-wins"
    conflict_strategies: Mapping[str, Strategy] = Field(default_factory=dict)
    inbound: Inbound
    pipelines: Mapping[str, Pipeline] = Field(min_length=1)
    status_properties: dict[str, str]
    shared_notes: SharedNotes | None = None
    fields: tuple[FieldRule, ...] = Field(min_length=1, strict=False)

    @property
    def reading(self) -> tuple[FieldRule, ...]:
        """Every rule by which something of the deal is sent or shown."""
        return self.fields
