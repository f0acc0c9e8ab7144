"""What the dashboards are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

FULL, HALF, THIRD, QUARTER = 24, 12, 8, 6
"""Of the dashboard's width."""

PERIOD_MINUTES = 5


def heading(title: str, text: str, runbooks_url: str | None = None) -> cloudwatch.IWidget:
    """A line of text across the dashboard, with the way to the runbook."""
    link = f" [What to do]({runbooks_url})" if runbooks_url and runbooks_url.startswith("https://") else ""
    return cloudwatch.TextWidget(markdown=f"## {title}\n{text}{link}", width=FULL, height=2)


def graph(
    title: str,
    lines: Sequence[cloudwatch.IMetric],
    *,
    width: int = HALF,
    stacked: bool = False,
    annotations: Sequence[cloudwatch.HorizontalAnnotation] = (),
) -> cloudwatch.IWidget:
    """Lines over time, beginning at zero, the legend below."""
    return cloudwatch.GraphWidget(
        title=title,
        left=list(lines),
        width=width,
        stacked=stacked,
        left_annotations=list(annotations),
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        legend_position=cloudwatch.LegendPosition.BOTTOM,
    )


def metric(
    namespace: str,
    name: str,
    statistic: str,
    dimensions: Mapping[str, str] | None = None,
    *,
    label: str | None = None,
    period: Duration | None = None,
) -> cloudwatch.Metric:
    """A metric of a service of AWS, of five minutes unless ``period`` says so."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        dimensions_map=dict(dimensions) if dimensions else None,
        label=label,
        period=period or Duration.minutes(PERIOD_MINUTES),
    )


def total(label: str, parts: Sequence[cloudwatch.IMetric], *, id_prefix: str, factor: str = "") -> cloudwatch.IMetric:
    """The sum of ``parts``, times what ``factor`` says (``*0.25``). ``id_prefix`` is unique within its widget."""
    named = {f"{id_prefix}{number}": each for number, each in enumerate(parts)}
    return cloudwatch.MathExpression(
        expression=f"SUM([{','.join(named)}]){factor}",
        using_metrics=named,
        label=label,
        period=Duration.minutes(PERIOD_MINUTES),
    )
