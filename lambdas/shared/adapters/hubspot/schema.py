"""What an account looks like: pipelines, properties, and whose token we hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.shared.adapters.hubspot.client import API_VERSION, Client, Json, results_of
from lambdas.shared.adapters.hubspot.failures import row_failure
from lambdas.shared.errors import Conflict


class Schema(Client):
    """Reading and setting up an account's schema. Creating needs the scope ``crm.schemas.<type>.write``."""

    def pipelines(self) -> list[Json]:
        """The deal pipelines as HubSpot describes them, each with ``id``, ``label`` and ``stages``."""
        what = "to read the pipelines"
        return results_of(self.call("GET", f"/crm/pipelines/{API_VERSION}/deals", what), what)

    def properties(self, object_type: str) -> list[Json]:
        """What "deals", "companies" or "contacts" hold: ``name``, ``type``, ``fieldType``, ``hasUniqueValue`` …"""
        what = f"to read the properties of {object_type}"
        return results_of(self.call("GET", _path(object_type), what), what)

    def create_property_group(self, object_type: str, name: str, label: str) -> bool:
        """Create a property group; False when it was there already."""
        body = {"name": name, "label": label}
        return self._create_unless_there(f"{_path(object_type)}/groups", body, f"to create the property group {name}")

    def create_property(self, object_type: str, definition: Mapping[str, Any]) -> bool:
        """Create one property (HubSpot's own keys); False when the name is taken: then check type and uniqueness."""
        return self._create_unless_there(
            _path(object_type), dict(definition), f"to create the property {definition.get('name')}"
        )

    def create_properties(self, object_type: str, definitions: Sequence[Mapping[str, Any]]) -> list[str]:
        """Create those that are missing; return the names created. Existing ones are left exactly as they are."""
        existing = {row.get("name") for row in self.properties(object_type)}
        missing = [dict(one) for one in definitions if one.get("name") not in existing]
        what = f"to create properties of {object_type}"
        try:
            rows, errors = self.batch(f"{_path(object_type)}/batch/create", missing, what)
        except Conflict:  # somebody else is creating them too: one by one tells which
            return [str(one["name"]) for one in missing if self.create_property(object_type, one)]
        for error in errors:
            problem = row_failure(what, error)
            if not isinstance(problem, Conflict):
                raise problem
        return [str(row.get("name")) for row in rows]

    def add_options(self, object_type: str, name: str, options: Sequence[Mapping[str, Any]]) -> list[str]:
        """Add those options that an enumeration lacks, after its own; return their values. Its own stay as they are.

        HubSpot takes the whole list only, so one that somebody adds in its settings at the same moment may be lost.
        """
        path, what = f"{_path(object_type)}/{name}", f"to add options to the property {name}"
        held = list(self.call("GET", path, what).get("options") or ())
        values, last = {one["value"] for one in held}, max((one.get("displayOrder") or 0 for one in held), default=-1)
        missing = [dict(one) for one in options if one["value"] not in values]
        if missing:
            more = [{**one, "displayOrder": last + place} for place, one in enumerate(missing, 1)]
            self.call("PATCH", path, what, body={"options": [*held, *more]})
        return [str(one["value"]) for one in missing]

    def token_facts(self) -> Json:
        """Whose token this is: ``userId``, ``hubId`` (the account), ``appId`` and ``scopes``."""
        body = {"tokenKey": self._token(False)}
        return self.call("POST", "/oauth/v2/private-apps/get/access-token-info", "to tell about the token", body=body)

    def account_facts(self) -> Json:
        """The account: ``portalId``, ``timeZone``, ``companyCurrency`` …"""
        return self.call("GET", f"/account-info/{API_VERSION}/details", "to tell about the account")

    def calls_today(self) -> tuple[int, int]:
        """How many calls of today's quota all private apps have made, and how many there are; 0 where none is told."""
        path, what = f"/account-info/{API_VERSION}/api-usage/daily/private-apps", "to tell about its quota"
        rows = results_of(self.call("GET", path, what), what)
        told = next(iter(rows), {})
        return int(told.get("currentUsage") or 0), int(told.get("usageLimit") or 0)

    def _create_unless_there(self, path: str, body: Json, what: str) -> bool:
        try:
            self.call("POST", path, what, body=body)
        except Conflict:
            return False
        return True


def _path(object_type: str) -> str:
    return f"/crm/properties/{API_VERSION}/{object_type}"
