"""Calls of the operator's API: signed with Signature Version 4, problems as what a person can put right."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from cli.main import UserError
from cli.stage import Place

OUTPUT = "OperatorApiUrl"
_SERVICE = "execute-api"

type Send = Callable[[AWSRequest], tuple[int, str]]
"""Sends a signed request; status and text of the answer."""


def call(
    place: Place,
    method: str,
    path: str,
    query: Mapping[str, str | int | None] | None = None,
    *,
    send: Send | None = None,
) -> dict[str, Any]:
    """The answer's JSON. ``path`` is below the API's address, each part of it quoted by the caller (``part``).

    ``UserError`` for a problem answer, with all that is to be put right.
    """
    asked = {name: value for name, value in (query or {}).items() if value is not None}
    url = api_url(place) + path + (f"?{urlencode(asked, quote_via=quote)}" if asked else "")
    request = AWSRequest(method=method, url=url, data=b"" if method == "POST" else None)
    SigV4Auth(_credentials(place), _SERVICE, place.client_options["region_name"]).add_auth(request)
    status, text = (send or _send)(request)
    try:
        body = json.loads(text)
    except ValueError:
        raise UserError(f"the API answered {status}, and nothing that could be read") from None
    if status >= 400:
        raise UserError(_told(status, body))
    return body


def part(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="")


def api_url(place: Place) -> str:
    """Where the stage's API is reached: its stack's output, on the local cloud by the loopback address."""
    url = place.outputs.get(OUTPUT) or _deployed(place)
    endpoint = place.client_options.get("endpoint_url")
    if endpoint is None:
        return url.rstrip("/")
    parts = urlsplit(url)
    return f"{endpoint.rstrip('/')}/_aws/execute-api/{parts.netloc.split('.')[0]}{parts.path}".rstrip("/")


def _deployed(place: Place) -> str:
    client = place.client("cloudformation")
    name = f"cosell-{place.stage}-api"
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except client.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise UserError(f"there is no stack {name}; is the API on in stages.yaml (api.enabled) and deployed?") from None
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    if OUTPUT not in outputs:
        raise UserError(f"the stack {name} has no output {OUTPUT}; deploy this version first")
    return outputs[OUTPUT]


def _credentials(place: Place) -> Any:
    if "aws_access_key_id" in place.client_options:
        from botocore.credentials import Credentials

        return Credentials(place.client_options["aws_access_key_id"], place.client_options["aws_secret_access_key"])
    import botocore.session

    credentials = botocore.session.get_session().get_credentials()
    if credentials is None:
        raise UserError("there are no AWS credentials to sign with")
    return credentials.get_frozen_credentials()


def _send(request: AWSRequest) -> tuple[int, str]:
    from botocore.httpsession import URLLib3Session

    answer = URLLib3Session(timeout=35).send(request.prepare())
    return answer.status_code, answer.text


def _told(status: int, problem: Any) -> str:
    """A problem answer as lines: what it says, then each error with what is allowed."""
    if not isinstance(problem, Mapping) or "detail" not in problem:
        return f"the API answered {status}: {json.dumps(problem)[:500]}"
    lines = [f"{problem['detail']} ({status} {problem.get('title', '')})"]
    for each in problem.get("errors") or []:
        if each["message"] != problem["detail"] or each["allowed"]:
            allowed = f" Allowed: {', '.join(each['allowed'])}." if each["allowed"] else ""
            lines.append(f"  {each['object']} {each['property'] or ''}: {each['message']}{allowed}")
    return "\n".join(lines)
