"""Each call goes where Google wants it, and nothing is overwritten, lost or made twice."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from lambdas.google.adapters.cloud_channel import CloudChannel, literal
from lambdas.google.adapters.crm_partners import CrmPartners
from lambdas.google.domain.created import CUSTOMER, TITLE, fits, mark_of
from lambdas.google.domain.lead import REQUIRED
from lambdas.shared.errors import Conflict, Rejected, Retryable, Unexpected
from tests.unit.google.google_support import Reply, ScriptedSession

MARK = mark_of({CUSTOMER: "Contoso", TITLE: "Migration"})
PARTNER, VECTOR = "AB12cd34EF", "0014M00001abcDEFGH"
URL = "https://cloudchannel.googleapis.com/v1alpha1/opportunities"
FIRST, LATER = "2026-09-01T10:00:00Z", "2026-09-01T10:00:00.000000001Z"


def channel(*replies: Reply | Exception, **more: Any) -> tuple[CloudChannel, ScriptedSession]:
    session = ScriptedSession(*replies)
    return CloudChannel(session, PARTNER, **more), session


def row(number: int, moved: str = FIRST, **members: Any) -> dict[str, Any]:
    return {"name": f"opportunities/o{number}", "updateTime": moved, "source": "P", "creatorEmail": "a@b.c", **members}


def test_a_read_names_the_partner() -> None:
    api, session = channel(Reply(200, row(1)))
    api.get_opportunity("opportunities/o1")
    assert session.requests == [("GET", f"{URL}/o1", {"partner": f"partners/{PARTNER}"}, None)]


@pytest.mark.parametrize("name", ["opportunities/../x", "a/b", "", "a?b", "o1\n"])
def test_a_name_cannot_leave_its_place(name: str) -> None:
    api, session = channel()
    with pytest.raises(Unexpected):
        api.get_opportunity(name)
    assert not session.requests


def test_a_create_names_the_partner_in_either_reading() -> None:
    body = {"opportunityInfo": {"displayName": "x"}}
    api, session = channel(Reply(200, row(1)))
    api.create_opportunity(body)
    assert session.requests[0][2:] == (
        {},
        {"opportunityInfo": {"displayName": "x", "partnerEntity": f"partners/{PARTNER}"}},
    )
    api, session = channel(Reply(200, row(1)), create_partner="query")
    api.create_opportunity(body)
    assert session.requests[0][2:] == ({"partner": f"partners/{PARTNER}"}, {"opportunityInfo": {"displayName": "x"}})


def test_a_lost_create_is_sent_once() -> None:
    api, session = channel(TimeoutError())
    with pytest.raises(Retryable):
        api.create_opportunity({})
    assert len(session.requests) == 1


def test_a_patch_sends_its_mask_when_nothing_moved() -> None:
    api, session = channel(Reply(200, row(1)), Reply(200, row(1, LATER)))
    assert api.patch_opportunity("o1", {"stage": "S1"}, ["stage"], "2026-09-01T10:00:00.000Z")["updateTime"] == LATER
    assert session.requests[1] == (
        "PATCH",
        f"{URL}/o1",
        {"updateMask": "stage", "partner": f"partners/{PARTNER}"},
        {"stage": "S1"},
    )


def test_a_patch_stops_when_the_record_moved_by_a_nanosecond() -> None:
    api, session = channel(Reply(200, row(1, LATER)))
    with pytest.raises(Conflict):
        api.patch_opportunity("o1", {"stage": "S1"}, ["stage"], FIRST)
    assert [each[0] for each in session.requests] == ["GET"]


def test_a_patch_without_a_mask_is_never_sent() -> None:
    api, session = channel()
    with pytest.raises(Unexpected):
        api.patch_opportunity("o1", {}, [], FIRST)
    assert not session.requests


def test_a_query_without_filters_leaves_out_what_is_old_here() -> None:
    api, session = channel(Reply(200, {"opportunities": [row(1), row(2, LATER)], "nextPageToken": "n"}))
    page = api.query(LATER, "p")
    assert page == {"items": [{"id": "o2", "version": LATER, "source": "P", "creator": "a@b.c"}], "next": "n"}
    assert session.requests[0][2] == {"partner": f"partners/{PARTNER}", "pageSize": "100", "pageToken": "p"}


def test_a_query_with_filters_asks_for_the_order_too() -> None:
    api, session = channel(Reply(200, {}), filters=True)
    assert api.query(FIRST) == {"items": [], "next": None}
    params = session.requests[0][2]
    assert params["orderBy"] == "updateTime"
    assert params["filter"] == 'updateTime >= "2026-09-01T10:00:00.000000000Z"'


def test_an_orphan_is_found_on_any_page_and_only_if_all_four_fit() -> None:
    info = {"displayName": "Migration"}
    mine = {"customerDisplayName": "Contoso", "opportunityInfo": info, "createTime": "2026-09-01T10:00:00Z"}
    others = [
        row(1, **{**mine, "customerDisplayName": "Other"}),
        row(2, **{**mine, "opportunityInfo": {"displayName": "Else"}}),
        row(3, **{**mine, "creatorEmail": "x@b.c"}),
        row(4, **{**mine, "createTime": "2026-08-01T10:00:00Z"}),
    ]
    pages = (
        Reply(200, {"opportunities": others, "nextPageToken": "n"}),
        Reply(200, {"opportunities": [row(5, **mine)]}),
    )
    api, session = channel(*pages)
    window = (1_788_256_800_000 - 1000, 1_788_256_800_000 + 1000)
    assert api.find_created(partial(fits, MARK), "a@b.c", window) == ["o5"]
    assert session.requests[1][2]["pageToken"] == "n"


def test_a_page_token_that_comes_again_is_an_error() -> None:
    page = {"opportunities": [], "nextPageToken": "n"}
    api, _ = channel(*(Reply(200, page) for _ in range(3)))
    with pytest.raises(Unexpected):
        api.find_created(partial(fits, MARK), "c", (0, 1))


def test_a_literal_cannot_end_early() -> None:
    assert literal('a" OR b="\\') == '"a\\" OR b=\\"\\\\"'


@pytest.mark.parametrize("partner_id", [VECTOR, "AB12cd34E", "AB12cd34E/", ""])
def test_cloud_channel_takes_the_partner_hub_id_only(partner_id: str) -> None:
    with pytest.raises(Unexpected):
        CloudChannel(ScriptedSession(), partner_id)


@pytest.mark.parametrize("url", ["http://cloudchannel.googleapis.com", "ftp://x", ""])
def test_a_token_never_goes_over_plain_http(url: str) -> None:
    with pytest.raises(Unexpected):
        CloudChannel(ScriptedSession(), PARTNER, url)


@pytest.mark.parametrize("answer", [Reply(200, None), Reply(200, []), Reply(200, {"opportunities": "odd"})])
def test_an_unreadable_answer_is_no_empty_list(answer: Reply) -> None:
    api, _ = channel(answer)
    with pytest.raises(Unexpected):
        api.query()


def lead(**changes: Any) -> dict[str, Any]:
    return {**{name: "x" for name in REQUIRED}, "productInterests": ["CLOUD"], **changes}


def test_a_lead_is_made_under_the_vector_id_and_read_by_its_name() -> None:
    name = f"partners/{VECTOR}/leads/l1"
    session = ScriptedSession(Reply(200, {"name": name}), Reply(200, {"name": name}))
    api = CrmPartners(session, VECTOR)
    assert api.get_lead(api.create_lead(lead())["name"])["name"] == name
    base = "https://cloudcrmpartners.googleapis.com/v1"
    assert [each[:2] for each in session.requests] == [
        ("POST", f"{base}/partners/{VECTOR}/leads"),
        ("GET", f"{base}/{name}"),
    ]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_lead_without_a_required_field_is_not_sent(name: str) -> None:
    session = ScriptedSession()
    with pytest.raises(Rejected) as caught:
        CrmPartners(session, VECTOR).create_lead({**lead(), name: None})
    assert [each.field for each in caught.value.problems] == [name]


@pytest.mark.parametrize("interests", [["A", "B"], "A", ["X_UNSPECIFIED"]])
def test_a_lead_takes_one_chosen_product_family(interests: Any) -> None:
    with pytest.raises(Rejected):
        CrmPartners(ScriptedSession(), VECTOR).create_lead(lead(productInterests=interests))


def test_a_lead_of_another_partner_is_not_asked_for() -> None:
    with pytest.raises(Unexpected):
        CrmPartners(ScriptedSession(), VECTOR).get_lead(f"partners/{VECTOR[:-1]}X/leads/l1")
    with pytest.raises(Unexpected):
        CrmPartners(ScriptedSession(), PARTNER)
