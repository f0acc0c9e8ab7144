"""What must not be found where operators look: every value of a customer that a world has, and every secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox.world import World

SHORTEST = 3
_PEOPLE = ("email", "firstname", "lastname", "phone", "jobtitle")
_COMPANY = ("name", "domain", "website", "city", "address", "zip", "phone")
_AT_PARTNERS = frozenset(
    """
    additionalcomments addressline1 businesstitle city closeddatereason companyname
    customerbusinessproblem customername description displayname email firstname
    lastname message name nextstep nextsteps notes
    organizationname owneremail phone phonenumber postalcode reviewcomments
    reviewstatusreason streetaddress title websiteurl
    """.split()  # noqa: SIM905  # a list of them would be a page
)
_SECRET = frozenset(("access_token", "refresh_token", "client_secret", "client_secrets", "private_key"))
# Numbers, dates and ids are no values that could be told from others; a resource's name is an id.
_NO_TEXT = re.compile(r"[\d\s.:TZ+-]*|(?:opportunities|partners|accounts)/.*|arn:.*|O\d+|https?://127\..*")


def customer_values(world: World) -> set[str]:
    """Texts of deals, companies, contacts and the partners' records, past ones too, but for the product's own words."""
    ours = _strings(world.settings) | _strings(world.configuration.model_dump(mode="json")) | {"true", "false"}
    found = {*_of_hubspot(world), *_of_partners(world)}
    return {text for text in map(str.strip, found) if _can_be_told(text) and text not in ours}


def secret_values(world: World) -> set[str]:
    """What is secret in the stored secrets, in their versions of before too."""
    manager = world.cloud.client("secretsmanager")
    names = [one["Name"] for page in manager.get_paginator("list_secrets").paginate() for one in page["SecretList"]]
    found: set[str] = set()
    for name in names:
        for stage in ("AWSCURRENT", "AWSPREVIOUS"):
            try:
                text = manager.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"]
            except manager.exceptions.ResourceNotFoundException:
                continue
            found |= {leaf for key, leaf in _leaves(json.loads(text)) if key in _SECRET and leaf}
    return found


def _can_be_told(text: str) -> bool:
    return len(text) >= SHORTEST and not _NO_TEXT.fullmatch(text) and "\n" not in text


def _of_hubspot(world: World) -> Iterator[str]:
    mapped = {
        name for one in world.settings["partners"].values() for rule in one["fields"] for name in rule["properties"]
    }
    own = {name for one in world.settings["partners"].values() for name in one["status_properties"].values()}
    wanted = {
        "deals": {"dealname", *mapped} - own,
        "companies": {*_COMPANY, *mapped} - own,
        "contacts": {*_PEOPLE, *mapped} - own,
    }
    for kind, names in wanted.items():
        for record in world.hubspot.records(kind):
            for name, versions in record.history.items():
                if name in names:
                    yield from (_without_tags(one.value) for one in versions if one.value)


def _without_tags(text: str) -> str:
    return re.sub(r"\s*#(AWS|Microsoft|GCP)\b", "", text).strip()


def _of_partners(world: World) -> Iterator[str]:
    catalogs = world.central.catalogs.values()
    records: list[Any] = [one.document for each in catalogs for one in each.opportunities.values()]
    records += list(world.microsoft.referrals.documents.values())
    google = world.google.state
    for kept in (google.opportunities, google.leads, google.crm_opportunities):
        records += [one.document for one in kept.values()]
    for record in records:
        yield from (leaf for key, leaf in _leaves(record) if key.lower() in _AT_PARTNERS)


def _leaves(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _leaves(value, str(name))
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _leaves(value, key)
    elif isinstance(node, str):
        yield key, node


def _strings(node: Any) -> set[str]:
    """Every text of a document, its keys too."""
    if isinstance(node, Mapping):
        return {*map(str, node), *_joined(map(_strings, node.values()))}
    if isinstance(node, (list, tuple)):
        return _joined(map(_strings, node))
    return {node} if isinstance(node, str) else set()


def _joined(sets: Iterable[set[str]]) -> set[str]:
    return set().union(*sets)
