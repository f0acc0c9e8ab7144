"""Which path is which operation, under every version that serves it, and which scopes it takes (hubspot.md 3.1, 5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from sandbox.hubspot import associations_api, batch_api, objects_api, setup_api
from sandbox.hubspot.call import Answer, Call
from sandbox.hubspot.facts import OBJECT_TYPES
from sandbox.hubspot.refusals import NoSuchPath, Refusal

DATED = ("2026-09", "2026-03")
_AREAS = "objects|associations|properties|pipelines|owners"
_CRM_DATED = re.compile(rf"/crm/({_AREAS})/({'|'.join(DATED)})(/.*)?")
_CRM_NUMBERED = re.compile(rf"/crm/(v3|v4)/({_AREAS})(/.*)?")
_ACCOUNT = re.compile(rf"/account-info/(v3|{'|'.join(DATED)})(/.*)")
TOKEN_PATH = "/oauth/v2/private-apps/get/access-token-info"

Scopes = Callable[[Call], list[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One vendor call. ``name`` (``{kind}`` filled in) is what faults and counters know it by."""

    name: str
    handler: Callable[[Call], Answer]
    scopes: Scopes
    open: bool = False


def _object_scope(way: str) -> Scopes:
    return lambda call: [(f"crm.objects.{OBJECT_TYPES[call.kind].scope}.{way}",)]


def _pair_scope(way: str) -> Scopes:
    return lambda call: [(f"crm.objects.{OBJECT_TYPES[kind].scope}.{way}",) for kind in (call.kind, call.target)]


def _schema_read(call: Call) -> list[tuple[str, ...]]:
    scope = OBJECT_TYPES[call.kind].scope
    return [(f"crm.schemas.{scope}.read", f"crm.objects.{scope}.read")]


def _schema_write(call: Call) -> list[tuple[str, ...]]:
    return [(f"crm.schemas.{OBJECT_TYPES[call.kind].scope}.write",)]


def _owners(call: Call) -> list[tuple[str, ...]]:
    return [("crm.objects.owners.read",)]


def _none(call: Call) -> list[tuple[str, ...]]:
    return []


_READ, _WRITE, _PAIR_READ, _PAIR_WRITE = (
    _object_scope("read"),
    _object_scope("write"),
    _pair_scope("read"),
    _pair_scope("write"),
)
_OBJECT = "/objects/<kind>"
_TIE = "/objects/<kind>/<record_id>/associations"
_PAIR = "/associations/<kind>/<target>"
_PROPERTY = "/properties/<kind>"
_PIPELINE = "/pipelines/<kind>"

