"""Who may ask that a person is forgotten, and what goes over the wire: ids and digests."""

from __future__ import annotations

import argparse
import json

import pytest

from cli.forget import add, request_of
from cli.main import UserError
from lambdas.shared.domain.forgetting import name_marks, phone_marks
from lambdas.shared.domain.personal import subject_of
from lambdas.shared.domain.webhook import read_delivery
from lambdas.shared.handlers.route_notices import Collaborators, route_notices
from sandbox.fakes import FakeQueue
from sandbox.hubspot import HubSpotAccount


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add(parser)
    return parser.parse_args(arguments)


def test_an_operator_s_request_holds_digests_and_no_value():
    given = ("--email", "Ann@Example.com", "--name", "Ann Lee", "--phone", "+49 30 123456")
    message = request_of(parsed(*given), "arn:aws:iam::1:user/op")
    assert message["subject"] == subject_of("ann@example.com")
    assert message["names"] == sorted(name_marks("Ann Lee"))
    assert message["phones"] == sorted(phone_marks("030 123456"))
    text = json.dumps(message).lower()
    assert not [one for one in ("ann", "example", "123456") if one in text]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--email", "Ann"), "no mail address"),
        (("--contact", "x1"), "HubSpot's ids are digits"),
        (("--contact", "1", "--name", "Ann"), "two words"),
        (("--contact", "1", "--phone", "123"), "seven digits"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(arguments: tuple[str, ...], what: str):
    with pytest.raises(UserError, match=what):
        request_of(parsed(*arguments), "me")


def test_hubspot_s_privacy_deletion_becomes_a_request_by_the_contact_s_id():
    """From the simulated account's own event, through receiver's and router's reading."""
    account = HubSpotAccount()
    account.feed.subscriptions.add("privacyDeletion", "contacts")
    contact = account.create("contacts", {"email": "ann@example.com"}).id
    account.privacy_delete(contact)
    (event,) = account.feed.events
    (notice,) = read_delivery(json.dumps([event]).encode()).events
    assert (notice["kind"], notice["object"], notice["id"]) == ("privacyDeletion", "contact", contact)
    forget = FakeQueue()
    message = {"source": "hubspot", "correlation_id": "c1", "limit_to": None, "events": [notice]}
    collaborators = Collaborators(None, lambda: None, (), FakeQueue(), None, forget=forget)
    answer = route_notices({"Records": [{"messageId": "m", "body": json.dumps(message)}]}, collaborators)
    assert answer == {"batchItemFailures": []}
    assert forget.messages == [{"contact_id": contact, "asked_by": "hubspot", "correlation_id": "c1"}]
