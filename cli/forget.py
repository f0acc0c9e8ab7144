"""``cosell forget``: ask that one person is removed from everything that we keep, and see how far that is."""

from __future__ import annotations

import argparse
from typing import Any
from uuid import uuid4

from cli.main import UserError
from cli.stage import Place, add_stage, place_of
from lambdas.shared.adapters.ledger import Forget, Forgets, Subjects
from lambdas.shared.adapters.queues import Queue
from lambdas.shared.domain.contact_points import mail_address
from lambdas.shared.domain.forgetting import key_of, name_marks, phone_marks
from lambdas.shared.domain.personal import subject_of


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell forget``."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--contact", metavar="ID", help="HubSpot's id of the contact")
    who.add_argument("--email", metavar="ADDRESS", help="the person's mail address")
    who.add_argument("--show", metavar="KEY", help="how far an earlier request is, by the key that it printed")
    parser.add_argument("--name", action="append", default=[], help="a full name to look for in texts, too")
    parser.add_argument("--phone", action="append", default=[], help="a phone number to look for in texts, too")
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Send the request, or show one. Only digests and ids leave this machine."""
    place = place_of(arguments.stage)
    client, table = place.client("dynamodb"), place.output("LedgerTableName")
    if arguments.show:
        return _show(Forgets(client, table).get(arguments.show), arguments.show)
    message = request_of(arguments, _caller(place))
    key = _key(message, Subjects(client, table, None))
    Queue(place.client("sqs"), place.output("ForgetUrl")).send(message)
    print(f"asked for; it takes a quarter of an hour. How far it is: cosell forget --stage {place.stage} --show {key}")
    return 0


def request_of(arguments: argparse.Namespace, asked_by: str) -> dict[str, Any]:
    """The message for the arguments; ``UserError`` for what is no id, address, full name or phone number."""
    message: dict[str, Any] = {"asked_by": asked_by, "correlation_id": f"forget-{uuid4()}"}
    if arguments.contact is not None:
        if not arguments.contact.isdigit():
            raise UserError(f"--contact {arguments.contact}: HubSpot's ids are digits")
        message["contact_id"] = arguments.contact
    else:
        address = mail_address(arguments.email)
        if address is None:
            raise UserError("--email: that is no mail address")
        message["subject"] = subject_of(address)
    for what, given, marks in (("name", arguments.name, name_marks), ("phone", arguments.phone, phone_marks)):
        found = [marks(one) for one in given]
        if not all(found):
            raise UserError(
                "--name: a full name has two words or more" if what == "name" else "--phone: seven digits or more"
            )
        if found:
            message[f"{what}s"] = sorted(frozenset().union(*found))
    return message


def _key(message: dict[str, Any], subjects: Subjects) -> str:
    """The key that the function will give it; see ``lambdas.shared.handlers.forget_person``."""
    if "subject" in message:
        return key_of([message["subject"]], ())
    return key_of(subjects.of_contact(message["contact_id"]), [message["contact_id"]])


def _caller(place: Place) -> str:
    return str(place.client("sts").get_caller_identity()["Arn"])


def _show(job: Forget | None, key: str) -> int:
    if job is None:
        raise UserError(f"there is no request {key}; one that was just asked for shows after some seconds")
    removed = ", ".join(f"{number} {kind}" for kind, number in sorted(job.counts.items())) or "nothing"
    print(f"{key}\t{job.state}\tasked by {job.asked_by}\tremoved from: {removed}")
    return 0 if job.state == "done" else 1