_TABLE: list[tuple[str, str, Operation]] = [
    ("GET", _OBJECT, Operation("{kind}.list", objects_api.list_page, _READ)),
    ("POST", _OBJECT, Operation("{kind}.create", objects_api.create, _WRITE)),
    ("GET", f"{_OBJECT}/<record_id>", Operation("{kind}.read", objects_api.read, _READ)),
    ("PATCH", f"{_OBJECT}/<record_id>", Operation("{kind}.update", objects_api.update, _WRITE)),
    ("DELETE", f"{_OBJECT}/<record_id>", Operation("{kind}.archive", objects_api.archive, _WRITE)),
    ("POST", f"{_OBJECT}/search", Operation("{kind}.search", objects_api.search, _READ)),
    ("POST", f"{_OBJECT}/merge", Operation("{kind}.merge", objects_api.merge, _WRITE)),
    ("POST", "/objects/contacts/gdpr-delete", Operation("contacts.gdpr_delete", objects_api.gdpr_delete, _WRITE)),
    ("POST", f"{_OBJECT}/batch/read", Operation("{kind}.batch_read", batch_api.read, _READ)),
    ("POST", f"{_OBJECT}/batch/create", Operation("{kind}.batch_create", batch_api.create, _WRITE)),
    ("POST", f"{_OBJECT}/batch/update", Operation("{kind}.batch_update", batch_api.update, _WRITE)),
    ("POST", f"{_OBJECT}/batch/upsert", Operation("{kind}.batch_upsert", batch_api.upsert, _WRITE)),
    ("POST", f"{_OBJECT}/batch/archive", Operation("{kind}.batch_archive", batch_api.archive, _WRITE)),
    (
        "PUT",
        f"{_TIE}/default/<target>/<target_id>",
        Operation("associations.associate_default", associations_api.associate_default, _PAIR_WRITE),
    ),
    (
        "PUT",
        f"{_TIE}/<target>/<target_id>",
        Operation("associations.associate", associations_api.associate, _PAIR_WRITE),
    ),
    (
        "DELETE",
        f"{_TIE}/<target>/<target_id>",
        Operation("associations.dissociate", associations_api.dissociate, _PAIR_WRITE),
    ),
    ("GET", f"{_TIE}/<target>", Operation("associations.list", associations_api.list_targets, _PAIR_READ)),
    ("POST", f"{_PAIR}/batch/read", Operation("associations.batch_read", associations_api.batch_read, _PAIR_READ)),
    (
        "POST",
        f"{_PAIR}/batch/create",
        Operation("associations.batch_create", associations_api.batch_create, _PAIR_WRITE),
    ),
    (
        "POST",
        f"{_PAIR}/batch/associate/default",
        Operation("associations.batch_associate_default", associations_api.batch_associate_default, _PAIR_WRITE),
    ),
    (
        "POST",
        f"{_PAIR}/batch/archive",
        Operation("associations.batch_archive", associations_api.batch_archive, _PAIR_WRITE),
    ),
    (
        "POST",
        f"{_PAIR}/batch/labels/archive",
        Operation("associations.batch_labels_archive", associations_api.batch_labels_archive, _PAIR_WRITE),
    ),
    ("GET", f"{_PAIR}/labels", Operation("associations.labels", associations_api.labels, _PAIR_READ)),
    ("POST", f"{_PAIR}/labels", Operation("associations.create_label", associations_api.create_label, _PAIR_WRITE)),
    ("GET", _PROPERTY, Operation("properties.list", setup_api.list_properties, _schema_read)),
    ("POST", _PROPERTY, Operation("properties.create", setup_api.create_property, _schema_write)),
    ("GET", f"{_PROPERTY}/<name>", Operation("properties.read", setup_api.read_property, _schema_read)),
    ("PATCH", f"{_PROPERTY}/<name>", Operation("properties.update", setup_api.update_property, _schema_write)),
    ("DELETE", f"{_PROPERTY}/<name>", Operation("properties.archive", setup_api.archive_property, _schema_write)),
    (
        "POST",
        f"{_PROPERTY}/batch/create",
        Operation("properties.batch_create", setup_api.batch_create_properties, _schema_write),
    ),
    (
        "POST",
        f"{_PROPERTY}/batch/read",
        Operation("properties.batch_read", setup_api.batch_read_properties, _schema_read),
    ),
    (
        "POST",
        f"{_PROPERTY}/batch/archive",
        Operation("properties.batch_archive", setup_api.batch_archive_properties, _schema_write),
    ),
    ("GET", f"{_PROPERTY}/groups", Operation("groups.list", setup_api.list_groups, _schema_read)),
    ("POST", f"{_PROPERTY}/groups", Operation("groups.create", setup_api.create_group, _schema_write)),
    ("GET", _PIPELINE, Operation("pipelines.list", setup_api.list_pipelines, _READ)),
    ("POST", _PIPELINE, Operation("pipelines.create", setup_api.create_pipeline, _WRITE)),
    ("GET", f"{_PIPELINE}/<pipeline_id>", Operation("pipelines.read", setup_api.read_pipeline, _READ)),
    ("PATCH", f"{_PIPELINE}/<pipeline_id>", Operation("pipelines.update", setup_api.relabel_pipeline, _WRITE)),
    ("GET", f"{_PIPELINE}/<pipeline_id>/stages", Operation("stages.list", setup_api.list_stages, _READ)),
    ("POST", f"{_PIPELINE}/<pipeline_id>/stages", Operation("stages.create", setup_api.create_stage, _WRITE)),
    (
        "PATCH",
        f"{_PIPELINE}/<pipeline_id>/stages/<stage_id>",
        Operation("stages.update", setup_api.relabel_pipeline, _WRITE),
    ),
    ("GET", "/owners", Operation("owners.list", setup_api.list_owners, _owners)),
    ("GET", "/owners/<owner_id>", Operation("owners.read", setup_api.read_owner, _owners)),
    ("POST", "/token-info", Operation("token.read", setup_api.read_token, _none, open=True)),
    ("GET", "/account/details", Operation("account.read", setup_api.read_account, _none)),
    ("GET", "/account/api-usage/daily/private-apps", Operation("account.usage", setup_api.read_usage, _none)),
]
OPERATION_NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(operation.name.format(kind=kind) for _, _, operation in _TABLE for kind in OBJECT_TYPES)
)
_MAP = Map(
    [
        Rule(path, methods=[method], endpoint=operation, defaults={"kind": "contacts"} if "gdpr" in path else None)
        for method, path, operation in _TABLE
    ],
    redirect_defaults=False,
    merge_slashes=False,
    strict_slashes=False,
).bind("hubspot")


def route(method: str, path: str) -> tuple[Operation, dict[str, str], str]:
    """The operation behind a request (``path`` still encoded), the parts of its path, the version. Or 404, 405."""
    canonical, version = _canonical(path)
    try:
        operation, parts = _MAP.match(canonical, method)
    except MethodNotAllowed:
        raise Refusal(405, "VALIDATION_ERROR", f"{method} is not allowed on this path", "3.1") from None
    except NotFound:
        raise NoSuchPath(path) from None
    return operation, {name: unquote(part) for name, part in parts.items()}, version


def _canonical(path: str) -> tuple[str, str]:
    if path == TOKEN_PATH:
        return "/token-info", "2026-09"
    found = _CRM_DATED.fullmatch(path)
    if found:
        return f"/{found[1]}{found[3] or ''}".rstrip("/"), found[2]
    found = _CRM_NUMBERED.fullmatch(path)
    if found:
        return f"/{found[2]}{found[3] or ''}".rstrip("/"), found[1]
    found = _ACCOUNT.fullmatch(path)
    if found:
        return f"/account{found[2]}", found[1]
    raise NoSuchPath(f"{path} (versions: {', '.join(DATED)}, v3, v4)")
