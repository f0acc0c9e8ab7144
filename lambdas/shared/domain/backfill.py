"""What a backfill would make of a deal or an opportunity that was there before the sync was. Pure.

| deal or opportunity | then |
|---|---|
| its link has both a deal and an opportunity | already linked |
| a create of it has no answer yet | wait |
| more than one opportunity is named by the deal, or names it | ambiguous |
| the deal carries an opportunity's id, or one opportunity names the deal | linked to it |
| a tagged deal with the title of an opportunity that nobody claims | ambiguous, or created all the same |
| a tagged deal that the partner would take | created at the partner |
| a tagged deal that the partner would refuse | cannot, with every problem |
| an opportunity for which the inbound rule makes a deal | becomes a deal |
| anything else | left alone, and why |

The plan of the run that would follow says which: it comes from a rehearsal (``lambdas.shared.handlers.rehearsal``), so
what the dry run tells is what the machine does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lambdas.shared.domain import paths
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.tags import strip_tags

Verdict = Literal["linked", "link", "create", "deal", "cannot", "ambiguous", "alone", "wait"]
VERDICTS: Mapping[Verdict, str] = {
    "linked": "already linked",
    "link": "would be linked",
    "create": "would be created at the partner",
    "deal": "would become a deal",
    "cannot": "cannot: something is missing",
    "ambiguous": "ambiguous: a person decides",
    "alone": "left alone",
    "wait": "waits for work under way",
}
"""Each verdict in an operator's words, in the order of a summary."""

Way = Literal["deal", "opportunity"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the dry run.

    ``missing`` are problems (``Problem.as_dict``), ``to_partner`` and ``to_deal`` names of fields that the first run
    would write there. ``by``: whose link is opened or woken to bring it about, None where nothing is to be done; a deal
    that cannot be shared is woken too, since its run says on the deal what is missing. ``title`` is a customer's value:
    it is shown, and kept nowhere.
    """

    partner: str
    kind: Way
    deal_id: str | None
    opportunity_id: str | None
    verdict: Verdict
    why: str
    title: str = ""
    missing: tuple[Mapping[str, Any], ...] = ()
    to_partner: tuple[str, ...] = ()
    to_deal: tuple[str, ...] = ()
    by: Way | None = None

    @property
    def record(self) -> str:
        """The record that the line is about, ``deal#aws#500``: its name in the ledger and in ``--resume``."""
        return f"{self.kind}#{self.partner}#{self.deal_id if self.kind == 'deal' else self.opportunity_id}"

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**asdict(self), "missing": [dict(each) for each in self.missing]}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A deal that carries the partner's tag, as the search shows it. ``named`` is the opportunity id that it carries,
    ``claims`` are the opportunities that name it."""

    deal_id: str
    name: str
    named: str | None = None
    claims: tuple[str, ...] = ()

    @property
    def candidates(self) -> tuple[str, ...]:
        """All opportunities that may be this deal's."""
        return tuple(dict.fromkeys([*((self.named,) if self.named else ()), *self.claims]))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a rehearsal found, once every adoption was followed: ``deal`` is the fetch's word for the deal (``current``,
    ``missing`` …), ``plan`` the plan document, None where there was no deal to plan on; ``adopted`` the ids that were
    tied on the way."""

    deal: str
    plan: Mapping[str, Any] | None
    adopted: Mapping[str, str]


def of_linked(link: Link, title: str = "", kind: Way = "deal") -> Finding:
    """A link that has both of its records."""
    why = f"link is {link.state}" + (f": {link.reason}" if link.reason and link.state != "open" else "")
    return Finding(link.partner, kind, link.deal_id, link.opportunity_id, "linked", why, title)


def before_rehearsal(partner: str, deal: Tagged, link: Link | None) -> Finding | None:
    """The finding of a deal for which no run needs to be rehearsed, or None."""
    if link is not None and link.deal_id is not None and link.opportunity_id is not None:
        return of_linked(link, deal.name)
    if link is not None and link.attempt is not None:
        return _deal(partner, deal, "wait", "a create of this deal has no answer yet; its link looks for it")
    if len(deal.candidates) > 1:
        named = "the deal names one of them, " if deal.named else ""
        why = f"{named}several opportunities may be this deal's: {', '.join(deal.candidates)}"
        return _deal(partner, deal, "ambiguous", why)
    return None


def of_deal(
    partner: str,
    deal: Tagged,
    foreseen: Foreseen,
    *,
    id_property: str,
    alike: Sequence[str] = (),
) -> Finding:
    """A tagged deal without an opportunity in the ledger. ``id_property`` holds the opportunity's id on the deal,
    ``alike`` are ids of opportunities with its title that no deal claims."""
    plan = foreseen.plan
    if plan is None:
        return _deal(partner, deal, "alone", f"HubSpot shows the deal as {foreseen.deal}")
    tied = next(iter(deal.candidates), None) or foreseen.adopted.get("opportunity_id")
    if tied is not None:
        return _tying(partner, deal, tied, plan)
    return _untied(partner, deal, plan, id_property, alike)


def _untied(partner: str, deal: Tagged, plan: Mapping[str, Any], id_property: str, alike: Sequence[str]) -> Finding:
    """A deal to which nothing at the partner belongs."""
    outcome, reason = plan["outcome"], str(plan["reason"])
    if outcome == "blocked":
        return _deal(partner, deal, "cannot", _missing(plan), plan=plan, by="deal")
    if outcome == "conflict":
        return _deal(partner, deal, "ambiguous", reason or "the two sides differ")
    if plan["action"] != "create":
        told: Verdict = "wait" if outcome == "deferred" else "alone"
        return _deal(partner, deal, told, reason or f"its run would leave it {outcome}")
    if alike:
        why = (
            f"{', '.join(alike)} at the partner has the same title and no deal: if it is the same sale, write its id "
            f"into the deal property {id_property!r}"
        )
        return _deal(partner, deal, "ambiguous", why, plan=plan)
    return _deal(partner, deal, "create", "tagged, and nothing at the partner belongs to it", plan=plan, by="deal")


def _tying(partner: str, deal: Tagged, tied: str, plan: Mapping[str, Any]) -> Finding:
    claimed = tied in deal.claims and deal.named is None
    why = "the opportunity names the deal" if claimed else "the deal carries the opportunity's id"
    if not deal.candidates:
        why = "an earlier create of this deal went through"
    found = {"plan": plan, "opportunity_id": tied}
    outcome = plan["outcome"]
    if outcome == "conflict" and not plan["conflicts"]:
        told = "cannot" if plan["reason"] == "the opportunity is missing" else "ambiguous"
        return _deal(partner, deal, told, f"{why}, but {plan['reason']}", **found)
    if outcome in ("paused", "closed", "ignored"):
        return _deal(partner, deal, "alone", f"{why}, but {plan['reason']}", **found)
    if outcome == "deferred":
        return _deal(partner, deal, "wait", str(plan["reason"]), **found)
    by: Way = "opportunity" if claimed else "deal"
    return _deal(partner, deal, "link", why + _afterwards(plan), by=by, **found)


def of_opportunity(partner: str, opportunity_id: str, title: str, foreseen: Foreseen) -> Finding:
    """An opportunity whose link has no deal. Where ``foreseen.adopted`` names a deal, it is linked to that."""
    plan, deal_id = foreseen.plan, foreseen.adopted.get("deal_id")

    def finding(verdict: Verdict, why: str, by: Way | None = None) -> Finding:
        to_partner, to_deal = _fields(plan)
        return Finding(
            partner,
            "opportunity",
            deal_id,
            opportunity_id,
            verdict,
            why,
            title,
            _problems(plan),
            to_partner,
            to_deal,
            by,
        )

    if deal_id is not None:
        return _claiming(deal_id, plan, foreseen.deal, finding)
    if plan is None:
        return finding("alone", f"HubSpot shows its deal as {foreseen.deal}")
    if plan["creates_deal"]:
        return finding("deal", "it was shared with us, or the stage takes all opportunities in", "opportunity")
    verdict: Verdict = "wait" if plan["outcome"] == "deferred" else "alone"
    return finding(verdict, str(plan["reason"] or plan["outcome"]))


def _claiming(deal_id: str, plan: Mapping[str, Any] | None, state: str, finding: Any) -> Finding:
    if plan is None:
        return finding("alone", f"it names the deal {deal_id}, which HubSpot shows as {state}")
    if plan["outcome"] in ("paused", "closed"):
        return finding("alone", f"it belongs to the deal {deal_id}, but {plan['reason']}")
    if plan["outcome"] == "conflict" and not plan["conflicts"]:
        return finding("ambiguous", f"it belongs to the deal {deal_id}, but {plan['reason']}")
    return finding("link", f"it belongs to the deal {deal_id}{_afterwards(plan)}", "opportunity")


def title_of(document: Mapping[str, Any] | None, rules: Sequence[Any]) -> str:
    """The title of an opportunity document, by the field map's rule ``title``."""
    path = next((rule.path for rule in rules if rule.name == "title"), None)
    return str(paths.get(document, path) or "") if path else ""


