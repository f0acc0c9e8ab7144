"""The table of docs/seeing.md, made from the registry: ``python -m tests.unit.seeing.metrics_table`` prints it."""

from __future__ import annotations

from lambdas.shared.metric_names import METRICS


def rows() -> list[str]:
    """One line for each metric, in the registry's order."""
    return [
        f"| `{name}` | {one.unit} | {', '.join(one.dimensions) or '–'} | {one.means} |" for name, one in METRICS.items()
    ]


if __name__ == "__main__":
    print("\n".join(rows()))
