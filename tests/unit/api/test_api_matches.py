"""GET /deals/{id}/solutions: what fits a deal and why, and the deals that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.solutions import Catalogue
from lambdas.aws.handlers.api_matches import ROUTES, Collaborators
from lambdas.shared.errors import Throttled, Unauthorized
from lambdas.shared.http_api import PROBLEM_TYPES, routed
from tests.unit.api.api_room import CATALOGUE, ApiRoom
from tests.unit.api.openapi_document import check_answer, event
from tests.unit.domain.domain_support import settings
from tests.unit.handlers.partner_room import Vendor

PATH = "/deals/{id}/solutions"


@pytest.fixture
def room() -> ApiRoom:
    return ApiRoom()


def call(
    room: ApiRoom, deal_id: str = "500", *, known: Catalogue = CATALOGUE, query: dict[str, str] | None = None
) -> Any:
    c = Collaborators(Vendor(get=[known]), room.links, room.deals, room.clock)
    answer = routed(ROUTES)(event("GET", PATH, {"id": deal_id}, query), c)
    return answer["statusCode"], check_answer("GET", PATH, answer)


def test_the_solutions_that_fit_come_with_score_and_reasons(room: ApiRoom) -> None:
    room.links.add_associated(room.key, ["S-7", "AwsProducts:AmazonS3", "lead:begun"])
    status, body = call(room)
    assert status == 200
    (match,) = body["matches"]
    assert (match["solution"]["id"], match["chosen"]) == ("S-1234567", False)
    assert match["score"] == sum(int(reason.split(":")[0]) for reason in match["reasons"])
    assert body["associated"] == ["S-7", "AwsProducts:AmazonS3"]
    assert body["automatic"]["on"] is False
    assert "solution_matching.automatic" in body["automatic"]["off"]


def test_with_automatic_matching_it_says_which_would_be_chosen() -> None:
    matching = {**settings()["partners"]["aws"]["solution_matching"], "automatic": True, "minimum_score": 30}
    _, body = call(ApiRoom(solution_matching=matching))
    assert body["matches"][0]["chosen"] is True
    assert body["automatic"] == {"on": True, "off": None, "minimum_score": 30, "at_most": 10}


def test_a_deal_that_nobody_shares_is_matched_too(room: ApiRoom) -> None:
    room.hubspot.document["properties"]["dealname"] = "Untagged"  # type: ignore[index]
    room.hubspot.document["id"] = "501"  # type: ignore[index]
    status, body = call(room, "501")
    assert (status, body["associated"]) == (200, [])


def test_without_a_catalogue_there_is_no_match_and_a_reason(room: ApiRoom) -> None:
    _, body = call(room, known=Catalogue())
    assert body["matches"] == []
    assert "have not been read yet" in body["automatic"]["off"]


def test_no_such_deal(room: ApiRoom) -> None:
    room.hubspot.document = None
    status, body = call(room)
    assert (status, body["type"]) == (404, f"{PROBLEM_TYPES}unknown-deal")


def test_a_deal_in_the_recycle_bin_and_a_merged_one(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    room.hubspot.document["archived"] = True
    assert "recycle bin" in call(room)[1]["detail"]
    room.hubspot.document |= {"archived": False, "id": "600"}
    status, body = call(room)
    assert (status, body["errors"][0]["allowed"]) == (404, ["600"])


@pytest.mark.parametrize("deal_id", ["abc", "12-3", "", "1" * 21])
def test_what_is_no_deal_id_is_400(room: ApiRoom, deal_id: str) -> None:
    status, body = call(room, deal_id)
    assert (status, body["errors"][0]["object"]) == (400, "path")


def test_an_unknown_parameter_is_400(room: ApiRoom) -> None:
    assert call(room, query={"limit": "2"})[0] == 400


@pytest.mark.parametrize(("error", "status"), [(Throttled("HubSpot is busy"), 503), (Unauthorized("no token"), 502)])
def test_what_hubspot_says_instead(room: ApiRoom, error: Exception, status: int) -> None:
    room.hubspot.error = error
    found, body = call(room)
    assert (found, body["detail"]) == (status, str(error))