def same_title(name: str, tags: Sequence[str]) -> str:
    """A deal's or an opportunity's name, so that names of the same sale are equal."""
    return " ".join(strip_tags(name, tags).casefold().split())


def search_word(tag: str) -> str | None:
    """What HubSpot's search finds all deals with a tag by: the longest run of letters and digits in it.

    How HubSpot cuts ``#AWS`` into tokens is written nowhere, so the sign is left to the check of the whole name.
    """
    words = "".join(each if each.isalnum() else " " for each in tag).split()
    return max(words, key=len, default=None)


def _deal(
    partner: str,
    deal: Tagged,
    verdict: Verdict,
    why: str,
    *,
    plan: Mapping[str, Any] | None = None,
    opportunity_id: str | None = None,
    by: Way | None = None,
) -> Finding:
    to_partner, to_deal = _fields(plan)
    return Finding(
        partner, "deal", deal.deal_id, opportunity_id, verdict, why, deal.name, _problems(plan), to_partner, to_deal, by
    )


def _fields(plan: Mapping[str, Any] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if plan is None:
        return (), ()
    sides = ("opportunity_changes", "deal_changes")
    first, second = (tuple(sorted(each["field"] for each in plan[side])) for side in sides)
    return first, second


def _problems(plan: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], ...]:
    return tuple(plan["problems"]) if plan is not None else ()


def _missing(plan: Mapping[str, Any]) -> str:
    return "; ".join(f"{each['object']} {each['property'] or each['field']}" for each in plan["problems"])


def _afterwards(plan: Mapping[str, Any] | None) -> str:
    if plan is None:
        return ""
    if plan["conflicts"]:
        return f"; then a person decides about {', '.join(each['field'] for each in plan['conflicts'])}"
    if plan["problems"]:
        return f"; then it is blocked by {_missing(plan)}"
    return ""
