"""Contacts that a partner adds to a record of its own: who is new, and that nothing is overwritten or sent back."""

from __future__ import annotations

from typing import Any

from lambdas.shared.domain.origins import met
from lambdas.shared.domain.plan import Plan
from tests.unit.domain.domain_support import applied, link, run, tied

LEE = {"Email": "lee@bigcorp.example.com", "FirstName": "Lee"}
ANN = {"Email": "ann@bigcorp.example.com"}


def planned(*at_aws: dict[str, str], contacts: Any = None, base: bool = True, **of: Any) -> Plan:
    """The plan of a deal that was made of AWS's opportunity, with these contacts at AWS."""
    ours, other, agreed = tied()
    theirs = applied(other, {"Customer.Contacts": list(at_aws)})
    ours = ours if contacts is None else {**ours, "contacts": contacts}
    of = {"origin": "invitation", "invitation_id": "engi-1", "opportunity_id": "O1", **of}
    return run(ours, theirs, agreed if base else None, of=link(**of))


def test_a_new_one_comes_over_is_remembered_and_both_sides_are_read_again() -> None:
    plan = planned(ANN, LEE)
    assert plan.newcomers == ({"email": "lee@bigcorp.example.com", "firstname": "Lee"},)
    assert plan.remember == (met("LEE@bigcorp.example.com"),)
    assert (plan.look_again, plan.action, plan.write_deal) == (True, "none", True)
    assert "contacts" not in plan.base, "what HubSpot says of them then is what both agree on"


def test_whom_the_deal_the_base_or_the_link_knows_is_not_new() -> None:
    assert planned(ANN).newcomers == ()
    assert planned(ANN, contacts=[]).newcomers == (), "a person took them off the deal"
    assert planned(ANN, LEE, associated=(met("lee@bigcorp.example.com"),)).newcomers == ()
    tied_already = [{"id": "2", "properties": {"email": "Lee@bigcorp.example.com"}}]
    assert planned(LEE, contacts=tied_already).newcomers == ()


def test_a_contact_without_an_address_cannot_be_matched_and_stays_there() -> None:
    assert planned(ANN, {"FirstName": "Lee"}).newcomers == ()


def test_while_the_deals_own_contacts_move_too_they_wait_so_that_nobody_is_lost() -> None:
    ours = [
        {"id": "2", "properties": {"email": "ann@bigcorp.example.com"}},
        {"id": "3", "properties": {"email": "our@bigcorp.example.com"}},
    ]
    plan = planned(ANN, LEE, contacts=ours)
    assert len(plan.newcomers) == 1
    assert "Customer.Contacts" not in plan.opportunity
    assert plan.base["contacts"] == [ANN], "so that ours go out with the next run"


def test_a_record_that_began_with_us_and_one_whose_deal_is_being_made_bring_nobody() -> None:
    assert planned(ANN, LEE, origin="deal", invitation_id=None).newcomers == ()
    assert planned(ANN, LEE, base=False).newcomers == ()
