"""Hypothesis worlds: a deal, an opportunity, a base that any past may have left, locks and a strategy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from lambdas.aws.domain.codecs import CODECS
from lambdas.shared.domain.conflict_picks import Pick
from lambdas.shared.domain.planner import FieldPlan, Window, plan_fields
from tests.unit.domain.domain_support import MODIFIED, NOW, SEEN, context, deal, history, opportunity, rules

STRATEGIES = ("last-write-wins", "hubspot-wins", "partner-wins", "manual")
STAGES = (
    "Prospect",
    "Qualified",
    "Technical Validation",
    "Business Validation",
    "Committed",
    "Launched",
    "Closed Lost",
)
DEAL_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
    "closedwon",
    "closedlost",
    "someone-elses",
)
TEXTS = st.sampled_from(
    [
        "BigCorp",
        "BigCorp - ",
        "Big &amp; <b>bold</b> plan for the whole company",
        "a < b and c > d, said of everything here",
        "line one\r\n\r\n\r\n\r\nline two of the same text",
        "x" * 300,
        "&amp;lt;p&amp;gt;deeply escaped text, twice over&amp;lt;/p&amp;gt;",
        "(#AWS) tagged text that somebody typed at the partner",
        "#Microsoft #AWS",
    ]
)
REASONS = ("Price", "Other", "No Opportunity")


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


DEALS = st.fixed_dictionaries(
    {
        "dealname": TEXTS.map(lambda text: f"{text} #AWS"),
        "description": maybe(TEXTS),
        "aws_customer_problem": maybe(TEXTS),
        "dealstage": st.sampled_from(DEAL_STAGES),
        "amount": maybe(st.sampled_from(["0", "12", "12.345", "120000", "-5", "many"])),
        "deal_currency_code": maybe(st.sampled_from(["USD", "EUR", "JPY"])),
        "aws_contract_months": maybe(st.sampled_from(["12", "24.0", "200", "a year"])),
        "closedate": maybe(st.sampled_from(["2027-03-31T23:30:00Z", "1806534000000", "2020-01-01T00:00:00Z", "soon"])),
        "hs_next_step": maybe(TEXTS),
        "aws_closed_lost_reason": maybe(st.sampled_from([*REASONS, "Bad luck"])),
        "dealtype": maybe(st.sampled_from(["newbusiness", "existingbusiness", "renewal"])),
        "aws_delivery_models": maybe(st.sampled_from(["Resell;Managed Services", "Managed Services", "Postal"])),
        "aws_review_comments": maybe(TEXTS),
    }
)
COMPANIES = st.fixed_dictionaries(
    {
        "name": maybe(TEXTS),
        "country": maybe(st.sampled_from(["Germany", "US", "United States", "Atlantis"])),
        "state": maybe(st.sampled_from(["WA", "texas", "Bavaria"])),
        "zip": maybe(st.sampled_from(["98101", "10115", "ABC"])),
        "industry": maybe(st.sampled_from(["COMPUTER_SOFTWARE", "CONSUMER_SERVICES", "NEW_ONE"])),
    }
)
# Field name to what AWS may hold there.
PARTNER = {
    "title": TEXTS,
    "customer_problem": TEXTS,
    "stage": st.sampled_from(STAGES),
    "closed_lost_reason": st.sampled_from(REASONS),
    "close_date": st.sampled_from(["2027-04-01", "2020-01-01", "2028-12-31"]),
    "next_steps": TEXTS,
    "opportunity_type": st.sampled_from(["Net New Business", "Flat Renewal", "Expansion"]),
    "delivery_models": st.sampled_from([["Resell"], ["Managed Services", "Resell"]]),
    "spend_amount": st.sampled_from(["12.00", "99.5", "120000.00"]),
    "spend_currency": st.sampled_from(["USD", "EUR"]),
    "contract_months": st.sampled_from(["12", "36"]),
    "company_name": TEXTS,
    "country": st.sampled_from(["US", "DE"]),
    "state": st.sampled_from(["Washington", "Texas"]),
    "industry": st.sampled_from(["Other", "Retail"]),
    "other_industry": st.sampled_from(["Consumer Services"]),
    "marketing_source": st.sampled_from(["None", "Marketing Activity"]),
    "review_comments": TEXTS,
}
NAMES = [rule.name for rule in rules()]
PATHS = {rule.name: rule.path for rule in rules()}


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """A deal, an opportunity, a base that any past may have left, locks and a strategy."""
    document = deal(company=draw(COMPANIES), **draw(DEALS))
    for name in draw(
        st.lists(st.sampled_from(["dealname", "description", "dealstage", "closedate", "amount"]), max_size=3)
    ):
        history(document, name, draw(st.sampled_from([SEEN - 1, SEEN + 1, MODIFIED, NOW])))
    held = draw(st.fixed_dictionaries({}, optional=PARTNER))
    if "spend_amount" not in held:
        held.pop("spend_currency", None)
    other = opportunity({PATHS[name]: value for name, value in held.items()})
    based = draw(st.fixed_dictionaries({}, optional={name: maybe(each) for name, each in PARTNER.items()}))
    ours = plan_world(document, other, {}, "hubspot-wins", frozenset()).values
    agreed = draw(st.lists(st.sampled_from(NAMES), unique=True))
    base = {name: _canonical(name, value) for name, value in based.items()}
    base |= {name: ours[name] for name in agreed if name in ours}
    return {
        "deal": document,
        "opportunity": other,
        "base": base,
        "strategy": draw(st.sampled_from(STRATEGIES)),
        "locked": frozenset(draw(st.lists(st.sampled_from(NAMES), max_size=4))),
    }


@st.composite
def money(draw: st.DrawFn) -> dict[str, Any]:
    """A world of amounts and currencies alone: each side, the base, what holds each, what was picked, who wrote it."""
    halves = ("spend_amount", "spend_currency")
    amounts, currencies = maybe(st.sampled_from(["1", "2", "3", "0", "many"])), st.sampled_from(["USD", "EUR", "JPY"])
    document = deal(amount=draw(amounts), deal_currency_code=draw(maybe(currencies)))
    document["foreign"] = {"deal": draw(st.lists(st.sampled_from(["amount", "deal_currency_code"]), unique=True))}
    for name in draw(st.lists(st.sampled_from(["amount", "deal_currency_code"]), unique=True)):
        history(document, name, draw(st.sampled_from([SEEN, NOW])))
    there = {"spend_amount": maybe(st.sampled_from(["1.00", "2.00", "3.00"])), "spend_currency": maybe(currencies)}
    known = draw(st.fixed_dictionaries({}, optional=there))
    other = {name: value for name, each in there.items() if (value := draw(each)) is not None}
    return {
        "deal": document,
        "opportunity": opportunity({PATHS[name]: value for name, value in other.items()}),
        "base": known,
        "strategy": draw(st.sampled_from(STRATEGIES)),
        "locked": frozenset(draw(st.lists(st.sampled_from(halves), unique=True))),
        "held": {name: {draw(currencies)} for name in draw(st.lists(st.just("spend_currency"), max_size=1))},
        "picks": {
            name: Pick(draw(st.sampled_from(["deal", "opportunity"])), "CRM_UI userId:1")
            for name in draw(st.lists(st.sampled_from(halves), unique=True))
        },
        "direction": draw(st.sampled_from(["both", "both", "to_partner", "to_deal"])),
        "required": draw(st.sampled_from(["create", "never"])),
    }


def plan_money(world: dict[str, Any]) -> FieldPlan:
    """The plan of such a world, whose two rules have its direction and need."""
    table = [
        replace(each, direction=world["direction"], required=world["required"])
        if each.name in ("spend_amount", "spend_currency")
        else each
        for each in rules(world["strategy"])
    ]
    return plan_fields(
        world["deal"],
        world["opportunity"],
        world["base"],
        table,
        codecs=CODECS,
        locked=world["locked"],
        window=Window(SEEN, MODIFIED),
        context=context(),
        held=world["held"],
        picks=world["picks"],
    )


def _canonical(name: str, value: Any) -> Any:
    rule = next(each for each in rules() if each.name == name)
    return CODECS[rule.codec].canonical(value, rule, context()) if value is not None else None


def plan_world(document: Any, other: Any, base: Any, strategy: str, locked: Any, order: Any = None) -> FieldPlan:
    table = list(order or rules(strategy))
    window = Window(SEEN, MODIFIED)
    return plan_fields(document, other, base, table, codecs=CODECS, locked=locked, window=window, context=context())
