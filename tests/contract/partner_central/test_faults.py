"""The fault rules that both simulated vendors obey."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from sandbox.faults import FaultRules, answer, control


def test_a_rule_hits_only_its_operation_and_only_as_often_as_ordered():
    rules = FaultRules()
    rules.add("UpdateOpportunity", status=503, count=2)

    assert rules.decide("GetOpportunity") is None
    assert [rules.decide("UpdateOpportunity") is not None for _ in range(3)] == [True, True, False]


def test_skip_leaves_the_first_calls_alone_and_none_means_until_cleared():
    rules = FaultRules()
    rules.add("*", status=500, skip=1, count=None)

    assert [rules.decide("X") is not None for _ in range(4)] == [False, True, True, True]
    rules.clear()
    assert rules.decide("X") is None


def test_match_looks_into_the_body():
    rules = FaultRules()
    rules.add("*", status=500, match="poison")

    assert rules.decide("X", "good") is None
    assert rules.decide("X", "a poisoned one") is not None


def test_the_first_rule_in_order_decides_and_a_spent_one_makes_way():
    rules = FaultRules()
    rules.add("X", status=429, count=1)
    rules.add("X", status=503, count=1)

    faults = [rules.decide("X"), rules.decide("X")]

    assert [fault.status for fault in faults if fault] == [429, 503]


def test_probability_is_repeatable_with_the_same_seed():
    def run(seed: int) -> list[bool]:
        rules = FaultRules(seed)
        rules.add("X", status=500, count=None, probability=0.5)
        return [rules.decide("X") is not None for _ in range(64)]

    assert run(7) == run(7)
    assert run(7) != run(8)
    assert 10 < sum(run(7)) < 54


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"stauts": 500}, "stauts"),
        ({"status": "500"}, "status"),
        ({"count": True}, "count"),
        ({"probability": 2}, "probability"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(order, named):
    with pytest.raises(ValueError, match=named):
        FaultRules().add("X", **order)


def test_answer_lost_does_the_work_and_then_fails():
    done: list[int] = []
    rules = FaultRules()
    rules.add("X", answer_lost=True)

    reply = answer(rules.decide("X"), lambda: done.append(1) or Response("ok"), lambda f: Response(status=f.status))

    assert done == [1]
    assert reply.status_code == 504


def test_a_plain_failure_does_no_work_and_a_given_body_replaces_the_vendors():
    done: list[int] = []
    rules = FaultRules()
    rules.add("X", status=502, body="bad gateway", headers={"Retry-After": "3"})

    reply = answer(rules.decide("X"), lambda: done.append(1) or Response("ok"), lambda f: Response("x", f.status))

    assert not done
    assert (reply.status_code, reply.get_data(as_text=True), reply.headers["Retry-After"]) == (502, "bad gateway", "3")


def test_malformed_is_a_200_that_cannot_be_read():
    rules = FaultRules()
    rules.add("X", malformed=True)

    reply = answer(rules.decide("X"), lambda: Response("{}"), lambda f: Response(status=500))

    assert reply.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.get_data(as_text=True))


def test_a_mere_delay_waits_and_then_answers_normally():
    waited: list[float] = []
    rules = FaultRules()
    rules.add("X", delay_seconds=2.5)

    reply = answer(rules.decide("X"), lambda: Response("ok"), lambda f: Response(status=500), waited.append)

    assert (reply.get_data(as_text=True), waited) == ("ok", [2.5])


def _call(rules: FaultRules, method: str, body: object = None, query: str = "") -> Response:
    data = None if body is None else json.dumps(body)
    builder = EnvironBuilder("/_sandbox/faults", method=method, data=data, query_string=query)
    return control(rules, Request(builder.get_environ()))


def test_rules_are_ordered_listed_and_cleared_over_http():
    rules = FaultRules()

    added = _call(rules, "POST", [{"operation": "X", "status": 500, "count": 3}, {"status": 503}])
    rules.decide("X")
    listed = json.loads(_call(rules, "GET").get_data(as_text=True))

    assert added.status_code == 201
    assert [(rule["hits"], rule["left"]) for rule in listed] == [(1, 2), (0, 1)]
    assert _call(rules, "DELETE", query=f"id={listed[0]['id']}").status_code == 204
    assert [rule["status"] for rule in rules.as_list()] == [503]
    _call(rules, "DELETE")
    assert rules.as_list() == []


@pytest.mark.parametrize("body", [{"oops": 1}, 3, [{"status": 500}, {"status": "x"}]])
def test_a_wrong_order_over_http_is_a_400_and_adds_nothing(body):
    rules = FaultRules()

    assert _call(rules, "POST", body).status_code == 400
    assert rules.as_list() == []
