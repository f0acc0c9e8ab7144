"""Deploys a synthesized cloud assembly to the local cloud with boto3 alone: no CDK CLI, no Node, no bootstrap.

For every stack, dependencies first: its account and region get the version parameter that the stock synthesizer's
rules ask for, its assets go to the asset bucket (directories zipped once per content and kept in ``build/``), and the
stack is created, or updated where it exists. The template is used exactly as it was synthesized, but for the
resource types in `LEFT_OUT` and alarms on a sum of metrics: ministack refuses a whole template for one that it does
not know.
"""

from __future__ import annotations

import json
import os
import re
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.places import project
from sandbox.local_cloud.assembly import FileAsset, Stack, read_assembly
from sandbox.local_cloud.clients import Clients

_BOOTSTRAP_PARAMETER = re.compile(r"/cdk-bootstrap/[a-z0-9]+/version")
_BOOTSTRAP_VERSION = "99"
_DEFAULT_CACHE = project() / "build" / "local_cloud" / "assets"
# Types that ministack does not know and whose absence nothing here can notice: it asks nobody for permission.
LEFT_OUT = frozenset({"AWS::Events::EventBusPolicy", "AWS::WAFv2::WebACLAssociation", "AWS::CloudWatch::Dashboard"})
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class DeployFailed(RuntimeError):
    """A stack did not reach its goal; the message lists the resources that failed and why."""


@dataclass(slots=True)
class Deployed:
    """A deployed stack and its outputs."""

    stack: Stack
    outputs: dict[str, str] = field(default_factory=dict)


class Deployer:
    """Creates, updates and deletes the stacks of assemblies."""

    def __init__(self, clients: Clients, *, cache: Path = _DEFAULT_CACHE) -> None:
        self._clients = clients
        self._cache = cache
        self._uploaded: set[tuple[str, str]] = set()

    def deploy(self, directory: Path, parameters: Mapping[str, Mapping[str, str]] | None = None) -> list[Deployed]:
        """Create or update every stack of the assembly; ``parameters`` are by stack name. Raises DeployFailed."""
        stacks = read_assembly(directory, account=self._clients.account, region=self._clients.region)
        return [self._deploy_stack(stack, dict((parameters or {}).get(stack.name, {}))) for stack in stacks]

    def delete(self, directory: Path) -> None:
        """Delete the assembly's stacks, dependents first. Raises DeployFailed."""
        stacks = read_assembly(directory, account=self._clients.account, region=self._clients.region)
        for stack in reversed(stacks):
            client = self._client(stack, "cloudformation")
            client.delete_stack(StackName=stack.name)
            self._wait(client, stack.name, "DELETE_COMPLETE")

    def _client(self, stack: Stack, service: str) -> Any:
        return self._clients.get(service, region=stack.region, account=stack.account)

    def _deploy_stack(self, stack: Stack, parameters: dict[str, str]) -> Deployed:
        body = stack.template_body
        for name in sorted(set(_BOOTSTRAP_PARAMETER.findall(body))):
            self._client(stack, "ssm").put_parameter(Name=name, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True)
        for asset in stack.assets:
            self._upload(stack, asset)
        client = self._client(stack, "cloudformation")
        arguments = {
            "StackName": stack.name,
            "TemplateURL": self._upload_template(stack, without_unknown_types(body)),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in {**stack.parameters, **parameters}.items()
            ],
        }
        try:
            goal = self._create_or_update(client, arguments)
        except ClientError as error:
            raise DeployFailed(f"stack {stack.name} was refused: {error.response['Error']['Message']}") from None
        outputs = self._wait(client, stack.name, goal)
        return Deployed(stack, outputs)

    def _upload_template(self, stack: Stack, body: str) -> str:
        """The template's URL: as text in the call it may have 51,200 bytes at most, and a real app's is larger."""
        bucket = f"cdk-templates-{stack.account}-{stack.region}"
        self._ensure_bucket(stack, bucket)
        key = f"{stack.name}.template.json"
        self._client(stack, "s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
        return f"https://s3.{stack.region}.amazonaws.com/{bucket}/{key}"

    def _create_or_update(self, client: Any, arguments: dict[str, Any]) -> str:
        """Start what is needed; returns the status that means success."""
        if _status(client, arguments["StackName"]) in ("", "DELETE_COMPLETE"):
            client.create_stack(**arguments)
            return "CREATE_COMPLETE"
        try:
            client.update_stack(**arguments)
        except ClientError as error:
            if "No updates" in str(error):
                return _status(client, arguments["StackName"])
            raise
        return "UPDATE_COMPLETE"

    def _wait(self, client: Any, name: str, goal: str, timeout_seconds: float = 300.0) -> dict[str, str]:
        until = time.monotonic() + timeout_seconds
        while True:
            status = _status(client, name)
            if status == goal or (goal == "DELETE_COMPLETE" and not status):
                return {} if goal == "DELETE_COMPLETE" else _outputs(client, name)
            failed = status.endswith(("_FAILED", "ROLLBACK_COMPLETE")) or (
                status.endswith("_COMPLETE") and "DELETE" in status
            )
            if failed or time.monotonic() > until:
                raise DeployFailed(f"stack {name} is {status or 'gone'}, wanted {goal}:\n{_why(client, name)}")
            time.sleep(0.02)

    def _upload(self, stack: Stack, asset: FileAsset) -> None:
        if asset.path == stack.template or asset.path.name.endswith(".template.json"):
            return  # handed over by its own URL
        if (asset.bucket, asset.key) in self._uploaded:
            return
        self._ensure_bucket(stack, asset.bucket)
        self._client(stack, "s3").put_object(Bucket=asset.bucket, Key=asset.key, Body=self._packed(asset).read_bytes())
        self._uploaded.add((asset.bucket, asset.key))

    def _ensure_bucket(self, stack: Stack, bucket: str) -> None:
        client = self._client(stack, "s3")
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError:
            place = {} if stack.region == "us-east-1" else {"LocationConstraint": stack.region}
            client.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))

    def _packed(self, asset: FileAsset) -> Path:
        if asset.packaging == "file":
            return asset.path
        packed = self._cache / Path(asset.key).name
        if not packed.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            unfinished = packed.with_name(f"{packed.name}.{os.getpid()}")
            _zip(asset.path, unfinished)
            unfinished.replace(packed)
        return packed


