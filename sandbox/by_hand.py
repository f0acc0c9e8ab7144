"""The sandbox without the app in it: somebody deploys it there with the CDK's own command, as to AWS.

`follow` looks at the stacks once a second. Whenever a deployment has ended, what the local cloud must run of it (Pipes,
functions behind the API, rules) is started; after the first that has the sync, the vendors are connected as
``cosell sandbox`` does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from botocore.exceptions import ClientError

from sandbox.assembly import STAGE
from sandbox.world import World

_LOG = logging.getLogger(__name__)
_NEEDED = (f"cosell-{STAGE}-data", f"cosell-{STAGE}-sync")


def environment(world: World) -> dict[str, str]:
    """What the CDK's command and the AWS CLI need to speak to the local cloud, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": world.cloud.endpoint,
        "AWS_REGION": world.cloud.region,
        "AWS_DEFAULT_REGION": world.cloud.region,  # boto3 reads no other
        "AWS_ACCESS_KEY_ID": world.cloud.account,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }


class Followed:
    """What is deployed in the local cloud by somebody else, as last seen."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: list[tuple[str, str, str]] = []
        self.taken_over = False

    def look(self) -> bool:
        """Start what a deployment that has ended needs. True when there was one, and the vendors are connected."""
        now = self._standing()
        if now == self._seen or any(not status.endswith("_COMPLETE") for _, status, _ in now):
            return False
        outputs = self._world.cloud.adopt()
        if self._standing() != now:  # the next stack is begun: what it puts out is not there yet
            return False
        self._seen = now
        if self.taken_over:
            self._world.know(outputs)
        elif set(_NEEDED) <= set(outputs):
            self._world.take_over(outputs)
            self.taken_over = True
        return self.taken_over

    def _standing(self) -> list[tuple[str, str, str]]:
        pages = self._world.cloud.client("cloudformation").get_paginator("describe_stacks").paginate()
        return sorted(
            (stack["StackName"], stack["StackStatus"], str(stack.get("LastUpdatedTime", stack.get("CreationTime"))))
            for page in pages
            for stack in page["Stacks"]
            if stack["StackName"].startswith(f"cosell-{STAGE}-")
        )


def follow(world: World, done: threading.Event, deployed: Callable[[], None], every_seconds: float = 1.0) -> None:
    """Look until ``done``; ``deployed`` is called after each deployment, from the one on that has the sync.

    The next stack may go while one looks at what the last deployment left. That ends nothing, least of all the cloud
    under somebody's deployment: it is said once, and looked at again.
    """
    followed, said = Followed(world), ""
    while not done.wait(every_seconds):
        try:
            if followed.look():
                deployed()
            said = ""
        except ClientError as error:
            if str(error) != said:
                _LOG.warning("What is deployed could not be taken over, and is tried again: %s", error)
            said = str(error)
