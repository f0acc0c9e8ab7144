"""``aws.yaml``'s part on solutions, Marketplace entities and AWS products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from config import vocabulary
from config.base import Model
from config.errors import Finding
from config.files import PartnerFiles, unknown

MarketplaceArn = r"^arn:aws:aws-marketplace:[a-z]{1,2}-[a-z]+-\d:\d{12}:AWSMarketplace/"
SolutionId = Annotated[str, StringConstraints(pattern=r"^S-\d{1,19}$")]
ProductId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]{1,99}$")]


class Entities(Model):
    """Associated with each opportunity whose deal names none of that kind. A private offer is none of these: AWS lets
    an offer serve one opportunity only, so it is named on the deal."""

    AwsProducts: list[ProductId] = Field(default_factory=list, max_length=20)
    AwsMarketplaceSolutions: list[Annotated[str, StringConstraints(pattern=MarketplaceArn + r"Solution/[^\s;,]+$")]] = (
        Field(default_factory=list, max_length=10)
    )
    AwsMarketplaceProducts: list[
        Annotated[str, StringConstraints(pattern=MarketplaceArn + r"[A-Za-z]+Product/[^\s;,]+$")]
    ] = Field(default_factory=list, max_length=10)


class MatchingWeights(Model):
    """Points that each part of the score is worth at most, 100 together."""

    use_case: int = Field(default=35, ge=0, le=100)
    industry: int = Field(default=15, ge=0, le=100)
    keywords: int = Field(default=35, ge=0, le=100)
    category: int = Field(default=15, ge=0, le=100)

    @model_validator(mode="after")
    def _make_100(self) -> Self:
        total = sum(self.model_dump().values())
        if total != 100:
            raise ValueError(f"the four weights must make 100 together and make {total}")
        return self


class SolutionMatching(Model):
    """How solutions are ranked for a deal, and whether the best are associated where the deal names none."""

    automatic: bool = False
    minimum_score: int = Field(default=40, ge=1, le=100)
    at_most: int = Field(default=10, ge=1, le=10)
    weights: MatchingWeights = MatchingWeights()
    categories: dict[str, list[str]] = Field(default_factory=dict)
    ignored_words: list[str] = Field(default_factory=list)


def check_matching(mine: PartnerFiles) -> Iterator[Finding]:
    """A category is listed for a use case or an industry of AWS's."""
    use_cases = vocabulary.enum_values("CustomerUseCase", mine.values) or ()
    allowed = (*use_cases, *vocabulary.service_enums()["Industry"])
    for name in mine.model.solution_matching.categories:
        if name not in allowed:
            yield unknown(mine.source, ("solution_matching", "categories", name), "use case or industry", name, allowed)
