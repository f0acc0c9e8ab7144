"""CloudFormation's own linter. W3005 (a dependency stated twice) is how CDK writes templates.

Two stages have most templates in common but for names. Of such a pair the one with the longer names is linted: the
linter would say the same of the other, and it takes seconds for each.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.infrastructure.assembly import Assembly

NAMES = {
    "stage": r"dev|prod|apac",
    "account": r"(\d)\1{11}",
    "region": r"(eu-central|eu-west|ap-southeast)-\d",
    "catalog": r'(?<=["#/])(Sandbox|AWS)(?=["/])',
    "hash": r"[0-9a-f]{32,64}|[0-9A-F]{8}",
}


def without_names(template: str) -> str:
    """The template with a placeholder for what is called otherwise in each stage, of whatever length."""
    for name, pattern in NAMES.items():
        template = re.sub(pattern, f"<{name}>", template)
    return template


def one_of_each(texts: dict[Path, str]) -> list[Path]:
    """The files of which none says what another one says but for names; of equal ones the longest."""
    chosen: dict[str, Path] = {}
    for path, text in sorted(texts.items(), key=lambda item: (len(item[1]), str(item[0]))):
        chosen[without_names(text)] = path
    return sorted(chosen.values())


def test_every_template_passes_cfn_lint(assembly: Assembly):
    files = one_of_each({path: path.read_text() for path in assembly.files.values()})
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3005", "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_template_is_left_out_only_for_one_that_differs_in_names_alone(tmp_path: Path):
    """Left out is the shorter; another property, action or type keeps it in."""
    dev = '{"Name": "cosell-dev-inbox", "Account": "111111111111", "Id": "Inbox0A1B2C3D", "Days": 7}'
    apac = dev.replace("dev", "apac").replace("1" * 12, "4" * 12).replace("0A1B2C3D", "99999999")
    texts = {tmp_path / "dev": dev, tmp_path / "apac": apac, tmp_path / "prod": apac.replace("7}", "30}")}
    assert one_of_each(texts) == [tmp_path / "apac", tmp_path / "prod"]
    assert one_of_each({tmp_path / "a": '{"Type": "AWS::SQS::Queue"}', tmp_path / "b": '{"Type": "Sandbox::SQS"}'}) == [
        tmp_path / "a",
        tmp_path / "b",
    ]
