"""CloudFormation's own linter. W3005 (a dependency stated twice) is how CDK writes templates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.infrastructure.assembly import Assembly


def test_every_template_passes_cfn_lint(assembly: Assembly):
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--ignore-checks",
        "W3005",
        "--",
        *map(str, assembly.files.values()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
