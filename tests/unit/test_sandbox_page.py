"""The sandbox's page: everything is escaped, only its own forms press its buttons, and a wrong form is told."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from lambdas.shared.domain.link import Link
from sandbox.local_cloud.interpreter import StateEvent
from sandbox.page.actions import Actions, BadOrder
from sandbox.page.app import make_app
from sandbox.page.journal import Entry, Journal
from sandbox.page.views import Deal, Execution, PartnerRecord, Step, Sync, steps_of, value_text
from sandbox.world import NotSeen

EVIL = "<script>alert(1)</script>"
QUOTED = '"><img src=x onerror=alert(1)>'
PAGES = ("/", "/deals", "/deals/500", "/partners", "/links", "/executions", "/executions/run-1", "/letters", "/audit")


class Shown:
    """Every text that comes from outside is hostile here."""

    def tags(self) -> list[str]:
        return ["#AWS", EVIL]

    def deals(self) -> list[Deal]:
        sync = Sync(partner="aws", tagged=True, status="synced", message=EVIL, record=QUOTED)
        return [Deal(id="500", name=f"{EVIL} #AWS", amount=QUOTED, stage=EVIL, changed_at=0.0, syncs=(sync,))]

    def deal(self, deal_id: str) -> Deal | None:
        return self.deals()[0] if deal_id == "500" else None

    def partners(self) -> list[tuple[str, list[PartnerRecord]]]:
        record = PartnerRecord(
            kind="opportunity", id=EVIL, title=QUOTED, status=EVIL, stage=EVIL, amount=EVIL, deal=QUOTED
        )
        return [("AWS", [record])]

    def links(self) -> list[Link]:
        error = {"kind": EVIL, "reason": QUOTED, "at": 1}
        return [Link("aws", f"d{QUOTED}", "deal", reason=EVIL, deal_id=QUOTED, due_at=1000, last_error=error)]

    def executions(self, everything: bool) -> list[Execution]:
        polls = [self._execution("poll")] if everything else []
        return [self._execution("aws-sync"), *polls]

    def execution(self, name: str) -> Execution | None:
        return self._execution("aws-sync") if name == "run-1" else None

    def _execution(self, machine: str) -> Execution:
        return Execution(
            name="run-1",
            machine=machine,
            status="FAILED",
            at=0.0,
            ms=12,
            states=("Take the lease", EVIL),
            ids=(("link", QUOTED),),
            error=EVIL,
            cause=QUOTED,
            steps=(Step(state=EVIL, after=0, trouble=(QUOTED,)),),
        )

    def letters(self) -> list[dict[str, Any]]:
        letter = {"message_id": QUOTED, "at": 0.0, "receive_count": 3, "state": "waiting", "kind": EVIL, "queue": EVIL}
        return [letter | {"link": QUOTED, "error": EVIL, "cause": EVIL, "execution": QUOTED, "means": EVIL, "do": EVIL}]

    def audit(self, deal_id: str | None) -> list[dict[str, Any]]:
        change = {"field": EVIL, "before": QUOTED, "after": EVIL}
        return [{"when": "2026-11-29T04:00:00Z", "deal": deal_id or QUOTED, "partner": EVIL, "changes": [change]}]

    def faults(self) -> list[dict[str, Any]]:
        return [{"vendor": "AWS", "operation": EVIL, "status": 503, "left": 2}]


@dataclass
class Doing:
    journal: Any = field(default_factory=Journal)
    done: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def perform(self, name: str, form: Any) -> Entry:
        if name != "create":
            raise KeyError(name)
        if not form["name"]:
            raise BadOrder("a deal needs a name")
        self.done.append((name, dict(form)))
        return self.journal.begin(form["name"], lambda say: say(EVIL))


@pytest.fixture
def doing() -> Any:
    doing = Doing()
    yield doing
    doing.journal.stop()


@pytest.fixture
def client(doing: Doing) -> Client:
    return Client(make_app(Shown(), doing))


def press(client: Client, button: str = "create", **given: Any) -> TestResponse:
    """With the token of the page unless another is given."""
    headers = given.pop("headers", {})
    form = {"token": token_of(client), "name": "Try", "back": "/links"} | given
    return client.post(f"/do/{button}", data=form, headers=headers)


def token_of(client: Client) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", PAGES)
def test_what_others_wrote_is_shown_and_never_markup(client: Client, doing: Doing, path: str) -> None:
    doing.perform("create", {"name": EVIL})
    answer = client.get(path)
    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)" in answer.text
    assert EVIL not in answer.text
    assert "<img" not in answer.text
    assert len(re.findall(r"<script", answer.text)) == 1


@pytest.mark.parametrize("path", PAGES)
def test_the_browser_may_run_our_own_lines_only(client: Client, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<script nonce="{nonce[1]}">' in answer.text
    assert {"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert nonce[1] not in client.get(path).headers["Content-Security-Policy"]


def test_a_button_is_pressed_once_and_leads_back(client: Client, doing: Doing) -> None:
    answer = press(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/links")
    assert [name for name, _ in doing.done] == ["create"]
    assert "Try" in client.get("/").text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_a_button_leads_to_no_other_site(client: Client, back: str) -> None:
    assert press(client, back=back).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"token": "guessed"}, 403),
        ({"token": ""}, 403),
        ({"headers": {"Origin": "https://elsewhere.example"}}, 403),
        ({"headers": {"Host": "elsewhere.example"}}, 403),
        ({"name": ""}, 400),
        ({"name": "x" * 20_000}, 413),
    ],
)
def test_a_press_from_elsewhere_or_a_wrong_form_does_nothing(
    client: Client, doing: Doing, given: dict[str, Any], status: int
) -> None:
    assert press(client, **given).status_code == status
    assert doing.done == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/do/create", 405),
        ("POST", "/deals", 405),
        ("GET", "/elsewhere", 404),
        ("GET", "/deals/501", 404),
        ("GET", "/deals/500/more", 404),
        ("GET", "/links/1", 404),
        ("GET", "/executions/none", 404),
    ],
)
def test_what_there_is_not_is_refused(client: Client, method: str, path: str, status: int) -> None:
    assert client.open(path, method=method).status_code == status
    assert press(client, "dance").status_code == 404


def test_a_page_is_read_by_this_machines_names_only(client: Client) -> None:
    assert client.get("/", headers={"Host": "elsewhere.example:80"}).status_code == 403
    assert client.get("/", headers={"Host": "127.0.0.1:8123"}).status_code == 200


def test_polls_are_shown_when_they_are_asked_for(client: Client) -> None:
    assert client.get("/executions").text.count("data-execution") == 1
    assert client.get("/executions?show=all").text.count("data-execution") == 2


def test_the_journal_says_how_work_ended() -> None:
    journal, ended = Journal(), threading.Event()

    def stumble(say: Any) -> str:
        say("so far")
        raise NotSeen("not seen within 1 s: the opportunity")

    def refuse(_say: Any) -> str:
        raise ValueError("no such stage")

    entries = [journal.begin("good", lambda _say: "all of it"), journal.begin("stumbles", stumble)]
    entries += [journal.begin("refused", refuse), journal.begin("last", lambda _say: ended.set())]
    assert ended.wait(10)
    journal.stop()
    while any(entry.state == "under way" for entry in entries):
        pass
    assert [entry.state for entry in entries] == ["done", "failed", "failed", "done"]
    assert [entry.lines for entry in entries] == [
        ["all of it"],
        ["so far", "not seen within 1 s: the opportunity"],
        ["ValueError: no such stage"],
        [],
    ]
    assert [entry.title for entry in journal.entries()] == ["last", "refused", "stumbles", "good"]


def test_states_have_what_they_took_and_what_happened_to_them() -> None:
    happened = (
        *(("both", "entered"), ("deal", "entered"), ("opportunity", "entered"), ("opportunity", "retried")),
        *(("deal", "exited"), ("opportunity", "caught"), ("opportunity", "exited"), ("both", "exited")),
        *(("deal", "entered"), ("deal", "failed")),
    )
    history = [StateEvent(state, what, 100.0 + number) for number, (state, what) in enumerate(happened)]
    assert steps_of(history, 99.5) == [
        Step(state="both", after=500, took=7000),
        Step(state="deal", after=1500, took=3000),
        Step(state="opportunity", after=2500, took=4000, trouble=("retried", "caught")),
        Step(state="deal", after=8500, trouble=("failed",)),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (51000, "51000"),
        ({"key": "1", "sealed": "SGHQ", "subject": "ce4a"}, "sealed"),
        ([{"sealed": "SGHQ"}, "S-1"], "sealed, S-1"),
        ({"amount": "1", "owner": {"sealed": "x"}}, "amount 1, owner sealed"),
    ],
)
def test_what_is_sealed_is_said_to_be(value: Any, text: str) -> None:
    assert value_text(value) == text


class NoDeals:
    """A world of which only the deals are asked, and there are none."""

    class hubspot:
        @staticmethod
        def records(_kind: str) -> list[Any]:
            return []


@pytest.mark.parametrize(
    ("name", "form", "says"),
    [
        ("create", {"name": " "}, "needs a name"),
        ("amount", {"deal": "7", "amount": "1"}, "no deal '7'"),
        ("poison", {"deal": "7"}, "no deal '7'"),
        ("fault", {"operation": "DeleteEverything"}, "allowed: UpdateOpportunity"),
        ("scene", {"number": "99"}, "allowed: 1, 2"),
    ],
)
def test_a_wrong_order_says_what_is_wrong(name: str, form: dict[str, str], says: str) -> None:
    actions = Actions(NoDeals())  # type: ignore[arg-type]
    with pytest.raises(BadOrder, match=says):
        actions.perform(name, form)
    assert actions.journal.entries() == []
    actions.stop()
