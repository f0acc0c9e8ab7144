"""Two stages on one linked account and catalog count their writes together, or are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import config
from config import ConfigurationError
from tests.unit.config.test_configuration import FILES, SHIPPED, Edit, edit

__all__ = ["edit"]

SHARED = "arn:aws:dynamodb:eu-central-1:111111111111:table/writes"


def second_dev(folder: Path, quota: str, *, first: str | None = None) -> None:
    """Copies the shipped files, with a stage ``dev-two`` on dev's linked account and catalog beside dev."""
    for name in FILES:
        shutil.copy(SHIPPED / name, folder)
    path = folder / "stages.yaml"
    text = path.read_text()
    region = "    region: eu-central-1\n"
    text = text.replace(region, f"{region}    quota: {first or quota}\n", 1) if first or quota else text
    linked = 'account: "333333333333", catalog: Sandbox, role_name: Another'
    stage = f'{{account: "444444444444", region: eu-central-1, partners: [aws], partner_central: {{{linked}}}'
    path.write_text(f"{text}\n  dev-two: {stage}{f', quota: {quota}' if quota else ''}}}\n")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        (f'{{table: "{SHARED}"}}', "{writes_per_second: 1}"),
        (f'{{table: "{SHARED}"}}', f'{{table: "{SHARED}", writes_per_second: 2}}'),
    ],
)
def test_two_stages_cannot_each_count_the_writes_of_one_account_and_catalog(first: str, second: str, tmp_path: Path):
    """Each would keep to 1/s, and both together to twice that."""
    second_dev(tmp_path, second, first=first)
    with pytest.raises(ConfigurationError) as caught:
        config.load(tmp_path)
    (finding,) = caught.value.findings
    assert (Path(finding.file).name, finding.key) == ("stages.yaml", "stages.dev-two.quota.table")
    assert "by the stage 'dev' too" in finding.message
    assert "one stage for this account and catalog" in finding.allowed


def test_two_stages_may_count_the_writes_of_one_account_together(tmp_path: Path):
    second_dev(tmp_path, f'{{table: "{SHARED}"}}')
    assert config.load(tmp_path).stages["dev-two"].quota.table == SHARED
    assert "table" not in config.render_settings(config.load(tmp_path), "dev-two")["partners"]["aws"]["quota"]


def test_two_stages_on_one_account_count_each_catalog_by_itself(tmp_path: Path):
    second_dev(tmp_path, "")
    path = tmp_path / "stages.yaml"
    path.write_text(path.read_text().replace("catalog: Sandbox, role_name", "catalog: AWS, role_name"))
    assert config.load(tmp_path).stages["dev-two"].partner_central.catalog == "AWS"


def test_a_quota_table_in_another_region_is_refused(edit: Edit):
    table = "arn:aws:dynamodb:eu-west-2:111111111111:table/writes"
    (finding,) = edit("stages.yaml", "writes_per_second: 10,", f'writes_per_second: 10, table: "{table}",')
    assert finding.key == "stages.sandbox.quota.table"
    assert "the table lies in eu-west-2, the stage in us-east-1" in finding.message


def test_a_stage_without_aws_counts_no_writes_beside_one_with_it(tmp_path: Path):
    """Its own account stands for a linked one, which may be the other stage's."""
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path)
    path = tmp_path / "stages.yaml"
    home = 'account: "333333333333", region: eu-central-1'
    for name in ("first", "second"):
        path.write_text(f"{path.read_text()}\n  {name}: {{{home}, partners: [microsoft], microsoft: {{}}}}\n")
    assert config.load(tmp_path).stages["second"].partner_central.account == "333333333333"
