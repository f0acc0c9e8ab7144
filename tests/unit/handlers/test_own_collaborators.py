"""In Lambda a function makes the collaborators of its own handler while it begins, and of no module it imports."""

from __future__ import annotations

import pytest

from lambdas.shared.runtime import entry_point


@pytest.mark.parametrize(
    ("handler", "made"), [(f"{__name__}.handler", 1), ("lambdas.aws.handlers.api_submit.handler", 0), (None, 0)]
)
def test_only_the_handlers_own_are_made_at_once(
    monkeypatch: pytest.MonkeyPatch, handler: str | None, made: int
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "cosell-dev-any")
    monkeypatch.delenv("_HANDLER", raising=False)
    if handler is not None:
        monkeypatch.setenv("_HANDLER", handler)
    calls: list[int] = []
    called = entry_point(lambda _event, _c: {}, lambda: calls.append(1))
    assert len(calls) == made
    called({})
    called({})
    assert len(calls) == 1
