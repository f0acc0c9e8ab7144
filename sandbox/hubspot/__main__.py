"""``python -m sandbox.hubspot [port]``: one account on 127.0.0.1 until interrupted."""

from __future__ import annotations

import sys
import threading

from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.server import serve


def main(arguments: list[str]) -> int:
    """Serve a new account; the tokens that work are printed."""
    if len(arguments) > 1 or not all(one.isdecimal() for one in arguments):
        print("usage: python -m sandbox.hubspot [port]", file=sys.stderr)
        return 2
    account = HubSpotAccount()
    running = serve(account, int(arguments[0]) if arguments else 0)
    print(f"{running.url}  tokens: {', '.join(account.tokens)}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
