"""BusinessDashboard: how the co-sell goes: deals in sync, how fast, and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.alarms import METRICS_NAMESPACE, product_metric
from constructs_lib.dashboard_parts import FULL, HALF, THIRD, graph, heading

WAITING = ("waiting", "blocked", "conflict")
STANDINGS = ("synced", *WAITING, "paused", "open")
REASONS = ("incomplete", "refused", "conflict", "astray")


@dataclass(frozen=True, kw_only=True)
class BusinessDashboardProps:
    """Whose deals.

    Attributes:
        name: physical name of the dashboard.
        service: the ``service`` of the metrics, one per deployment stage.
        partners: names of the partners that are on, each with the label that people read: ``{"aws": "AWS"}``.
        namespace: of the metrics; default the product's own.
        census: how often links are counted; a gauge shows nothing for longer. Default an hour.
        latency_goal: drawn as a line; default 5 minutes.
        runbooks_url: address of docs/operations.md, linked at the top; default none.
    """

    name: str
    service: str
    partners: Sequence[str]
    namespace: str = METRICS_NAMESPACE
    census: Duration = field(default_factory=lambda: Duration.hours(1))
    latency_goal: Duration = field(default_factory=lambda: Duration.minutes(5))
    runbooks_url: str | None = None


class BusinessDashboard(Construct):
    """One dashboard for whoever answers for the deals. It shows numbers only, no deal and no name."""

    def __init__(self, scope: Construct, construct_id: str, props: BusinessDashboardProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=props.name,
            default_interval=Duration.days(7),
            widgets=[
                [heading("Deals", "Links are counted by the clock; see docs/seeing.md.", props.runbooks_url)],
                [self._now("In sync now", ("synced",)), self._now("Waiting for somebody now", WAITING)],
                [self._standing(partner) for partner in props.partners],
                [self._latency(), self._oldest()],
                [self._changes(), self._problems()],
            ],
        )

    @property
    def dashboard(self) -> cloudwatch.Dashboard:
        """The dashboard."""
        return self._dashboard

    def _metric(self, name: str, statistic: str, label: str, period: Duration, **dimensions: str) -> cloudwatch.Metric:
        props = self._props
        return product_metric(
            name,
            props.service,
            namespace=props.namespace,
            statistic=statistic,
            period=period,
            label=label,
            **dimensions,
        )

    def _links(self, partner: str, standing: str, label: str) -> cloudwatch.Metric:
        return self._metric("Links", "Maximum", label, self._props.census, partner=partner, standing=standing)

    def _now(self, title: str, standings: Sequence[str]) -> cloudwatch.IWidget:
        several = len(standings) > 1
        return cloudwatch.SingleValueWidget(
            title=title,
            width=HALF,
            metrics=[
                self._links(partner, standing, f"{partner} {standing}" if several else partner)
                for partner in self._props.partners
                for standing in standings
            ],
        )

    def _standing(self, partner: str) -> cloudwatch.IWidget:
        lines = [self._links(partner, standing, standing) for standing in STANDINGS]
        return graph(f"Links with {partner}", lines, stacked=True, width=FULL // max(1, len(self._props.partners)))

    def _latency(self) -> cloudwatch.IWidget:
        period = Duration.minutes(5)
        lines = [
            self._metric("SyncLatency", statistic, f"{partner} {statistic}", period, partner=partner)
            for partner in self._props.partners
            for statistic in ("p50", "p90", "p99")
        ]
        goal = cloudwatch.HorizontalAnnotation(value=self._props.latency_goal.to_milliseconds(), label="goal")
        return graph("From notice to write-back (ms)", lines, width=HALF, annotations=[goal])

    def _oldest(self) -> cloudwatch.IWidget:
        lines = [
            self._metric("OldestWork", "Maximum", partner, self._props.census, partner=partner)
            for partner in self._props.partners
        ]
        return graph("The oldest change that nobody has answered (s)", lines, width=HALF)

    def _changes(self) -> cloudwatch.IWidget:
        lines = [
            self._metric(name, "Sum", f"{partner} {label}", Duration.hours(1), partner=partner)
            for partner in self._props.partners
            for name, label in (("DealSynced", "brought level"), ("ReviewChanged", "reviews moved"))
        ]
        return graph("Changes in an hour", lines, width=THIRD)

    def _problems(self) -> cloudwatch.IWidget:
        lines = [
            self._metric(
                "ProblemsFound", "Sum", f"{partner} {reason}", Duration.hours(1), partner=partner, reason=reason
            )
            for partner in self._props.partners
            for reason in REASONS
        ]
        return graph("Problems put before a person, by reason", lines, stacked=True, width=FULL - THIRD)
