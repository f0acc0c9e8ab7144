"""What a deployed function is: configuration, code and layers, unpacked once per content."""

from __future__ import annotations

import base64
import io
import os
import shutil
import threading
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_lib.places import project
from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.native import native_builds

_DEFAULT_CACHE = project() / "build" / "local_cloud" / "code"
PROXY_VARIABLE = "MINISTACK_LAMBDA_PROXY_URL"


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function, ready to start: directories instead of archives. Times in seconds, memory in MB.

    ``native``: where to import from before ``code``, see ``native_builds``.
    """

    arn: str
    name: str
    handler: str
    environment: dict[str, str]
    timeout: float
    memory: int
    log_group: str
    code: Path
    native: tuple[Path, ...]
    layers: tuple[Path, ...]
    sha: str

    @property
    def region(self) -> str:
        """The region of the function."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account of the function."""
        return self.arn.split(":")[4]


class CodeStore:
    """Reads functions from the Lambda API and keeps their code unpacked under a directory named by content hash."""

    def __init__(self, clients: Clients, *, cache: Path = _DEFAULT_CACHE) -> None:
        self._clients = clients
        self._cache = cache
        self._lock = threading.Lock()

    def read(self, arn: str) -> Function:
        """The function as it is deployed now; raises ClientError when there is none."""
        client = self._clients.for_arn("lambda", arn) if arn.startswith("arn:") else self._clients.get("lambda")
        configuration = client.get_function_configuration(FunctionName=arn)
        variables = dict(configuration.get("Environment", {}).get("Variables", {}))
        variables.pop(PROXY_VARIABLE, None)
        name = configuration["FunctionName"]
        layers = [self._layer(client, layer["Arn"]) for layer in configuration.get("Layers", [])]
        code = self._unpacked(configuration["CodeSha256"], lambda: client.get_function(FunctionName=arn)["Code"])
        return Function(
            arn=configuration["FunctionArn"],
            name=name,
            handler=configuration["Handler"],
            environment=variables,
            timeout=float(configuration.get("Timeout", 3)),
            memory=int(configuration.get("MemorySize", 128)),
            log_group=configuration.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}",
            code=code,
            native=native_builds(code, self._cache),
            layers=tuple(layers),
            sha=configuration["CodeSha256"],
        )

    def _layer(self, client: Any, arn: str) -> Path:
        content = client.get_layer_version_by_arn(Arn=arn)["Content"]
        return self._unpacked(content["CodeSha256"], lambda: content)

    def _unpacked(self, sha: str, locate: Any) -> Path:
        directory = self._cache / base64.b64decode(sha).hex()[:32]
        with self._lock:
            if not directory.exists():
                with urllib.request.urlopen(locate()["Location"]) as answer:  # noqa: S310  # loopback, from the emulator
                    archive = zipfile.ZipFile(io.BytesIO(answer.read()))
                unfinished = directory.with_suffix(f".{os.getpid()}")
                archive.extractall(unfinished)
                try:
                    unfinished.rename(directory)
                except OSError:  # another process was quicker
                    shutil.rmtree(unfinished)
        return directory
