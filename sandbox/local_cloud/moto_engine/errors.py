"""Mends of error names: what `Retry` and `Catch` see is what AWS calls it."""

from __future__ import annotations

import functools
import logging
from typing import Any

from botocore.exceptions import ClientError
from botocore.session import Session

from sandbox.local_cloud.moto_engine import names as moto


def error_named(error_name: str | None) -> Any:
    """moto's custom name, which may not begin with ``States.``, or the reserved name that it is."""
    if error_name and error_name.startswith("States."):
        return moto.names.StatesErrorName.from_name(error_name)
    return moto.custom.CustomErrorName(error_name)


moto.branches.CustomErrorName = error_named
moto.iteration.CustomErrorName = error_named

_equals_eval = moto.equals.ErrorEqualsDecl._eval_body


def _eval_error_equals(self: Any, env: Any) -> None:
    name = env.stack[-1].error_name
    named = name in [known.error_name for known in self.error_names]
    if name == "States.Runtime" or (name == "States.DataLimitExceeded" and not named):
        env.stack.pop()
        env.stack.append(False)
        return
    _equals_eval(self, env)


moto.equals.ErrorEqualsDecl._eval_body = _eval_error_equals

_lambda_error = moto.task_lambda.StateTaskLambda._from_error
_dynamodb_error = moto.service_dynamodb.StateTaskServiceDynamoDB._from_error
_events_error = moto.service_events.StateTaskServiceEvents._from_error


def _task_failed(self: Any, env: Any, error: str, cause: str) -> Any:
    details = {"taskFailedEventDetails": {"error": error, "cause": cause, "resource": self.resource.resource_arn}}
    kind = moto.api.HistoryEventType.TaskFailed
    return moto.failure.FailureEvent(env=env, error_name=error_named(error), event_type=kind, event_details=details)


def _from_lambda_error(self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, ClientError):
        error, cause = moto.service_lambda.StateTaskServiceLambda._error_cause_from_client_error(ex)
        return _task_failed(self, env, error, cause)
    return _lambda_error(self, env, ex)


def _from_dynamodb_error(self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, (TimeoutError, moto.FailureException)):
        return moto.task.StateTask._from_error(self, env, ex)
    return _dynamodb_error(self, env, ex)


def _from_events_error(self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, ClientError):
        return _task_failed(self, env, f"EventBridge.{ex.response['Error']['Code']}", ex.response["Error"]["Message"])
    return _events_error(self, env, ex)


moto.task_lambda.StateTaskLambda._from_error = _from_lambda_error
moto.service_dynamodb.StateTaskServiceDynamoDB._from_error = _from_dynamodb_error
moto.service_events.StateTaskServiceEvents._from_error = _from_events_error

# What the SDK for Java calls its clients: the first half of an aws-sdk integration's error names.
moto.service_sdk._SERVICE_ERROR_NAMES.update(
    {
        "sqs": "Sqs",
        "sns": "Sns",
        "eventbridge": "EventBridge",
        "lambda": "Lambda",
        "s3": "S3",
        "secretsmanager": "SecretsManager",
        "ssm": "Ssm",
        "scheduler": "Scheduler",
        "cloudwatch": "CloudWatch",
    }
)


@functools.lru_cache(maxsize=64)
def _modelled_errors(service: str) -> frozenset[str]:
    """The error codes that have a class of their own in the SDKs."""
    shapes: Any = Session().get_service_model(service).error_shapes
    return frozenset(shape.name for shape in shapes)


def _sdk_exception_name(norm_service_name: str, ex: Any) -> str:
    code = ex.response["Error"]["Code"]
    service = {"EventBridge": "events", "Sfn": "stepfunctions"}.get(norm_service_name, norm_service_name.lower())
    name = code if code in _modelled_errors(service) else norm_service_name
    return f"{norm_service_name}.{name}" + ("" if name.endswith("Exception") else "Exception")


moto.service_sdk.StateTaskServiceAwsSdk._normalise_exception_name = staticmethod(_sdk_exception_name)
for _log in ("_log_failure_event_exception", "_log_exception"):
    setattr(moto.eval_component.EvalComponent, _log, lambda self, *_args, **_names: None)
logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
