"""The functions that every partner's sync has, and what each of them needs."""

from __future__ import annotations

from collections.abc import Iterable

from constructs_lib.needs import Access, Needs

SHARED = "lambdas.shared.handlers"
NOTICES = "COSELL_NOTICES_QUEUE_URL"

LIST_CHANGED_DEALS = Needs(
    name="list-changed-deals",
    handler=f"{SHARED}.list_changed_deals.handler",
    does="One page of deals that changed since the watermark",
    ledger=Access.WRITE,
    hubspot=True,
    sends=(NOTICES,),
)

DEAD_LETTER_POLLS = {
    "dead-letters.due": Needs(
        name="sweep-dead-letters",
        handler=f"{SHARED}.sweep_dead_letters.handler",
        does="Judges dead letters, wakes those whose cause passes, sees which were done after all",
        ledger=Access.WRITE,
        due=True,
    ),
    "dead-letters.tell": Needs(
        name="tell-dead-letters",
        handler=f"{SHARED}.tell_dead_letters.handler",
        does="Says on deals that their sync waits for an operator",
        ledger=Access.WRITE,
        due=True,
        audit=True,
        hubspot=True,
    ),
}
"""What reads dead letters, by the name of the poll; the sweep may send to every queue whose letters it wakes."""
COUNT_LINKS = Needs(
    name="count-links",
    handler=f"{SHARED}.count_links.handler",
    does="One page of the census of links, for the dashboards",
    ledger=Access.WRITE,
)


def inbox_of(partner: str) -> str:
    """The variable that holds the URL of the partner's inbox."""
    return f"COSELL_{partner.upper()}_INBOX_URL"


def sync_functions(partner: str) -> dict[str, Needs]:
    """The functions of the sync machine, by the placeholder that the definition knows each under."""
    return {**_reading(partner), **_writing(partner)}


def poll_functions(partner: str) -> dict[str, Needs]:
    """What reads one page, by the name of the poll."""
    return {
        f"{partner}.opportunities": Needs(
            name=f"{partner}-list-opportunities",
            handler=f"{SHARED}.list_changed_opportunities.handler",
            does="One page of opportunities that changed since the watermark",
            ledger=Access.WRITE,
            partner=True,
            sends=(NOTICES,),
        ),
        f"{partner}.due": Needs(
            name=f"{partner}-list-due-links",
            handler=f"{SHARED}.list_due_links.handler",
            does="One page of links that are due",
            ledger=Access.WRITE,
            due=True,
            sends=(inbox_of(partner),),
        ),
    }


def look_inbox_of(partner: str, kind: str) -> str:
    """The variable that holds the URL of the inbox of a kind of look."""
    return f"COSELL_{partner.upper()}_{kind.upper()}_URL"


def look_functions(partner: str) -> dict[str, Needs]:
    """What all looks of a partner share, by the placeholder that the definition knows each under."""
    return {
        "BeginLook": Needs(
            name=f"{partner}-begin-look",
            handler=f"{SHARED}.begin_look.handler",
            does="Finds the link that is to be looked at, and takes it",
            ledger=Access.WRITE,
        ),
        "ShowFindings": Needs(
            name=f"{partner}-show-findings",
            handler=f"{SHARED}.show_findings.handler",
            does="Shows on the deal what a look has found",
            ledger=Access.WRITE,
            runs=Access.READ,
            audit=True,
            hubspot=True,
        ),
        "RememberFindings": Needs(
            name=f"{partner}-remember-findings",
            handler=f"{SHARED}.remember_findings.handler",
            does="Announces a look's news and keeps what was seen",
            ledger=Access.WRITE,
            runs=Access.READ,
            events=True,
        ),
    }


def look_poll(partner: str, kinds: Iterable[str]) -> Needs:
    """What reads one page for every kind of look; the poll is ``<partner>.<kind>``."""
    return Needs(
        name=f"{partner}-list-looks",
        handler=f"{SHARED}.list_changed_for_looks.handler",
        does="One page of opportunities whose links are to be looked at again",
        ledger=Access.WRITE,
        partner=True,
        sends=tuple(look_inbox_of(partner, kind) for kind in kinds),
    )


def _reading(partner: str) -> dict[str, Needs]:
    return {
        "FetchDeal": Needs(
            name=f"{partner}-fetch-deal",
            handler=f"{SHARED}.fetch_deal.handler",
            does="Reads the deal with company, contacts and history into the run",
            ledger=Access.READ,
            runs=Access.WRITE,
            hubspot=True,
        ),
        "FetchOpportunity": Needs(
            name=f"{partner}-fetch-opportunity",
            handler=f"{SHARED}.fetch_opportunity.handler",
            does="Reads the opportunity into the run, or looks for the orphan of a lost answer",
            ledger=Access.LINKS,
            runs=Access.WRITE,
            partner=True,
        ),
        "PlanChanges": Needs(
            name=f"{partner}-plan-changes",
            handler=f"{SHARED}.plan_changes.handler",
            does="Compares deal, opportunity and base, and decides",
            ledger=Access.READ,
            runs=Access.WRITE,
            room=True,
        ),
        "ReserveQuota": Needs(
            name=f"{partner}-reserve-quota",
            handler=f"{SHARED}.reserve_quota.handler",
            does="Reserves write slots of the partner account",
            ledger=Access.LINKS,
        ),
    }


def _writing(partner: str) -> dict[str, Needs]:
    return {
        "CreateOpportunity": Needs(
            name=f"{partner}-create-opportunity",
            handler=f"{SHARED}.create_opportunity.handler",
            does="Creates the opportunity, with an attempt that is stored first",
            ledger=Access.DELETE,
            runs=Access.WRITE,
            audit=True,
            partner=True,
        ),
        "UpdateOpportunity": Needs(
            name=f"{partner}-update-opportunity",
            handler=f"{SHARED}.update_opportunity.handler",
            does="Sends the planned changes to the opportunity",
            ledger=Access.LINKS,
            runs=Access.WRITE,
            audit=True,
            partner=True,
        ),
        "CompleteOpportunity": Needs(
            name=f"{partner}-complete-opportunity",
            handler=f"{SHARED}.complete_opportunity.handler",
            does="Does what takes a call of its own: an entity tied, an answer given",
            ledger=Access.LINKS,
            runs=Access.WRITE,
            audit=True,
            partner=True,
        ),
        "WriteDeal": Needs(
            name=f"{partner}-write-deal",
            handler=f"{SHARED}.write_deal.handler",
            does="Writes changes, status, note and task to the deal",
            ledger=Access.WRITE,
            runs=Access.WRITE,
            audit=True,
            hubspot=True,
        ),
        "RecordOutcome": Needs(
            name=f"{partner}-record-outcome",
            handler=f"{SHARED}.record_outcome.handler",
            does="Moves base and state of the link and announces what happened",
            ledger=Access.DELETE,
            runs=Access.READ,
            audit=True,
            events=True,
            sends=(inbox_of(partner),),
        ),
    }
