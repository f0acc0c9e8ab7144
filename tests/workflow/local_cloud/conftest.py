"""One synthesized tiny app and one local cloud for all tests of this folder."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.local_cloud.cloud import LocalCloud

APP = Path(__file__).parent / "app" / "app.py"


@pytest.fixture(scope="session")
def assembly() -> Path:
    """The tiny app as the CDK synthesizes it; kept under ``build/`` until the app changes, synthesis being slow."""
    content = hashlib.sha256(importlib.metadata.version("aws-cdk-lib").encode())
    for path in sorted(APP.parent.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content.update(path.read_bytes())
    directory = Path(__file__).parents[3] / "build" / "local_cloud" / f"tiny-{content.hexdigest()[:16]}"
    if not directory.exists():
        unfinished = directory.with_name(f"{directory.name}.{os.getpid()}")
        subprocess.run([sys.executable, str(APP), str(unfinished)], check=True, capture_output=True)
        try:
            unfinished.rename(directory)
        except OSError:  # another test process was quicker
            shutil.rmtree(unfinished)
    return directory


@dataclass
class Deployed:
    """The running cloud with the tiny app in it."""

    cloud: LocalCloud
    outputs: dict[str, str]

    def send(self, **body: Any) -> str:
        """Put a message on the piped queue; answers its id."""
        answer = self.cloud.client("sqs").send_message(QueueUrl=self.outputs["QueueUrl"], MessageBody=json.dumps(body))
        return str(answer["MessageId"])

    def runs_of(self, message_id: str) -> list[Any]:
        """Finished executions that got this message."""
        return [entry for entry in self.cloud.executions() if entry.input[0]["messageId"] == message_id]

    def received(self, queue: str, wait_seconds: int = 1) -> list[dict[str, Any]]:
        """Take what is on a queue."""
        answer = self.cloud.client("sqs").receive_message(
            QueueUrl=self.outputs[queue], MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
        )
        messages = answer.get("Messages", [])
        for message in messages:
            self.cloud.client("sqs").delete_message(
                QueueUrl=self.outputs[queue], ReceiptHandle=message["ReceiptHandle"]
            )
        return messages


@pytest.fixture(scope="session")
def tiny(assembly: Path) -> Iterator[Deployed]:
    """The tiny app, deployed once."""
    with LocalCloud({"TINY_OVERRIDE": "from the caller"}, region="eu-central-1") as cloud:
        yield Deployed(cloud, cloud.deploy(assembly)["Test-Tiny"])
        assert cloud.problems == []


def eventually(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true answer of ``check``; fails when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := check():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing true from {check} within {seconds} s")
