"""``cosell dlq``: which letters it takes, what it says of each, and how it goes through many."""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

import pytest

import cli.dlq
from cli.main import UserError
from cli.stage import Place
from lambdas.shared.adapters.ledger import DeadLetters, Leases, Links
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeSqs

TABLE, QUEUE = "ledger", "https://sqs.example/1/queue"


class Stage(Place):
    """A place in memory."""

    def __init__(self) -> None:
        super().__init__("sandbox", {"LedgerTableName": TABLE}, {})
        object.__setattr__(self, "clients", {"dynamodb": FakeDynamoDb(), "sqs": FakeSqs()})
        object.__setattr__(self, "clock", FakeClock())

    def client(self, service: str) -> Any:
        return self.clients[service]

    @property
    def letters(self) -> DeadLetters:
        return DeadLetters(self.clients["dynamodb"], TABLE, self.clock)

    def letter(
        self, message_id: str, error: str = "Unexpected", queue: str = "notices", link: str | None = None
    ) -> None:
        """One more letter, a second later."""
        self.clock.advance(seconds=1)
        Leases(self.clients["dynamodb"], TABLE, self.clock).note_failure(message_id, error, "a cause", "arn:execution")
        body = json.dumps({"link": link} if link else {"source": "poll"})
        self.letters.record(message_id, QUEUE, body, 3, link, queue=queue)

    def states(self) -> dict[str, str]:
        return {one.message_id: one.state for one in self.letters.newest(limit=1000)}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    here = Stage()
    monkeypatch.setattr(cli.dlq, "place_of", lambda _stage: here)
    return here


def dlq(*words: str, sleep: Any = lambda _seconds: None) -> int:
    parser = argparse.ArgumentParser()
    cli.dlq.add(parser)
    return cli.dlq.run(parser.parse_args(words), sleep)


@pytest.mark.parametrize("what", ["drop", "show"])
def test_all_dead_letters_are_never_dropped_at_once(what: str, stage: Stage) -> None:
    stage.letter("m-1")
    with pytest.raises(UserError, match=f"name the messages to {what}"):
        dlq(what, "--all")


def test_every_waiting_letter_is_replayed_the_oldest_first_at_the_pace_of_the_queue(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(120):
        stage.letter(f"m-{number}")
    stage.letters.mark("m-7", "dropped")
    slept: list[float] = []
    assert dlq("replay", "--all", "--per-second", "4", sleep=slept.append) == 0
    assert slept == [0.25] * 118
    assert len(stage.clients["sqs"].bodies(QUEUE)) == 119
    assert set(stage.states().values()) == {"dropped", "replayed"}
    out = capsys.readouterr()
    assert out.out.splitlines()[-1] == "119 replayed, 0 left"
    assert "replay dead letters" in out.err
    assert "100%" in out.err


def test_who_is_interrupted_goes_on_where_it_stopped(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        stage.letter(f"m-{number}")
    pauses = iter([None, KeyboardInterrupt])

    def sleep(_seconds: float) -> None:
        if stop := next(pauses, None):
            raise stop

    assert dlq("replay", "--all", sleep=sleep) == 1
    assert "2 replayed, 3 left" in capsys.readouterr().out
    assert dlq("replay", "--all") == 0
    assert "3 replayed, 0 left" in capsys.readouterr().out
    assert len(stage.clients["sqs"].bodies(QUEUE)) == 5, "none twice"


def test_one_that_cannot_be_replayed_holds_up_no_other(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.letter("m-1", queue="aws-inbox", link="link#aws#d9")
    stage.letter("m-2")
    assert dlq("replay", "--all") == 1
    assert stage.states() == {"m-1": "waiting", "m-2": "replayed"}
    said = capsys.readouterr()
    assert "m-1: no link link#aws#d9" in said.err
    assert "1 replayed, 1 left" in said.out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["m-4", "m-3", "m-2", "m-1"]),
        (("--limit", "2"), ["m-4", "m-3"]),
        (("--state", "dropped"), ["m-3"]),
        (("--kind", "permanent"), ["m-1"]),
        (("--partner", "microsoft"), ["m-2"]),
        (("--partner", "aws"), ["m-4", "m-1"]),
        (("--error", "Throttled"), ["m-4", "m-2"]),
        (("--queue", "aws-summary"), ["m-4"]),
        (("--deal", "500"), ["m-2", "m-1"]),
        (("--deal", "500", "--error", "Throttled"), ["m-2"]),
        (("--deal", "7"), []),
    ],
)
def test_filters(words: tuple[str, ...], found: list[str], stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    links = Links(stage.clients["dynamodb"], TABLE, stage.clock)
    stage.letter("m-1", queue="aws-inbox", link=links.open_for_deal("aws", "500", "hubspot"))
    stage.letters.change("m-1", kind="permanent", due_at=None)
    born_there = links.open_for_opportunity("microsoft", "R1")
    links.attach_deal(born_there, "500", None)
    stage.letter("m-2", "Throttled", queue="microsoft-inbox", link=born_there)
    stage.letter("m-3")
    stage.letters.mark("m-3", "dropped")
    stage.letter("m-4", "Throttled", queue="aws-summary")
    links.open_for_deal("aws", "7", "hubspot")
    assert dlq("list", *words) == 0
    lines = capsys.readouterr().out.splitlines()
    waiting = len(set(found) - {"m-3"})
    assert lines[-1] == f"{len(found)} dead {'letter' if len(found) == 1 else 'letters'}, {waiting} waiting"
    assert [line.split()[0] for line in lines[1:-1]] == found
    assert lines[0].startswith("MESSAGE ID" if found else "0 dead")


def test_a_deal_of_which_nothing_is_known_is_said(stage: Stage) -> None:
    with pytest.raises(UserError, match="nothing is known of a deal 999: no link, and no dead letter"):
        dlq("list", "--deal", "999")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("arn:execution", "that is an execution, whose dead letter is m-1"),
        ("link#aws#d500", "that is a link; `cosell dlq list --deal 500` lists"),
        ("500", "that is a deal; `cosell dlq list --deal 500` lists"),
        ("arn:aws:states:eu-west-1:1:express:cosell-dev-aws-sync:x:y", "an execution, and no dead letter came of it"),
        ("what", "see `cosell dlq list`"),
    ],
)
def test_an_id_of_something_else_leads_on(given: str, said: str, stage: Stage) -> None:
    key = Links(stage.clients["dynamodb"], TABLE, stage.clock).open_for_deal("aws", "500", "hubspot")
    stage.letter("m-1", queue="aws-inbox", link=key)
    with pytest.raises(UserError, match=re.escape(said)):
        dlq("show", given)


