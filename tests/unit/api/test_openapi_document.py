"""docs/openapi.yaml is valid OpenAPI, and says one thing once."""

from __future__ import annotations

from openapi_spec_validator import validate

from lambdas.aws.domain.solution_match import MOST as MOST_MATCHES
from lambdas.aws.domain.solutions import STATUSES
from lambdas.shared.http_api import DEFAULT_LIMIT, MOST
from tests.unit.api.openapi_document import document, operations


def test_it_is_valid() -> None:
    validate(document())


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one["operationId"] for one in operations().values()]
    assert len(set(names)) == len(names)


def test_its_numbers_and_words_are_the_code_s() -> None:
    components = document()["components"]
    limit = components["parameters"]["limit"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, MOST, DEFAULT_LIMIT)
    assert tuple(components["schemas"]["SolutionStatus"]["enum"]) == STATUSES
    assert components["schemas"]["Matches"]["properties"]["matches"]["maxItems"] == MOST_MATCHES
