"""The owner table of ``aws.yaml``: which HubSpot owner is which user of Partner Central."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from config.base import Model

HubSpotAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
# The service model's pattern for AssigneeContact.Email, which knows lower case only.
_FORM = r"^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+\.[a-z0-9-]+$"
PartnerCentralAddress = Annotated[str, StringConstraints(pattern=_FORM, max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]


class PartnerCentralUser(Model):
    """An active user of Partner Central, as AssignOpportunity takes it. ``email``: default HubSpot's, in lower case."""

    email: PartnerCentralAddress | None = None
    first_name: Words
    last_name: Words
    title: Words


Owners = dict[HubSpotAddress, PartnerCentralUser]
"""HubSpot owner's e-mail address to the user."""


def owner_table(owners: Mapping[str, PartnerCentralUser]) -> dict[str, dict[str, str]]:
    """The table as the functions take it: addresses in lower case, every user with one."""
    return {
        address.lower(): {**user.model_dump(mode="json"), "email": user.email or address.lower()}
        for address, user in owners.items()
    }
