"""What is raised when the configuration does not hold, and how it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in one file: where (file, line, dotted key), what, and what would do."""

    file: str
    line: int
    key: str
    message: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}: {self.key or '(whole file)'}: {self.message}"
        return f"{text} (allowed: {', '.join(self.allowed)})" if self.allowed else text


class ConfigurationError(Exception):
    """The configuration is wrong. ``findings`` holds every mistake found, not only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("configuration:\n" + "\n".join(f"  {finding}" for finding in self.findings))
