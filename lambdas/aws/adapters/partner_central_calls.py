"""One call of Partner Central's SDK client, and what of an answer must be there; every adapter of AWS uses these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lambdas.aws.adapters.partner_central_errors import client_failure, transport_failure
from lambdas.shared.errors import Unexpected


def call_catalog(client: Any, catalog: str, operation: str, what: str, **parameters: Any) -> dict[str, Any]:
    """Call ``operation`` (snake case) on a catalog. ``what`` completes "AWS refused …".

    Raises the classes of ``lambdas.shared.errors``; nothing is retried.
    """
    from botocore.exceptions import ClientError

    try:
        return getattr(client, operation)(**{**parameters, "Catalog": catalog})
    except ClientError as error:
        raise client_failure(_asked(error, what), error.response) from None
    except Exception as error:
        # Besides its own errors the SDK lets any other through when it cannot read an answer; all of them may
        # quote it, so none goes on as it is.
        raise transport_failure(what, error) from None


def every_page(
    ask: Callable[..., dict[str, Any]], operation: str, what: str, name: str, limit: int, **parameters: Any
) -> Iterator[dict[str, Any]]:
    """The entries of a list operation's member ``name``, from all pages of ``limit`` entries each.

    ``ask`` is ``call_catalog`` with its client and catalog.
    """
    page: str | None = None
    while True:
        answer = ask(operation, what, MaxResults=limit, **parameters, **({"NextToken": page} if page else {}))
        yield from having(answer, what, name)[name]
        page = answer.get("NextToken")
        if not page:
            return


def having(answer: Any, what: str, *names: str) -> dict[str, Any]:
    """``answer``, when it has these members; an answer without them (a proxy's page, say) is no answer."""
    missing = [name for name in names if answer.get(name) is None]
    if missing:
        raise Unexpected(f"AWS was asked {what} and its answer has no {' and no '.join(missing)}.")
    return answer


def _asked(error: Any, what: str) -> str:
    """Credentials are fetched in the middle of a call: then it is the role that was refused."""
    return "to let us act as the role for Partner Central" if error.operation_name == "AssumeRole" else what