def test_a_filter_may_drop_many(stage: Stage) -> None:
    stage.letter("m-1", "Unexpected")
    stage.letter("m-2", "JSONDecodeError")
    assert dlq("drop", "--all", "--error", "JSONDecodeError") == 0
    assert stage.states() == {"m-1": "waiting", "m-2": "dropped"}


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("replay", "m-1", "--all"), "name messages or --all, not both"),
        (("replay", "m-1", "--queue", "notices"), "--queue goes with list or --all"),
        (("replay", "--all", "--state", "dropped"), "--state dropped is dealt with already"),
        (("replay",), "name a message id"),
        (("replay", "m-9"), "no dead letter m-9"),
    ],
)
def test_what_goes_together(words: tuple[str, ...], wrong: str, stage: Stage) -> None:
    stage.letter("m-1")
    with pytest.raises(UserError, match=wrong):
        dlq(*words)
    assert stage.states() == {"m-1": "waiting"}


@pytest.mark.parametrize(("name", "text"), [("--per-second", "0"), ("--per-second", "fast"), ("--limit", "0")])
def test_a_number_out_of_range_is_named(name: str, text: str, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dlq("list", name, text)
    assert f"{text!r} is no" in capsys.readouterr().err


def test_a_letter_is_replayed_once_and_found_by_its_first(stage: Stage) -> None:
    stage.letter("m-1")
    stage.letter("m-2")
    stage.letters.change("m-1", state="replaced", next="m-2")
    assert dlq("replay", "m-1") == 0
    assert stage.states() == {"m-1": "replaced", "m-2": "replayed"}
    with pytest.raises(UserError, match="m-1 was replayed already"):
        dlq("replay", "m-1")


def test_an_event_as_it_came_is_not_replayed(stage: Stage) -> None:
    stage.letter("m-1", queue="partner-events-undelivered")
    with pytest.raises(UserError, match="nobody can read again"):
        dlq("replay", "m-1")
    assert dlq("replay", "--all") == 0
    assert stage.states() == {"m-1": "waiting"}
    assert dlq("drop", "m-1") == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "the next sweep"),
        (
            {"kind": "transient", "due_at": 1_790_000_400_000, "wakes": 3},
            "woken again by itself at 2026-09-21T14:20:00",
        ),
        ({"kind": "transient", "due_at": 1_790_000_400_000, "woken_at": 1}, "whether that helped is looked at"),
        ({"kind": "permanent", "due_at": None}, "it waits for you: `replay` it"),
    ],
)
def test_show_says_what_it_means_what_to_do_and_what_comes_next(
    changes: dict[str, Any], said: str, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.letter("m-1", "Unauthorized")
    stage.letters.change("m-1", **changes)
    assert dlq("show", "m-1") == 0
    summary, details = capsys.readouterr().out.split("\n\nDetails\n")
    assert "It failed with Unauthorized (unauthorized): credentials or a permission were refused." in summary
    assert "What to do: Put the credentials right" in summary
    assert said in summary
    assert "cosell dlq replay m-1    # once" in summary
    assert {"execution       arn:execution", "registered_at   2026-09-21T14:13:21+00:00"} <= {
        line.strip() for line in details.splitlines()
    }


def test_show_names_the_deal_what_failed_and_how_often(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    key = Links(stage.clients["dynamodb"], TABLE, stage.clock).open_for_deal("aws", "500", "hubspot")
    stage.letter("m-1", queue="aws-inbox", link=key)
    stage.letter("m-2", queue="aws-inbox", link=key)
    stage.letters.change("m-1", state="replaced", next="m-2")
    stage.letters.change("m-2", kind="permanent", count=31)
    assert dlq("show", "m-1") == 0
    out = capsys.readouterr().out
    assert out.startswith("m-1 was replaced")
    assert "Deal 500 (aws): bringing its changes across (queue aws-inbox) was given up, 31 times by now" in out
    assert "at 2026-09-21T14:13:22+00:00" in out
    assert "cosell reconcile --deal 500 --values" in out
    assert dlq("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "31" in lines[1].split()
    assert lines[-1] == "1 dead letter, 1 waiting", "of those that it stands for nothing is said"
    assert dlq("list", "--state", "replaced") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("m-1 ")
