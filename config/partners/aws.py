"""AWS as the configuration sees it: the service model's vocabulary, its own checks, its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config import vocabulary
from config.deployment import PartnerCentral, Quota
from config.errors import Finding
from config.field_checks import formula_findings
from config.files import Files, PartnerFiles, unknown
from config.partners.aws_invitations import INVITATION_ROLES, check_invitations
from config.partners.aws_model import AwsPartner
from config.partners.aws_owners import owner_table
from config.partners.aws_resources import CATALOGUE, ENGAGEMENT_ROLES, Catalogue, check_catalogue, resource_settings
from config.partners.aws_solutions import Entities, check_matching
from config.partners.aws_spend import spend_rules
from config.rendering import common_settings, rule_settings
from config.room import ROLES, SHARED_CODECS, Rendering, Room, Values
from config.source import KeyPath

CODECS: Mapping[str, frozenset[str]] = {
    **SHARED_CODECS,
    "close_date": frozenset(),
    "website": frozenset(),
    "us_state": frozenset(),
    "postal_code": frozenset(),
    "contacts": frozenset(),
    "needs": frozenset(),
}

_FOR_THE_RULES = {"rules", "high_priority_due_hours", "due_hours"}  # the rest is the stack's


def _check(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    yield from _quotas(files)
    yield from _spend(files, mine)
    yield from check_matching(mine)
    yield from _topics(files, mine)
    yield from check_invitations(mine)
    yield from check_catalogue(mine)
    allowed = vocabulary.service_enums()["Industry"]
    for name, industry in mine.model.industries.items():
        if industry not in allowed:
            yield unknown(mine.source, ("industries", name), "AWS industry", industry, allowed)


def _quotas(files: Files) -> Iterator[Finding]:
    """Partner Central counts writes by account and catalog: stages on the same one must count in the same table."""
    source = files.stages_source
    first: dict[tuple[str, str], tuple[str, Quota]] = {}
    for name, stage in files.stages.stages.items():
        if "aws" not in stage.partners:  # it writes nothing there, and its block may stand for none
            continue
        at: KeyPath = ("stages", name, "quota", "table")
        table, central = stage.quota.table, stage.partner_central
        if table is not None and table.split(":")[3] != stage.region:
            yield source.finding(at, f"the table lies in {table.split(':')[3]}, the stage in {stage.region}")
        other, quota = first.setdefault((central.account, central.catalog), (name, stage.quota))
        if other != name and (table is None or stage.quota != quota):
            message = (
                f"writes to catalog {central.catalog} of account {central.account} are counted by the stage {other!r} "
                "too, and together they would exceed its quota"
            )
            ways = ("the same quota with the same table in both", "one stage for this account and catalog")
            yield source.finding(at, message, ways)


def _topics(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """A rule reaches a topic of its own region only; it would be lost without a word."""
    general = mine.model.notifications.topic
    for name, stage in files.stages.stages.items():
        own = stage.notification_topic_arn
        topic = own or general
        if topic.startswith("arn:") and topic.split(":")[3] != stage.region:
            message = f"the topic lies in {topic.split(':')[3]}, the stage {name!r} in {stage.region}"
            at: KeyPath = ("stages", name, "notification_topic_arn") if own else ("notifications", "topic")
            yield (files.stages_source if own else mine.source).finding(at, message)


def _spend(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """Both meanings of an amount are checked, the chosen one and the other."""
    allowed, spend = files.known("deal", mine), mine.model.spend
    for mode, block in (("contract_value", spend.contract_value), ("monthly_spend", spend.monthly_spend)):
        for key, name in block.model_dump(exclude={"frequency", "compute"}, exclude_none=True).items():
            if name not in allowed:
                yield unknown(mine.source, ("spend", mode, key), "property", name, allowed)
    if spend.monthly_spend.compute is not None:
        at: KeyPath = ("spend", "monthly_spend", "compute")
        yield from formula_findings(files, mine, spend.monthly_spend.compute, at)


def _render(of: Rendering[AwsPartner, PartnerCentral]) -> dict[str, Any]:
    aws, central = of.partner, of.block
    rules = [
        rule_settings(rule, None if rule.enum is None else vocabulary.enum_values(rule.enum, of.values) or ())
        for rule in (*aws.fields, *spend_rules(aws))
    ]
    return {
        **common_settings(aws, of.all_partners, rules),
        "catalog": central.catalog,
        "region": central.region,
        "quota": of.stage.quota.model_dump(mode="json", exclude={"table"}),
        "solutions": list(aws.solutions.get(central.catalog, [])),
        "entities": aws.entities.get(central.catalog, Entities()).model_dump(mode="json"),
        "solution_matching": aws.solution_matching.model_dump(mode="json"),
        "invitations": aws.invitations.model_dump(mode="json"),
        "notifications": aws.notifications.model_dump(mode="json", include=_FOR_THE_RULES),
        "review_locks": aws.review_locks,
        "owners": owner_table(aws.owners.get(central.catalog, {})),
        "closed_lost": aws.closed_lost,
        "submission": aws.submission.model_dump(mode="json"),
        "resources": resource_settings(aws.resources, central, of.values.get(CATALOGUE, {})),
        "engagement": aws.engagement.model_dump(mode="json"),
        "tables": _tables(aws, of.values),
    }


def _tables(aws: AwsPartner, values: Values) -> dict[str, Any]:
    return {
        "industries": dict(aws.industries),
        "us_states": dict(values["us_states"]),
        "us_states_without_code": list(values["us_states_without_code"]),
        "postal_formats": {
            country: list(group["formats"]) for group in values["postal_formats"] for country in group["countries"]
        },
        "no_postal_code": list(values["no_postal_code"]),
    }


ROOM = Room(
    name="aws",
    label="AWS",
    model=AwsPartner,
    block="partner_central",
    codecs=CODECS,
    needs_enum=frozenset({"choice", "choices", "needs", "table", "country"}),
    enum_values=vocabulary.enum_values,
    enum_names=vocabulary.enum_names,
    has_path=lambda path, _values: vocabulary.path_exists(path),
    roots=lambda _values: sorted(vocabulary.opportunity_members()),
    stages=lambda _values: vocabulary.service_enums()["Stage"],
    check=_check,
    render=_render,
    value_keys=("us_states", "us_states_without_code", "postal_formats", "no_postal_code"),
    roles=(
        *ROLES,
        "invitation_id",
        *INVITATION_ROLES,
        *ENGAGEMENT_ROLES,
        "solution_ids",
        "aws_products",
        "marketplace_ids",
        "submit",
        "owner_status",
        "closed_lost",
        "involvement_wanted",
        "visibility_wanted",
    ),
    tables=("industries",),
    implied=spend_rules,
    required=True,
    companions={CATALOGUE: Catalogue},
)
