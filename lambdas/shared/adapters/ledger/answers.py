"""What AWS's own services answer, as our named errors (DynamoDB, SQS and EventBridge).

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as BotoConnectionError

from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized, Unexpected

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ProvisionedThroughputExceeded",
        "ThrottlingException",
        "ThrottlingError",
        "Throttling",
        "RequestLimitExceeded",
        "RequestThrottled",
        "OverLimit",
        "TooManyRequestsException",
    }
)
UNAUTHORIZED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
PASSING = frozenset(
    {
        "InternalServerError",
        "InternalException",
        "InternalFailure",
        "ServiceUnavailable",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ReplicatedWriteConflictException",
    }
)


def code_of(error: ClientError) -> str:
    """The service's error code, ``ConditionalCheckFailedException``; old SQS codes come with a prefix."""
    code = error.response.get("Error", {}).get("Code", "")
    return code.rpartition(".")[2]


def named(error: Exception, where: str) -> CosellError:
    """The named error for what botocore raised. ``where`` names the operation and the table or queue, no value.

    The service's message is left out: a ValidationException quotes what was sent.
    """
    if isinstance(error, ClientError):
        return _named_answer(error, where)
    if isinstance(error, NoCredentialsError):
        return Unauthorized(f"{where}: no AWS credentials")
    if isinstance(error, HTTPClientError | BotoConnectionError):
        return Retryable(f"{where}: {type(error).__name__}")
    return Unexpected(f"{where}: {type(error).__name__}")


def _named_answer(error: ClientError, where: str) -> CosellError:
    return named_code(code_of(error), where, int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0))


def named_code(code: str, where: str, status: int = 0) -> CosellError:
    """The named error for a service's error code, with the answer's HTTP status where there was one."""
    message = f"{where}: {code}"
    if code in THROTTLED or status == 429:
        return Throttled(message)
    if code in UNAUTHORIZED:
        return Unauthorized(message)
    if code in PASSING or status >= 500:
        return Retryable(message)
    return Unexpected(message)


@contextmanager
def named_errors(where: str) -> Generator[None]:
    """Everything that botocore raises inside comes out as a named error."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise named(error, where) from None


AwsClient = Any
"""A boto3 client, or a fake with the same methods."""
