"""Parsed definitions are kept on disk, whatever port the local cloud had that deployed them."""

from __future__ import annotations

import pickle
from pathlib import Path

from sandbox.local_cloud.moto_engine.programs import parse
from tests.workflow.local_cloud.machines import definition

LONG = "A comment that makes a definition one of those that are worth a file. " * 40


def sending(*ports: int) -> str:
    """A definition that sends a message to a queue at each port."""
    names = [f"To{port}" for port in ports]
    states = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {"QueueUrl": f"http://127.0.0.1:{port}/000000000000/inbox", "MessageBody": "{}"},
            **({"Next": after} if after else {"End": True}),
        }
        for name, port, after in zip(names, ports, [*names[1:], ""], strict=True)
    }
    return definition(states, Comment=LONG)


def at(port: int) -> bytes:
    return f"//127.0.0.1:{port}/".encode()


def test_a_definition_is_kept_once_and_read_with_the_port_of_whoever_asks(tmp_path: Path) -> None:
    of_one, of_another = sending(40001), sending(40001).replace(":40001/", ":50002/")
    first = pickle.dumps(parse(of_one, tmp_path))
    second = pickle.dumps(parse(of_another, tmp_path))
    assert len(list(tmp_path.iterdir())) == 1
    assert (first.count(at(40001)), second.count(at(50002))) == (1, 1)
    assert first.replace(at(40001), at(50002)) == second


def test_of_two_ports_each_stays_where_it_was(tmp_path: Path) -> None:
    program = pickle.dumps(parse(sending(40001, 50002), tmp_path))
    assert (program.count(at(40001)), program.count(at(50002))) == (1, 1)
