"""What a synth reads from disk: bundles, definitions, and where it writes the settings layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_

from constructs_lib.bundle import Bundle, build_all, check_bundle
from constructs_lib.places import ROOT, project

type MakesCode = Callable[[], lambda_.Code]


@dataclass(frozen=True, slots=True)
class Sources:
    """``core`` and the next four give the bundles' code, anew for each stack.

    ``definitions`` is the folder of state machines, ``settings`` a folder to write to.
    """

    core: MakesCode
    aws: MakesCode
    microsoft: MakesCode
    microsoft_sign_in: MakesCode
    google: MakesCode
    definitions: Path
    settings: Path

    @classmethod
    def of(cls, code: Callable[[str], MakesCode], definitions: Path, settings: Path) -> Sources:
        """Sources whose ``code`` is asked for each bundle by its name."""
        return cls(
            core=code("core"),
            aws=code("aws"),
            microsoft=code("microsoft"),
            microsoft_sign_in=code("microsoft-sign-in"),
            google=code("google"),
            definitions=definitions,
            settings=settings,
        )


def built_sources(root: Path = ROOT, *, build: bool = False) -> Sources:
    """The real ones. ``build``: with every bundle built that is missing or stale, which may need the network.

    Raises:
        BundleError: a bundle is missing or stale, or could not be built.
    """
    if build:
        build_all(root=root)
    return Sources.of(
        lambda name: code_of(check_bundle(name, root=root)),
        definitions=root / "statemachines",
        settings=project(root) / "build" / "settings",
    )


def code_of(bundle: Bundle) -> MakesCode:
    """A bundle as the code of functions, anew for each stack."""
    # The digest of the inputs stands for the content: hashing thousands of files again would only cost time.
    return lambda: lambda_.Code.from_asset(
        str(bundle.path), asset_hash=bundle.digest, asset_hash_type=AssetHashType.CUSTOM
    )
