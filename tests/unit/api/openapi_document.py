"""docs/openapi.yaml for tests: what it says of a path, and whether an answer is as it says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
_URI = "urn:openapi"


@cache
def document() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def resolved(node: Any) -> Any:
    """The node itself, or what it refers to."""
    while isinstance(node, dict) and "$ref" in node:
        found: Any = document()
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation, by verb and path."""
    return {
        (verb.upper(), path): operation
        for path, item in document()["paths"].items()
        for verb, operation in item.items()
    }


def parameters(method: str, path: str) -> dict[tuple[str, str], dict[str, Any]]:
    """An operation's parameters, by place and name."""
    found = [resolved(one) for one in operations()[method, path].get("parameters", ())]
    return {(one["in"], one["name"]): one for one in found}


def check_answer(method: str, path: str, answer: dict[str, Any]) -> Any:
    """The body of a proxy answer, once it is as the document says of this operation and status; text if no JSON."""
    responses = operations()[method, path]["responses"]
    status = str(answer["statusCode"])
    assert status in responses, f"{method} {path} answers {status}, which is not documented"
    content = resolved(responses[status])["content"]
    media_type = answer["headers"]["Content-Type"]
    assert media_type in content
    body = json.loads(answer["body"]) if media_type.endswith("json") else answer["body"]
    check_schema(body, content[media_type]["schema"])
    headers = resolved(responses[status]).get("headers", {})
    assert {name for name, one in headers.items() if one.get("required")} <= set(answer["headers"])
    assert set(answer["headers"]) <= {"Content-Type", "Cache-Control", *headers}
    return body


def check_schema(body: Any, schema: dict[str, Any]) -> None:
    """As a schema of the document says; ``AssertionError`` lists what is not."""
    wrong = [f"{error.json_path}: {error.message}" for error in _validator(json.dumps(schema)).iter_errors(body)]
    assert wrong == []


@cache
def _validator(schema: str) -> Draft202012Validator:
    registry = Registry().with_resource(_URI, Resource.from_contents(document(), default_specification=DRAFT202012))
    absolute = json.loads(schema.replace('"#/', f'"{_URI}#/'))
    return Draft202012Validator(absolute, registry=registry, format_checker=FormatChecker())


def event(
    method: str,
    path: str,
    parameters: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: str | None = None,
) -> dict[str, Any]:
    """API Gateway's proxy event."""
    return {
        "httpMethod": method,
        "resource": path,
        "pathParameters": parameters,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "api-1"},
    }
