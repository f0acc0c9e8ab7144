"""``resources.yaml``, the catalogue of documents that a user keeps, and ``aws.yaml``'s part on it and on milestones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from config import vocabulary
from config.base import Model
from config.deployment import PartnerCentral
from config.errors import Finding
from config.files import PartnerFiles, unknown
from config.partners.aws_solutions import SolutionId

CATALOGUE = "resources"
"""Name of the file, without ``.yaml``, and of its place among the partner's values."""

ENGAGEMENT_ROLES = (
    "engagement_id",
    "engagement_status",
    "engagement_members",
    "engagement_member_count",
    "milestones",
)
"""What a deal shows of its engagement."""

# A test holds them to the functions' own headings (``lambdas/aws/domain/catalogue.py``).
DocumentKind = Literal[
    "whitepaper", "case-study", "reference-architecture", "presentation", "training", "solution-brief"
]


def _address(url: str) -> str:
    """A link that people click in HubSpot: https, a host, nobody's password, no signs that end an attribute."""
    form = "allowed: https://<host>/…, without spaces, quotes, angle brackets, user and password"
    try:
        parts = urlsplit(url)
        right = parts.scheme == "https" and parts.hostname and "." in parts.hostname and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        right = False
    if not right or any(sign in "\"'<>\\`" or sign.isspace() or not sign.isprintable() for sign in url):
        raise ValueError(f"no address that may be linked; {form}")
    return url


class Document(Model):
    """One document. One that names neither solutions nor use cases fits every opportunity (of its industries)."""

    kind: DocumentKind
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    url: Annotated[str, StringConstraints(max_length=1000), AfterValidator(_address)]
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    solutions: tuple[SolutionId, ...] = Field(default=(), strict=False)
    use_cases: tuple[str, ...] = Field(default=(), strict=False)
    industries: tuple[str, ...] = Field(default=(), strict=False)


class Catalogue(Model):
    """``resources.yaml``."""

    documents: tuple[Document, ...] = Field(default=(), max_length=500, strict=False)


class Resources(Model):
    """How what AWS and the catalogue offer is told.

    ``snapshots``: notes on those of ``others`` (AWS, partners), of ``all``, or ``none``. ``advice``: notes on new
    recommendations and next best actions of AWS's.
    """

    documents_per_note: int = Field(default=10, ge=1, le=25)
    snapshots: Literal["others", "all", "none"] = "others"
    advice: bool = True


class Engagement(Model):
    """``milestones``: how many are kept and shown, the newest."""

    milestones: int = Field(default=50, ge=1, le=200)


def check_catalogue(mine: PartnerFiles) -> Iterator[Finding]:
    """Use cases and industries are AWS's own words, and no document stands twice."""
    source = mine.companions[CATALOGUE]
    use_cases = vocabulary.enum_values("CustomerUseCase", mine.values) or ()
    industries = vocabulary.service_enums()["Industry"]
    seen: dict[tuple[str, str], int] = {}
    for index, document in enumerate(mine.values.get(CATALOGUE, {}).get("documents", ())):
        for key, what, allowed in (
            ("use_cases", "AWS use case", use_cases),
            ("industries", "AWS industry", industries),
        ):
            for place, value in enumerate(document[key]):
                if value not in allowed:
                    yield unknown(source, ("documents", index, key, place), what, value, allowed)
        first = seen.setdefault((document["title"], document["url"]), index)
        if first != index:
            yield source.finding(("documents", index), f"the same title and url as documents[{first}]")


def resource_settings(resources: Resources, central: PartnerCentral, catalogue: dict[str, Any]) -> dict[str, Any]:
    """``partners.aws.resources`` of the settings document."""
    return {
        **resources.model_dump(mode="json"),
        "documents": catalogue.get("documents", []),
        "account": central.account,
        "snapshot_role": f"arn:aws:iam::{central.account}:role/{central.snapshot_role_name}",
    }
