"""ClientToken: a creation happens once (fact sheet 1.7)."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import code, create, document


class TestClientToken:
    def test_the_same_request_again_gives_the_same_answer_and_no_second_record(self, client, clock):
        body = {"Catalog": "AWS", "ClientToken": "t-1", **document()}

        first = client.create_opportunity(**body)
        clock.turn(60)
        again = client.create_opportunity(**body)

        assert (again["Id"], again["LastModifiedDate"]) == (first["Id"], first["LastModifiedDate"])
        assert len(client.list_opportunities(Catalog="AWS")["OpportunitySummaries"]) == 1

    def test_the_same_token_with_another_body_is_a_conflict(self, client):
        create(client)

        with pytest.raises(ClientError, match=r"fact sheet 1\.7") as refused:
            create(client, {"Project.Title": "Another title"})

        assert code(refused.value) == "ConflictException"

    def test_a_refused_request_does_not_use_up_its_token(self, client):
        with pytest.raises(ClientError):
            create(client, {"Project.Title": None})

        assert create(client)

    def test_tokens_are_of_one_catalog(self, client):
        assert create(client) != create(client, catalog="Sandbox")

    def test_a_long_token_is_refused_in_the_other_reading(self, make):
        assert create(client_for(make()), attempt="t" * 65)

        with pytest.raises(ClientError, match=r"fact sheet 1\.7"):
            create(client_for(make(switch_client_token_max_64=True)), attempt="t" * 65)
