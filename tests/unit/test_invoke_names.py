"""Which deployed function `cosell invoke` means."""

from __future__ import annotations

import pytest

from cli.invoke import deployed_name
from cli.main import UserError

FETCH = "lambdas.shared.handlers.fetch_deal.handler"
HANDLERS = {
    "cosell-sandbox-receive-webhook": "lambdas.shared.handlers.receive_webhook.handler",
    "cosell-sandbox-receive-microsoft-notice": "lambdas.microsoft.handlers.receive_notification.handler",
    "cosell-sandbox-microsoft-fetch-deal": FETCH,
    "cosell-sandbox-google-fetch-deal": FETCH,
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("receive_webhook", "cosell-sandbox-receive-webhook"),
        ("receive_notification", "cosell-sandbox-receive-microsoft-notice"),
        ("receive-microsoft-notice", "cosell-sandbox-receive-microsoft-notice"),
        ("microsoft_fetch_deal", "cosell-sandbox-microsoft-fetch-deal"),
        ("google-fetch-deal", "cosell-sandbox-google-fetch-deal"),
    ],
)
def test_a_function_goes_by_its_own_name_or_by_its_handlers(wanted: str, found: str) -> None:
    assert deployed_name(HANDLERS, wanted) == found


def test_a_handler_of_several_partners_asks_which_one() -> None:
    with pytest.raises(UserError, match="choose one of: google-fetch-deal, microsoft-fetch-deal"):
        deployed_name(HANDLERS, "fetch_deal")


def test_an_unknown_function_is_told_with_those_there_are() -> None:
    with pytest.raises(UserError, match=r"no function fetch_deals; there are: .*receive-webhook"):
        deployed_name(HANDLERS, "fetch_deals")
