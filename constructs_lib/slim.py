"""What a bundle leaves out: service models nobody calls, examples, tests, metadata, what a library needs elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

# Service models of the clients that our functions make; a client for anything else fails with UnknownServiceError.
SERVICES = frozenset({"dynamodb", "sqs", "sts", "secretsmanager", "events", "partnercentral-selling", "kms", "s3"})
DATA_FILES = frozenset({"endpoints.json", "partitions.json", "sdk-default-configuration.json", "_retry.json"})
UNUSED = (
    "bin",
    "boto3/examples",
    "boto3/data",
    "aws_lambda_powertools/event_handler",
    # cryptography needs cffi's binary and not its compiler, google-auth pyasn1 where there is no cryptography.
    "cffi",
    "pycparser*",
    "pyasn1*",
    # Speed for guessing the encoding of text, which no vendor's JSON needs; without it the package is pure Python.
    "charset_normalizer/*.so",
)
UNUSED_MODEL_FILES = ("examples-*", "paginators-*.sdk-extras*")


def slim(folder: Path) -> None:
    """Remove from an installed set of packages what no function of ours can reach."""
    _slim_models(folder / "botocore/data")
    for path in [path for pattern in UNUSED for path in folder.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for metadata in folder.glob("*.dist-info"):
        _slim_metadata(metadata)
    for tests in [path for path in folder.rglob("tests") if path.is_dir()]:
        shutil.rmtree(tests)


def _slim_models(data: Path) -> None:
    if not data.is_dir():
        return
    for path in data.iterdir():
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
        elif path.is_file() and path.name not in DATA_FILES:
            path.unlink()
    for pattern in UNUSED_MODEL_FILES:
        for path in data.rglob(pattern):
            path.unlink()


def _slim_metadata(metadata: Path) -> None:
    """Keep name, version and licence: what is shipped must be nameable."""
    for path in list(metadata.rglob("*")):
        if path.is_file() and path.name != "METADATA" and not path.name.upper().startswith(("LICENSE", "NOTICE")):
            path.unlink()
