"""AWS's vocabularies: enumerations and paths from the SDK's service model, the rest from ``aws_values.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.model
import botocore.session

SERVICE = "partnercentral-selling"


@cache
def service_enums() -> dict[str, tuple[str, ...]]:
    """Shape name to values, for each string enumeration of the Partner Central service model."""
    model: Any = botocore.session.get_session().get_service_model(SERVICE)
    shapes = (model.shape_for(name) for name in model.shape_names)
    enums = ((shape.name, getattr(shape, "enum", None)) for shape in shapes)
    return {name: tuple(values) for name, values in enums if values}


@cache
def regions() -> tuple[str, ...]:
    """Regions of the standard partition in which Lambda can be had."""
    return tuple(botocore.session.get_session().get_available_regions("lambda"))


@cache
def opportunity_members() -> dict[str, object]:
    """The members of an opportunity as UpdateOpportunity or CreateOpportunity takes and GetOpportunity gives them."""
    model: Any = botocore.session.get_session().get_service_model(SERVICE)
    shape: Any = model.operation_model("GetOpportunity").output_shape
    return dict(shape.members)


def enum_values(name: str, values: Mapping[str, object]) -> tuple[str, ...] | None:
    """The values of an enumeration, or None if there is none of that name. ``values`` is ``aws_values.yaml``."""
    if name in service_enums():
        return service_enums()[name]
    listed = values.get(name)
    return tuple(str(value) for value in listed) if isinstance(listed, list) else None


def enum_names(values: Mapping[str, object]) -> tuple[str, ...]:
    """Every name that ``enum`` may have."""
    return tuple(sorted({*service_enums(), *(name for name, listed in values.items() if isinstance(listed, list))}))


def path_exists(path: str) -> bool:
    """Whether an opportunity has a member at ``A.B[Key=Value].C``."""
    shape: Any = None
    for step in path.split("."):
        name = step.split("[", 1)[0]
        members = opportunity_members() if shape is None else getattr(shape, "members", {})
        if name not in members:
            return False
        shape = members[name]
        if "[" in step and isinstance(shape, botocore.model.ListShape):
            shape = shape.member
    return True
