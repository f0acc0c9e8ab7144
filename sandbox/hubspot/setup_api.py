"""Handlers for properties, groups, pipelines, owners, tokens and the account (hubspot.md 3.1, 3.9 to 3.11)."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.batch_api import answer, inputs
from sandbox.hubspot.call import Answer, Call
from sandbox.hubspot.facts import LIMITS
from sandbox.hubspot.properties import PropertyRegister
from sandbox.hubspot.refusals import Refusal, invalid
from sandbox.hubspot.times import iso

OWNERS_PAGE = 100


def list_properties(call: Call) -> Answer:
    """GET all properties of an object type."""
    archived = call.flag("archived")
    found = [p for p in _register(call).properties.values() if (p.archived_at is not None) == archived]
    return Answer(200, {"results": [one.as_json() for one in found]})


def read_property(call: Call) -> Answer:
    """GET one property."""
    return Answer(200, _register(call).get(call.path["name"], call.flag("archived"), call.state.now()).as_json())


def create_property(call: Call) -> Answer:
    """POST a property."""
    return Answer(201, _register(call).create(call.document(), call.state.now()).as_json())


def update_property(call: Call) -> Answer:
    """PATCH a property; ``options`` replaces the whole list."""
    return Answer(200, _register(call).update(call.path["name"], call.document(), call.state.now()).as_json())


def archive_property(call: Call) -> Answer:
    """DELETE a property."""
    _register(call).archive(call.path["name"], call.state.now())
    return Answer(204)


def batch_create_properties(call: Call) -> Answer:
    """POST …/batch/create of properties."""
    results, errors = [], []
    for given in inputs(call.document(), LIMITS["batch_inputs"]):
        try:
            results.append(_register(call).create(given, call.state.now()).as_json())
        except Refusal as refusal:
            errors.append(refusal.batch_row(name=str(given.get("name"))))
    dated = call.version == "2026-09"
    return answer(
        call, 201 if call.state.switches.property_batch_is_201_in_2026_09 or not dated else 200, results, errors
    )


def batch_read_properties(call: Call) -> Answer:
    """POST …/batch/read of properties by name."""
    document, results, errors = call.document(), [], []
    for given in inputs(document, LIMITS["batch_inputs"]):
        name = str(given.get("name"))
        try:
            results.append(_register(call).get(name, bool(document.get("archived")), call.state.now()).as_json())
        except Refusal as refusal:
            errors.append(refusal.batch_row(name=name))
    return answer(call, 200, results, errors)


def batch_archive_properties(call: Call) -> Answer:
    """POST …/batch/archive of properties by name."""
    for given in inputs(call.document(), LIMITS["batch_inputs"]):
        _register(call).archive(str(given.get("name")), call.state.now())
    return Answer(204)


def list_groups(call: Call) -> Answer:
    """GET all property groups."""
    return Answer(200, {"results": list(_register(call).groups.values())})


def create_group(call: Call) -> Answer:
    """POST a property group."""
    return Answer(201, _register(call).create_group(call.document()))


def list_pipelines(call: Call) -> Answer:
    """GET all pipelines with their stages."""
    _only_deals(call)
    ordered = sorted(call.state.pipelines.pipelines.values(), key=lambda pipeline: pipeline.display_order)
    return Answer(200, {"results": [pipeline.as_json() for pipeline in ordered]})


def read_pipeline(call: Call) -> Answer:
    """GET one pipeline."""
    _only_deals(call)
    return Answer(200, call.state.pipelines.get(call.path["pipeline_id"]).as_json())


def create_pipeline(call: Call) -> Answer:
    """POST a pipeline."""
    _only_deals(call)
    return Answer(201, call.state.pipelines.create(call.document(), call.state.now()).as_json())


def list_stages(call: Call) -> Answer:
    """GET the stages of a pipeline."""
    _only_deals(call)
    return Answer(200, {"results": call.state.pipelines.get(call.path["pipeline_id"]).as_json()["stages"]})


def create_stage(call: Call) -> Answer:
    """POST a stage."""
    _only_deals(call)
    made = call.state.pipelines.add_stage(call.path["pipeline_id"], call.document(), call.state.now())
    return Answer(201, made.as_json())


def relabel_pipeline(call: Call) -> Answer:
    """PATCH a pipeline's or a stage's label."""
    _only_deals(call)
    pipeline_id, stage_id = call.path["pipeline_id"], call.path.get("stage_id")
    label = call.document().get("label")
    if isinstance(label, str) and label:
        call.state.pipelines.relabel(pipeline_id, stage_id, label)
    pipelines = call.state.pipelines
    changed = pipelines.get(pipeline_id) if stage_id is None else pipelines.stage(pipeline_id, stage_id)
    return Answer(200, changed.as_json())


def list_owners(call: Call) -> Answer:
    """GET a page of owners."""
    after = call.query.get("after")
    if after is not None and not after.isdecimal():
        raise invalid("after must be the value of the last page's paging.next.after", "3.1")
    limit = call.limit(OWNERS_PAGE, 500)
    return Answer(200, call.state.owners.page(call.query.get("email"), call.flag("archived"), after, limit))


def read_owner(call: Call) -> Answer:
    """GET one owner by ``id`` or ``userId``."""
    id_property = call.query.get("idProperty", "id")
    return Answer(200, call.state.owners.get(call.path["owner_id"], id_property, call.flag("archived")).as_json())


def read_token(call: Call) -> Answer:
    """POST the token's own value, learn whose it is."""
    token = call.account.tokens.get(str(call.document().get("tokenKey")))
    if token is None:
        raise Refusal(401, "INVALID_AUTHENTICATION", "The token is not known", "4.2")
    facts: dict[str, Any] = {
        "userId": token.user_id,
        "hubId": call.state.portal_id,
        "appId": token.actor.app_id,
        "scopes": sorted(token.actor.scopes),
    }
    return Answer(200, facts)


def read_account(call: Call) -> Answer:
    """GET the account's facts."""
    settings = call.account.settings
    facts = {
        "portalId": call.state.portal_id,
        "accountType": "STANDARD",
        "timeZone": settings.time_zone,
        "companyCurrency": settings.company_currency,
        "additionalCurrencies": [],
        "utcOffset": "+00:00",
        "utcOffsetMilliseconds": 0,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    return Answer(200, facts)


def read_usage(call: Call) -> Answer:
    """GET how many calls the apps made today."""
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": call.account.settings.per_day,
        "currentUsage": call.account.limits.used_today,
        "collectedAt": iso(call.state.now()),
        "fetchStatus": "SUCCESS",
        "resetsAt": None,
    }
    return Answer(200, {"results": [row]})


def _register(call: Call) -> PropertyRegister:
    return call.state.properties[call.kind]


def _only_deals(call: Call) -> None:
    if call.kind != "deals":
        raise invalid(f"{call.kind} have no pipelines here", "3.10")
