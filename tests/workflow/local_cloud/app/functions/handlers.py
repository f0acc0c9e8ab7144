"""The tiny app's two functions: what a handler can do to whoever runs it."""

from __future__ import annotations

import importlib.resources
import json
import os
import sys
import time


class Rejected(Exception):
    """A named error, as the product's adapters raise them."""


class Throttled(Exception):
    """Another one, which the machine retries."""


_calls: dict[str, int] = {}


def work(event, context):
    """Do what ``event["do"]`` says; every branch is one behaviour of Lambda that a machine relies on."""
    do = event.get("do", "answer")
    _calls[do] = _calls.get(do, 0) + 1
    print(json.dumps({"message": "working", "do": do}))
    if do == "reject":
        raise Rejected("no country")
    if do == "throttle-once" and _calls[do] == 1:
        raise Throttled("slow down")
    if do == "hang":
        time.sleep(30)
    if do == "exit":
        os._exit(3)
    if do == "fail":
        raise RuntimeError("poison")
    if do == "slow":
        time.sleep(0.2)
    return {
        "do": do,
        "settings": json.loads(importlib.resources.files("tiny_settings").joinpath("settings.json").read_text()),
        "endpoint": os.environ.get("AWS_ENDPOINT_URL"),
        "override": os.environ.get("TINY_OVERRIDE"),
        "own": os.environ.get("TINY_TABLE"),
        "site_packages": [path for path in sys.path if "site-packages" in path],
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "request_id": context.aws_request_id,
        "log_group": context.log_group_name,
        "remaining": context.get_remaining_time_in_millis(),
    }


def measure(event, context):
    """Print one embedded metric and answer an API call or a queue batch."""
    document = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {"Namespace": "Tiny", "Dimensions": [["service"]], "Metrics": [{"Name": "Seen", "Unit": "Count"}]}
            ],
        },
        "service": "tiny",
        "Seen": 1,
    }
    print(json.dumps(document))
    if "Records" in event:
        failed = [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": failed}
    return {"statusCode": 200, "body": json.dumps({"override": os.environ.get("TINY_OVERRIDE")})}
