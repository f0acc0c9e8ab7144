"""The whole world on one machine: the simulated vendors, the local cloud, and the app deployed in it.

    with World() as world:
        deal = create_rep_deal(world.hubspot, "BigCorp Cloud Migration #AWS")
        world.wait_for(lambda: world.deal(deal.deal_id)["aws_opportunity_id"], "the opportunity's id on the deal")

Demo, sandbox, e2e tests and benchmarks all run in such a world, over the product's real path: signed webhooks over
HTTP, the deployed API, queues, Pipes, state machines and functions, and HTTP to the vendors.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import config
from config.model import Stage
from config.property_setup import Report, set_up
from config.webhooks import EVENTS, watched_properties
from lambdas.microsoft.adapters.sign_in import SignIn
from lambdas.microsoft.adapters.token_store import TokenStore
from lambdas.microsoft.domain.notification import EVENTS as EVENTS_OF_REFERRALS
from lambdas.microsoft.handlers.refresh_token import Collaborators as Renewal
from lambdas.microsoft.handlers.refresh_token import refresh_token
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.adapters.ledger import DeadLetters, Links, Watermarks
from lambdas.shared.clock import SystemClock
from lambdas.shared.domain.link import partner_of
from sandbox.assembly import STAGE, sandbox_assembly
from sandbox.hubspot import WebhookSender
from sandbox.hubspot.trouble import WebhookTrouble
from sandbox.local_cloud.cloud import LocalCloud
from sandbox.local_cloud.topics import TopicReader
from sandbox.vendors import CATALOG, VendorOptions, Vendors

_QUEUES = (
    "NoticesQueueUrl",
    "AwsInboxUrl",
    "AwsInvitationsUrl",
    "AwsSubmissionsUrl",
    "AwsSummaryUrl",
    "AwsNotificationsUrl",
    "AwsResourcesUrl",
    "AwsEngagementUrl",
    "MicrosoftInboxUrl",
    "GoogleInboxUrl",
    "PollQueueUrl",
)
# Far longer than any wait that is meant to end, here and wherever a scene or a test waits: a busy machine is no fault.
PATIENCE = 180.0
# How many times longer than it declares a function or a task may take here, for the same reason.
_SLACK = 10.0
CLIENT_SECRET = "11111111-2222-3333-4444-555555555555"
APP_TOKEN = "pat-na1-sandbox"


class NotSeen(AssertionError):
    """Something that should have happened did not, in the time given."""


@dataclass(kw_only=True)
class Options(VendorOptions):
    """How the world behaves; what the vendors do is ``VendorOptions``. ``webhooks`` orders trouble with HubSpot's.

    ``fork_workers``: functions start as forks that have the libraries already; False where cold starts are measured.
    ``stage``, ``configuration`` and ``assembly`` are those of another app than this repository's sandbox stage, and
    ``settings`` its settings document where the configuration does not say all of it (a partner of a user's own).
    ``deploy``: False leaves the cloud empty, for somebody else to deploy and then to call ``take_over``.
    """

    webhooks: WebhookTrouble = field(default_factory=WebhookTrouble)
    stage: str = STAGE
    configuration: config.Configuration | None = None
    settings: Mapping[str, Any] | None = None
    assembly: Path | None = None
    executions_file: Path | None = None
    concurrency_limit: int | None = None
    fork_workers: bool = True
    deploy: bool = True


class World:
    """Started by ``with``. ``hubspot``, ``central``, ``microsoft`` and ``google`` are the simulated accounts, ``cloud``
    is the local cloud, ``channel`` reads what smart notifications sent out."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.configuration = self.options.configuration or config.load()
        self.settings = self.options.settings or config.render_settings(self.configuration, self.options.stage)
        self._stops: list[Callable[[], Any]] = []

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything that was started, last first."""
        while self._stops:
            self._stops.pop()()

    def _start(self) -> None:
        stage = self.configuration.stage(self.options.stage)
        assembly = (self.options.assembly or sandbox_assembly()) if self.options.deploy else None
        self._start_vendors(stage)
        self.cloud = LocalCloud(
            self.vendors.environment(),
            account=stage.account,
            region=stage.region,
            executions_file=self.options.executions_file,
            concurrency_limit=self.options.concurrency_limit,
            fork_workers=self.options.fork_workers,
            slack=_SLACK,
        )
        self.cloud.start()
        self._stops.append(self.cloud.stop)
        if assembly is None:
            return
        url = {"HubSpotApiUrl": self.hubspot_server.url}
        callers = ("sync", "api", *stage.partners)
        self.take_over(self.cloud.deploy(assembly, {f"cosell-{self.options.stage}-{name}": url for name in callers}))

    def take_over(self, stacks: Mapping[str, Mapping[str, str]]) -> None:
        """Connect the vendors with what is deployed: secrets, webhooks, properties, events. ``stacks`` are the outputs
        by stack name; once."""
        self.know(stacks)
        if "NotificationTopicArn" in self.outputs:
            self.channel = TopicReader(self.cloud.clients, self.outputs["NotificationTopicArn"])
        self.central.events.emit = self._put_event
        self._store_secrets()
        self.properties = self._create_properties()
        self._connect_webhooks()

    def know(self, stacks: Mapping[str, Mapping[str, str]]) -> None:
        """Take the outputs of these stacks, by name, for what is deployed."""
        self.outputs = {key: value for outputs in stacks.values() for key, value in outputs.items()}

    def _start_vendors(self, stage: Stage) -> None:
        vendors = Vendors(self.options, self.configuration, stage)
        self._stops.append(vendors.stop)
        self.vendors = vendors
        self.hubspot, self.hubspot_server = vendors.hubspot, vendors.hubspot_server
        self.central, self.central_server = vendors.central, vendors.central_server
        self.microsoft, self.microsoft_server = vendors.microsoft, vendors.microsoft_server
        self.google, self.google_server = vendors.google, vendors.google_server

    def set_visibility(self, output: str, seconds: int) -> None:
        """After how long a message that is not done comes back into the queue in that stack output."""
        attributes = {"VisibilityTimeout": str(seconds)}
        self.cloud.client("sqs").set_queue_attributes(QueueUrl=self.outputs[output], Attributes=attributes)

    @contextmanager
    def quickly_again(self, output: str, seconds: int) -> Generator[None]:
        """Inside ``with`` a message that is not done comes back into that queue after so short a time."""
        self.set_visibility(output, seconds)
        yield
        self.set_visibility(output, self.configuration.stage(self.options.stage).queue.visibility_seconds)

    def _put_event(self, event: dict[str, Any]) -> None:
        """Partner Central's events arrive on the default bus of the linked account, as AWS delivers them."""
        self.cloud.client("events").put_events(
            Entries=[
                {
                    "Source": event["source"],
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                    "Resources": event.get("resources", []),
                }
            ]
        )

    def _store_secrets(self) -> None:
        manager = self.cloud.client("secretsmanager")
        self.webhook_url = self.cloud.http_url(self.outputs["WebhookUrl"])
        urls = [self.cloud.http_url(value) for key, value in self.outputs.items() if key.startswith("WebhookUrl")]
        for output, value in (
            ("HubspotTokenSecret", {"access_token": APP_TOKEN}),
            ("HubspotWebhookSecret", {"client_secrets": [CLIENT_SECRET], "target_urls": urls}),
        ):
            manager.put_secret_value(SecretId=self.outputs[output], SecretString=json.dumps(value))
        if "MicrosoftAppSecret" in self.outputs:
            self._connect_microsoft(manager)

    def _connect_microsoft(self, manager: Any) -> None:
        app, consent, access = (self.outputs[f"Microsoft{one}Secret"] for one in ("App", "Consent", "Access"))
        self.token_store = TokenStore(manager, app, consent, access)
        entra = self.microsoft.entra
        self.token_store.put_app(
            {"tenant_id": entra.tenant_id, "client_id": entra.client_id, "client_secret": entra.client_secret}
        )
        self.consent_to_microsoft()

    def consent_to_microsoft(self) -> None:
        """A person signs in at Microsoft; what `cosell microsoft login` would store is stored, and the first token."""
        self.token_store.put_consent(self.microsoft.consent(), int(time.time() * 1000))
        refresh_token({}, Renewal(self.token_store, self._sign_in, SystemClock()))

    def age_microsoft_token(self) -> None:
        """An hour passes for the access token that the workers read: it is near its end, and due for renewal."""
        store, now = self.token_store, time.time()
        manager, name = self.cloud.client("secretsmanager"), self.outputs["MicrosoftAccessSecret"]
        token = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])["access_token"]
        store.put_access(token, int(now) + 60, store.access().consent_at)

    def _sign_in(self) -> SignIn:
        return SignIn(self.token_store.app(), self.microsoft_server.url)

    def _create_properties(self) -> Report:
        report = set_up(HubSpot(lambda _fresh: APP_TOKEN, self.hubspot_server.url), self.configuration)
        if report.wrong:
            raise RuntimeError("; ".join(report.wrong))
        return report

    def _connect_webhooks(self) -> None:
        subscriptions = self.hubspot.feed.subscriptions
        for crm_object, properties in watched_properties(self.settings).items():
            for kind in EVENTS.get(crm_object, ()):
                subscriptions.add(kind, crm_object)
            subscriptions.add("propertyChange", crm_object, properties)
        subscriptions.add("privacyDeletion", "contacts")
        self.webhooks = WebhookSender(self.hubspot, self.webhook_url, CLIENT_SECRET, trouble=self.options.webhooks)
        self.webhooks.start()
        self._stops.append(self.webhooks.stop)
        if "NoticeUrlMicrosoft" in self.outputs:
            self.microsoft.webhooks.create(
                {
                    "WebhookUrl": self.cloud.http_url(self.outputs["NoticeUrlMicrosoft"]),
                    "WebhookEvents": list(EVENTS_OF_REFERRALS),
                }
            )

    # What a person or a test asks the world.

    def deal(self, deal_id: str) -> dict[str, str]:
        """A deal's filled properties."""
        return self.hubspot.values("deals", deal_id)

    def opportunities(self) -> dict[str, Any]:
        """The opportunities in Partner Central, by id."""
        return self.central.catalogs[CATALOG].opportunities

    def referral(self, referral_id: str) -> dict[str, Any]:
        """A referral in Partner Center as it is now."""
        return self.microsoft.referrals.documents[referral_id]

    def links(self) -> Links:
        """The ledger's links."""
        return Links(self.cloud.client("dynamodb"), self.outputs["LedgerTableName"])

    def dead_letters(self) -> DeadLetters:
        """The ledger's dead letters."""
        return DeadLetters(self.cloud.client("dynamodb"), self.outputs["LedgerTableName"])

    def poll(self, what: str) -> None:
        """Do now what the schedule would do next."""
        self.cloud.client("sqs").send_message(
            QueueUrl=self.outputs["PollQueueUrl"],
            MessageBody=json.dumps({"poll": what, "correlation_id": f"poll-{uuid4()}"}),
        )

    def begin_polls(self, partner: str, what: str = "opportunities") -> None:
        """The first poll of a partner only sets the watermark, as the schedule's first one did long ago."""
        marks = Watermarks(self.cloud.client("dynamodb"), self.outputs["LedgerTableName"])
        if marks.get(partner, what).since is None:
            self.poll(f"{partner}.{what}")
            self.wait_for(lambda: marks.get(partner, what).since, f"the first poll {partner}.{what}")

    def wake(self, link_key: str) -> None:
        """Wake a link as the sweep will when its time has come, however long it was to wait."""
        queue = self.outputs[f"{partner_of(link_key).capitalize()}InboxUrl"]
        body = {"link": link_key, "why": "sweep", "correlation_id": f"wake-{uuid4()}"}
        self.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(body))

    def wait_for[T](self, look: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
        """Look until there is something, the seldomer the longer it lasts; ``NotSeen`` names what was waited for."""
        began = time.monotonic()
        deadline = began + seconds
        while True:
            try:
                found = look()
            except (KeyError, IndexError):
                found = None
            if found:
                return found
            if time.monotonic() > deadline:
                raise NotSeen(f"not seen within {seconds:.0f} s: {what}")
            time.sleep(min(max(0.02, (time.monotonic() - began) / 25), 0.2))  # most looks are calls of the local cloud

    def settle(self, seconds: float = PATIENCE) -> None:
        """Wait until no webhook, event, message or execution is under way and no link wants work now."""
        self.wait_for(self._is_quiet, "quiet everywhere", seconds)

    def _is_quiet(self) -> bool:
        if not self.hubspot.drain_webhooks(0.1) or self.microsoft.webhooks.pending():
            return False
        if not self.central.events.idle() or not self.cloud.bridges.idle():  # an event is in no queue of ours yet
            return False
        if not self.cloud.wait_until_idle(0.2):
            return False
        before = self._runs()
        # Asking the queues costs the most. A message that moved from one to another meanwhile did so by a run.
        return self._queues_empty() and self.cloud.wait_until_idle(0.2) and self._runs() == before

    def _runs(self) -> tuple[int, list[str]]:
        """How many invocations there were so far, and the newest execution."""
        invocations = sum(one.invocations for one in list(self.cloud.counters.values()))
        return invocations, [one.result.name for one in self.cloud.executions()[-1:]]

    def is_empty(self, output: str) -> bool:
        """Whether the queue in that stack output holds no message, seen or unseen."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        read = self.cloud.client("sqs").get_queue_attributes
        held = read(QueueUrl=self.outputs[output], AttributeNames=list(names))["Attributes"]
        return not any(int(held[name]) for name in names)

    def _queues_empty(self) -> bool:
        return all(self.is_empty(each) for each in self.outputs if each in _QUEUES or each.endswith("InboxUrl"))