def without_unknown_types(template: str) -> str:
    """The template (JSON text) without what ministack does not know and without waiting for it.

    That is `LEFT_OUT` and alarms with metric math. Nothing local could notice those either: CloudWatch's own metrics of
    queues are not there, and no scene asks for them.
    """
    document = json.loads(template)
    gone = {name for name, resource in document["Resources"].items() if _unknown(resource)}
    document["Resources"] = {name: each for name, each in document["Resources"].items() if name not in gone}
    for resource in document["Resources"].values():
        waits = resource.get("DependsOn", [])
        kept = [name for name in ([waits] if isinstance(waits, str) else waits) if name not in gone]
        resource.pop("DependsOn", None)
        if kept:
            resource["DependsOn"] = kept
    return json.dumps(document)


def _unknown(resource: Mapping[str, Any]) -> bool:
    if resource["Type"] == "AWS::CloudWatch::Alarm":
        return "Metrics" in resource.get("Properties", {})
    return resource["Type"] in LEFT_OUT


def _zip(directory: Path, target: Path) -> None:
    """Zip a directory so that equal content gives equal bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(directory)), _EARLIEST)
                entry.external_attr = (path.stat().st_mode & 0o777) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def _status(client: Any, name: str) -> str:
    try:
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError:
        return ""


def _outputs(client: Any, name: str) -> dict[str, str]:
    stack = client.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _why(client: Any, name: str) -> str:
    try:
        events = client.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError as error:
        return f"  no stack events: {error}"
    failed = [event for event in events if "FAILED" in event.get("ResourceStatus", "")]
    return "\n".join(_line(event) for event in reversed(failed)) or "  no failed resource among the stack's events"


def _line(event: dict[str, Any]) -> str:
    reason = event.get("ResourceStatusReason", "no reason given")
    return f"  {event['LogicalResourceId']} ({event.get('ResourceType')}): {reason}"
