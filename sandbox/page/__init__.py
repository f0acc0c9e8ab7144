"""The page of `make sandbox`: what there is in a world, and buttons for the steps of the demo.

Rendered on the server, works without JavaScript, listens on 127.0.0.1. What partners and people wrote is untrusted
text: the templates escape everything, and the answers forbid any script but our own.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sandbox.page.actions import Actions
from sandbox.page.app import make_app
from sandbox.page.views import Views
from sandbox.serving import ServingThread
from sandbox.world import World

__all__ = ["page_of"]


@contextmanager
def page_of(world: World, port: int = 0) -> Generator[str]:
    """Serves the page of a world while ``with`` lasts; gives its URL."""
    actions = Actions(world)
    server = ServingThread(make_app(Views(world), actions), "sandbox-page", port=port)
    try:
        yield server.url
    finally:
        server.stop()
        actions.stop()
