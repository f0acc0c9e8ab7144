"""The domain stays light: neither the SDK nor what only the build has."""

from __future__ import annotations

import json
import subprocess
import sys


def test_the_aws_domain_loads_no_sdk_no_yaml_and_no_pydantic() -> None:
    program = "import sys, json; import lambdas.aws.domain.partner; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(out.stdout))
    assert not loaded & {"boto3", "botocore", "yaml", "pydantic", "config", "aws_lambda_powertools", "urllib3"}
