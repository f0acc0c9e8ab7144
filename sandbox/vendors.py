"""The four simulated vendors of a world, each served on a loopback port, and how deployed functions find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import config
from config.model import Stage
from sandbox.google import GoogleAccount
from sandbox.google import Settings as GoogleSettings
from sandbox.google import Switches as GoogleSwitches
from sandbox.google import serve as serve_google
from sandbox.hubspot import HubSpotAccount
from sandbox.hubspot import serve as serve_hubspot
from sandbox.hubspot.switches import Settings as HubSpotSettings
from sandbox.hubspot.switches import Switches as HubSpotSwitches
from sandbox.microsoft.account import PartnerCenterAccount
from sandbox.microsoft.app import serve as serve_microsoft
from sandbox.microsoft.signing import own_signer
from sandbox.microsoft.switches import Switches as MicrosoftSwitches
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.app import serve as serve_partner_central
from sandbox.partner_central.switches import EventTrouble, Quota
from sandbox.partner_central.switches import Switches as CentralSwitches

CATALOG = "Sandbox"
SOLUTIONS = (
    ("S-2000001", "Ferry Planner", "Software Products"),
    ("S-2000002", "Sales Coaching", "Consulting Service"),
)
"""Solutions of ours that the simulated account has beside the configured ones: id, name, category."""


@dataclass(kw_only=True)
class VendorOptions:
    """How the vendors behave. ``…_latency_ms`` is each one's time to answer; ``events`` orders trouble with AWS's.

    ``writes_per_second`` is Partner Central's quota as simulated; the app's own limiter is configured by the stage.
    The switches say how the simulated vendors behave where nobody has confirmed a fact.
    """

    hubspot_latency_ms: int = 0
    partner_central_latency_ms: int = 0
    microsoft_latency_ms: int = 0
    google_latency_ms: int = 0
    writes_per_second: float = 10.0
    google_calls_per_minute: int | None = None
    events: EventTrouble = field(default_factory=EventTrouble)
    hubspot_switches: HubSpotSwitches = field(default_factory=HubSpotSwitches)
    partner_central_switches: CentralSwitches = field(default_factory=CentralSwitches)
    microsoft_switches: MicrosoftSwitches = field(default_factory=MicrosoftSwitches)
    google_switches: GoogleSwitches = field(default_factory=GoogleSwitches)
    hubspot_port: int = 0
    partner_central_port: int = 0
    microsoft_port: int = 0
    google_port: int = 0


class Vendors:
    """Started by its construction, ended by ``stop``. For each vendor an account and a server."""

    def __init__(self, options: VendorOptions, configuration: config.Configuration, stage: Stage) -> None:
        self._options, self._stage = options, stage
        self._stops: list[Callable[[], Any]] = []
        try:
            self._start_hubspot()
            self._start_partner_central(configuration)
            self._start_microsoft()
            self._start_google()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every server, last first."""
        while self._stops:
            self._stops.pop()()

    def environment(self) -> Mapping[str, str]:
        """Variables by which deployed functions find the simulated vendors in the places of the real ones."""
        return {
            "COSELL_HUBSPOT_API_URL": self.hubspot_server.url,
            "AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING": self.central_server.url,
            "COSELL_MICROSOFT_API_URL": self.microsoft_server.url,
            "COSELL_MICROSOFT_LOGIN_URL": self.microsoft_server.url,
            "COSELL_MICROSOFT_CERTIFICATE_URL_PREFIX": self.microsoft_server.certificate_url.rpartition("/")[0] + "/",
            "COSELL_MICROSOFT_CERTIFICATE_ROOTS": own_signer().root_pem.decode(),
            "COSELL_GOOGLE_CHANNEL_URL": self.google_server.url,
            "COSELL_GOOGLE_CRM_URL": self.google_server.url,
            "COSELL_GOOGLE_STS_URL": self.google_server.url,
            "COSELL_GOOGLE_IAM_URL": self.google_server.url,
            "COSELL_GOOGLE_TOKEN_URL": self.google_server.url + "/token",
        }

    def _start_hubspot(self) -> None:
        options = self._options
        self.hubspot = HubSpotAccount(
            portal_id=self._stage.hubspot.portal_id or 300,
            settings=HubSpotSettings(latency_ms=options.hubspot_latency_ms),
            switches=options.hubspot_switches,
        )
        self.hubspot_server = serve_hubspot(self.hubspot, options.hubspot_port)
        self._stops.append(self.hubspot_server.stop)

    def _start_partner_central(self, configuration: config.Configuration) -> None:
        options = self._options
        self.central = PartnerCentralAccount(
            account_id=self._stage.partner_central.account,
            quota=Quota(writes_per_second=options.writes_per_second, reads_per_second=None),
            trouble=options.events,
            switches=options.partner_central_switches,
            latency_seconds=options.partner_central_latency_ms / 1000,
            solutions=configuration.aws.solutions[CATALOG],
        )
        for solution_id, name, category in SOLUTIONS:
            self.central.add_solution(solution_id, catalog=CATALOG, name=name, category=category)
        self.central_server = serve_partner_central(self.central, options.partner_central_port)
        self._stops.append(self.central_server.stop)

    def _start_microsoft(self) -> None:
        options = self._options
        self.microsoft = PartnerCenterAccount(
            switches=options.microsoft_switches, latency_seconds=options.microsoft_latency_ms / 1000
        )
        self.microsoft_server = serve_microsoft(self.microsoft, options.microsoft_port)
        self._stops.append(self.microsoft_server.stop)
        self.microsoft.webhooks.certificate_url = self.microsoft_server.certificate_url

    def _start_google(self) -> None:
        options, stage = self._options, self._stage.google
        settings = GoogleSettings(
            latency_ms=options.google_latency_ms, channel_per_minute=options.google_calls_per_minute
        )
        if stage is not None and stage.identity is not None:
            settings.audience = stage.identity.audience
        self.google = GoogleAccount(
            partner_id=stage.partner_hub_id if stage else "SANDBOX001",
            settings=settings,
            switches=options.google_switches,
        )
        self.google_server = serve_google(self.google, options.google_port)
        self._stops.append(self.google_server.stop)
