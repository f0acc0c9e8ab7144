"""What a bundle leaves out: service models nobody calls, examples, tests, metadata, what a library needs elsewhere."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

# Service models of the clients that our functions make; a client for anything else fails with UnknownServiceError.
SERVICES = frozenset({"dynamodb", "sqs", "sts", "secretsmanager", "events", "partnercentral-selling", "kms", "s3"})
DATA_FILES = frozenset({"endpoints.json", "partitions.json", "sdk-default-configuration.json", "_retry.json"})
UNUSED = (
    "bin",
    "boto3/examples",
    "boto3/data",
    "aws_lambda_powertools/event_handler",
    # Time zones come from tzdata, for dateutil too.
    "dateutil/zoneinfo/*.tar.gz",
    # Rules of calendars, which only a calendar file's zones need.
    "dateutil/rrule.py",
    "dateutil/easter.py",
    # The rules that the zones were compiled from.
    "tzdata/zoneinfo/tzdata.zi",
    # Only for host names that are not ASCII, which no vendor's is.
    "idna/uts46data.py",
    # Other ways to send a request than requests, which is ours.
    "google/auth/aio",
    "google/*/*_async.py",
    "google/auth/transport/_aiohttp_requests.py",
    "google/auth/transport/grpc.py",
    "google/auth/transport/urllib3.py",
    # Other ways to sign in at Google than federation and a service account's key.
    "google/auth/compute_engine",
    "google/auth/pluggable.py",
    "google/oauth2/gdch_credentials.py",
    "google/oauth2/id_token.py",
    "charset_normalizer/cli",
    "urllib3/contrib/emscripten",
    "**/*.pyi",
    # cryptography needs cffi's binary and not its compiler, google-auth pyasn1 where there is no cryptography.
    "cffi",
    "pycparser*",
    "pyasn1*",
    # Of libsodium only the bindings are called.
    "nacl/pwhash",
    *(f"nacl/{name}.py" for name in ("encoding", "hash", "hashlib", "public", "secret", "signing", "utils")),
    # Speed for guessing the encoding of text, which no vendor's JSON needs; without it the package is pure Python.
    "charset_normalizer/*.so",
)
UNUSED_MODEL_FILES = ("examples-*", "paginators-*.sdk-extras*")
# What Logger, Metrics and Tracer stand on; the other utilities weigh more than all of these.
POWERTOOLS_UTILITIES = frozenset({"__init__.py", "typing", "jmespath_utils"})


def slim(folder: Path) -> None:
    """Remove from an installed set of packages what no function of ours can reach."""
    _slim_models(folder / "botocore/data")
    _keep(folder / "aws_lambda_powertools/utilities", POWERTOOLS_UTILITIES)
    leave_out(folder, UNUSED)
    if (folder / "certifi/cacert.pem").exists():  # which botocore takes before its own
        (folder / "botocore/cacert.pem").unlink(missing_ok=True)
    for metadata in folder.glob("*.dist-info"):
        _slim_metadata(metadata)
    for tests in [path for path in folder.rglob("tests") if path.is_dir()]:
        shutil.rmtree(tests)
    for binary in folder.rglob("*.so"):
        strip_symbols(binary)


def leave_out(folder: Path, patterns: Sequence[str]) -> None:
    """Remove what fits a pattern."""
    for path in [path for pattern in patterns for path in folder.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def strip_symbols(binary: Path) -> None:
    """Cut from an ELF library what is never loaded: symbol tables for debuggers, a quarter of cryptography's.

    The loader reads program headers alone, so what lies behind the last segment's end in the file can go, with the
    section headers that would name it. Works for every processor, which no ``strip`` of one machine does. Any other
    file, and one whose headers are not at its start, is left as it is.
    """
    content = bytearray(binary.read_bytes())
    if len(content) < _ELF_HEADER.size or content[:6] != b"\x7fELF\x02\x01":  # 64 bits, little endian
        return
    *start, _sections_at, flags, header_size, entry_size, entries, _section_size, _sections, _names = (
        _ELF_HEADER.unpack_from(content)
    )
    headers_at = start[-1]
    segments = [_SEGMENT.unpack_from(content, headers_at + number * entry_size) for number in range(entries)]
    end = max((offset + size for _, _, offset, _, _, size, *_ in segments), default=len(content))
    end = max(end, headers_at + entries * entry_size)
    _ELF_HEADER.pack_into(content, 0, *start, 0, flags, header_size, entry_size, entries, 0, 0, 0)
    binary.write_bytes(content[:end])


_ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")  # type, flags, offset, address, physical, size in the file, in memory, alignment


def _keep(folder: Path, names: frozenset[str]) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in names:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


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
    _slim_endpoints(data / "endpoints.json")


def _slim_endpoints(file: Path) -> None:
    """Endpoints of the services in use: the whole file is parsed when the first client is made, at every cold start."""
    if not file.is_file():
        return
    endpoints = json.loads(file.read_text())
    for partition in endpoints.get("partitions", ()):
        partition["services"] = {name: one for name, one in partition["services"].items() if name in SERVICES}
    file.write_text(json.dumps(endpoints, separators=(",", ":")))


def _slim_metadata(metadata: Path) -> None:
    """Keep name, version and licence: what is shipped must be nameable. The README in METADATA goes."""
    for path in list(metadata.rglob("*")):
        if path.is_file() and path.name == "METADATA":
            path.write_bytes(path.read_bytes().partition(b"\n\n")[0] + b"\n")
        elif path.is_file() and not path.name.upper().startswith(("LICENSE", "NOTICE")):
            path.unlink()
