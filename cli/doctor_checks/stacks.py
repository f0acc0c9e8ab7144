"""Whether what is deployed is what the configuration says: stacks, settings layer, outputs, limits, the clock."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment
from config.model import Stage

AREA = "deployment"
_PARTS = ("data", "sync", "dead-letters", "audit", "seeing")
SETTINGS = "python/cosell_settings/settings.json"
_LAYER = "Settings document of cosell-sync"
_FEW_EXECUTIONS = 100
_SKEW_SECONDS = 60
_REFUSED_SKEW_SECONDS = 240  # AWS refuses a signature that is five minutes old


def stacks(d: Deployment) -> Iterator[Finding]:
    """All stacks are there and stand well."""
    found, deploy = d.stacks(), f"npx cdk deploy '{d.name}/*'"
    for part in parts(d.stage):
        if part not in found:
            yield error("is not deployed", f"cosell-{d.name}-{part}", deploy)
    for part, stack in found.items():
        status, where = stack["StackStatus"], f"cosell-{d.name}-{part}"
        if status.endswith("_IN_PROGRESS"):
            yield warning(f"is being changed ({status})", where, "wait for the deployment, then run the doctor again")
        elif "FAILED" in status or "ROLLBACK" in status:
            yield error(f"the last deployment failed ({status})", where, f"read the stack's events, then {deploy}")
        else:
            changed = stack.get("LastUpdatedTime") or stack["CreationTime"]
            yield ok(f"deployed {changed:%Y-%m-%d %H:%M}", where)


def parts(stage: Stage) -> tuple[str, ...]:
    """The stacks of a stage in its home region, by the last part of their name."""
    api = ("api",) if stage.api.enabled and "aws" in stage.partners else ()
    return (*_PARTS, *stage.partners, *api)


def settings(d: Deployment) -> Iterator[Finding]:
    """The settings layer of each stack is what the configuration renders now."""
    wanted, found = json.loads(json.dumps(d.settings)), dict(deployed_settings(d))
    if not found:
        yield error("there is no settings layer", "settings", f"npx cdk deploy '{d.name}/*'")
        return
    stale = {part: list(differences(wanted, document)) for part, document in found.items() if document != wanted}
    if not stale:
        yield ok(f"equal to what the configuration says, in {len(found)} stacks", "settings")
    for part, differing in stale.items():
        named = ", ".join(differing[:5]) + (f" and {len(differing) - 5} more" if len(differing) > 5 else "")
        do = f"deploy this configuration: npx cdk deploy '{d.name}/*'; or check out the one that was deployed"
        yield error(f"what is deployed differs from the configuration at {named}", f"settings of {part}", do)


def deployed_settings(d: Deployment) -> Iterator[tuple[str, Any]]:
    """The documents in the deployed layers, by the part of the stage whose stack has it."""
    client = d.client("lambda")
    for each in d.resources("AWS::Lambda::LayerVersion"):
        layer = client.get_layer_version_by_arn(Arn=each.physical_id)
        if layer.get("Description") == _LAYER:
            with urllib.request.urlopen(layer["Content"]["Location"], timeout=15) as answer:  # noqa: S310 - AWS's own
                archive = zipfile.ZipFile(io.BytesIO(answer.read()))
            yield each.stack, json.loads(archive.read(SETTINGS))


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where two documents differ, as dotted paths."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in sorted({*wanted, *found}):
            at = f"{path}.{name}" if path else name
            if name in wanted and name in found:
                yield from differences(wanted[name], found[name], at)
            else:
                yield at
    elif wanted != found:
        yield path


def functions(d: Deployment) -> Iterator[Finding]:
    """No function is stopped: not able to start, or given no concurrency at all (some stop a function so)."""
    client, found, stopped = d.client("lambda"), d.resources("AWS::Lambda::Function"), 0
    for each in found:
        function = client.get_function(FunctionName=each.physical_id)  # a listing leaves the states out
        held, name = function["Configuration"], each.physical_id
        if function.get("Concurrency", {}).get("ReservedConcurrentExecutions") == 0:
            stopped += 1
            do = f"aws lambda delete-function-concurrency --function-name {name}"
            yield error("may not run at all: its reserved concurrency is 0", name, do)
        elif held.get("State") == "Failed" or held.get("LastUpdateStatus") == "Failed":
            stopped += 1
            reason = held.get("StateReasonCode") or held.get("LastUpdateStatusReasonCode") or "no reason given"
            yield error(f"cannot start ({reason})", name, f"npx cdk deploy '{d.name}/*'")
    if not stopped:
        yield ok(f"{len(found)} functions can start", "functions")


def concurrency(d: Deployment) -> Iterator[Finding]:
    """The account may run enough functions at once; a new account may have ten."""
    limits = d.client("lambda").get_account_settings()["AccountLimit"]
    free = limits["UnreservedConcurrentExecutions"]
    if free >= _FEW_EXECUTIONS:
        yield ok(f"{free} functions may run at once", "Lambda")
        return
    ask = "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384"
    do = f"{ask} --desired-value 1000 --region {d.place.client_options['region_name']}"
    yield warning(f"only {free} functions may run at once; a burst would wait for them", "Lambda", do)


def clock(d: Deployment) -> Iterator[Finding]:
    """This machine's clock goes with AWS's: signatures, tokens and every age shown here hang on it."""
    answer = d.client("sts").get_caller_identity()
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if said is None:
        return
    skew = abs(d.now_ms() / 1000 - parsedate_to_datetime(said).timestamp())
    if skew < _SKEW_SECONDS:
        yield ok(f"within {max(1, round(skew))} s of AWS's", "this machine's clock")
        return
    make = error if skew >= _REFUSED_SKEW_SECONDS else warning
    yield make(f"is {skew:.0f} s off AWS's", "this machine's clock", "set the clock by NTP (timedatectl set-ntp true)")


CHECKS = [
    Check(area=AREA, name="stacks", run=stacks, needs="cloudformation:DescribeStacks"),
    Check(area=AREA, name="settings", run=settings, needs="lambda:GetLayerVersion"),
    Check(area=AREA, name="functions", run=functions, needs="lambda:GetFunction", seconds=60),
    Check(area=AREA, name="concurrency", run=concurrency, needs="lambda:GetAccountSettings"),
    Check(area=AREA, name="clock", run=clock, needs="sts:GetCallerIdentity"),
]
