"""Synthesizes the app into a folder, in a process of its own: without sockets, and with a folder in the bundles' place.

``python -m tests.infrastructure.synth OUTPUT STAND_IN SETTINGS STAGE…``
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest_socket
from aws_cdk import App
from aws_cdk import aws_lambda as lambda_

import config
from app import build_app
from stacks.sources import Sources

ROOT = Path(__file__).resolve().parents[2]


def main(output: str, stand_in: str, settings: str, *stages: str) -> None:
    pytest_socket.disable_socket()
    configuration = config.load(ROOT / "config")
    configuration = configuration.model_copy(update={"stages": {name: configuration.stages[name] for name in stages}})
    sources = Sources.of(
        lambda _: lambda: lambda_.Code.from_asset(stand_in),
        definitions=ROOT / "statemachines",
        settings=Path(settings),
    )
    build_app(App(outdir=output), configuration, sources).synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
