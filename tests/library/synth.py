"""Runs the ``app.py`` of each project as the CDK's command does, all in one process: its start costs more than an app.

What the command says by variables is said to ``App`` here: the CDK's process reads its own when it starts.

``python -m tests.library.synth '[{"folder": …, "stage": …}]'``
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from functools import partial
from pathlib import Path

import aws_cdk
import pytest_socket


def main(apps: str) -> None:
    pytest_socket.disable_socket()
    original = aws_cdk.App
    for app in json.loads(apps):
        folder = Path(app["folder"])
        os.chdir(folder)
        aws_cdk.App = partial(original, outdir=str(folder / "cdk.out"), context={"stage": app["stage"]})
        sys.path.insert(0, str(folder))
        runpy.run_path("app.py", run_name="__main__")
        sys.path.remove(str(folder))


if __name__ == "__main__":
    main(sys.argv[1])
