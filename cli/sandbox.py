"""``cosell sandbox``: the world of the demo, left running for a person to drive."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cli.main import UserError
from cli.stage import RUNNING
from config.model import Configuration

if TYPE_CHECKING:
    from sandbox.world import World

POLL_SECONDS = 10
"""The polls' clock here; a deployment stage's is in minutes."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell sandbox``."""
    parser.add_argument("--seconds", type=float, help="stop by itself after so long")
    parser.add_argument("--empty", action="store_true", help="deploy nothing: somebody does so with the CDK's command")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start, print how to reach everything, wait for Ctrl-C."""
    from sandbox.world import Options, World

    world = World(Options(deploy=not arguments.empty))
    refuse_keys(world.configuration)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if arguments.seconds:
        clock = threading.Timer(arguments.seconds, done.set)
        clock.daemon = True
        clock.start()
    with world:
        try:
            _serve_empty(world, done) if arguments.empty else _serve(world, done)
        finally:
            RUNNING.unlink(missing_ok=True)
            print("Ending what runs …", flush=True)
    return 0


def refuse_keys(configuration: Configuration) -> None:
    """UserError where the sandbox's Google has a key: the simulated one takes none, so that nothing would sync."""
    google = configuration.stages["sandbox"].google if "sandbox" in configuration.stages else None
    if google is not None and google.key:
        raise UserError(
            "stages.yaml: the simulated Google takes no key; instead of `key: true` give the stage sandbox "
            "`identity: {audience, service_account}` (any values of their form will do)"
        )


def _serve(world: World, done: threading.Event) -> None:
    from sandbox.page import page_of
    from sandbox.schedules import schedules

    with schedules(world, every_seconds=POLL_SECONDS), page_of(world) as page:
        _tell(world, page)
        done.wait()


def _serve_empty(world: World, done: threading.Event) -> None:
    """The same, from the moment on when somebody has deployed the sync."""
    from sandbox.by_hand import environment, follow
    from sandbox.page import page_of
    from sandbox.schedules import schedules

    pages: list[str] = []
    with ExitStack() as running:

        def deployed() -> None:
            if not pages:
                running.enter_context(schedules(world, every_seconds=POLL_SECONDS))
                pages.append(running.enter_context(page_of(world)))
                _tell(world, pages[0])
            _note(world, pages[0])

        RUNNING.unlink(missing_ok=True)
        print(_deploying(environment(world)), flush=True)
        follow(world, done, deployed)


def _tell(world: World, page: str) -> None:
    from sandbox.world import APP_TOKEN, CATALOG

    print(_guide(_note(world, page), APP_TOKEN, CATALOG), flush=True)


def _note(world: World, page: str) -> dict[str, Any]:
    """Write down for the other commands where everything is."""
    from sandbox.assembly import STAGE

    running: dict[str, Any] = {
        "endpoint": world.cloud.endpoint,
        "region": world.cloud.region,
        "account": world.cloud.account,
        "hubspot": world.hubspot_server.url,
        "partner_central": world.central_server.url,
        "microsoft": world.microsoft_server.url,
        "google": world.google_server.url,
        "webhook": world.webhook_url,
        "page": page,
        "partners": list(world.configuration.stage(STAGE).partners),
        "outputs": world.outputs,
    }
    RUNNING.parent.mkdir(exist_ok=True)
    RUNNING.write_text(json.dumps(running, indent=2))
    return running


def _deploying(environment: Mapping[str, str]) -> str:
    variables = " ".join(f"{name}={value}" for name, value in environment.items())
    account, region = environment["AWS_ACCESS_KEY_ID"], environment["AWS_REGION"]
    return f"""
An empty local cloud is running, and the simulated vendors. Ctrl-C ends them. In another terminal:

  export {variables}
  npx cdk bootstrap aws://{account}/{region}
  npx cdk deploy -c stage=sandbox sandbox/Data sandbox/Sync sandbox/Aws --require-approval never

As soon as the sync is deployed, this terminal says how to drive it."""


def _complete_deal(hubspot: object) -> str:
    """Shell commands that make a company, a contact and a deal, each a record of the rep's."""
    company = {
        "name": "Example Customer",
        "domain": "customer.example",
        "website": "https://customer.example",
        "industry": "COMPUTER_SOFTWARE",
        "country": "Germany",
        "zip": "10115",
        "city": "Berlin",
    }
    contact = {"email": "jo@customer.example", "firstname": "Jo", "lastname": "Example", "jobtitle": "Buyer"}
    deal = {
        "dealname": "Try it #AWS",
        "dealstage": "qualifiedtobuy",
        "pipeline": "default",
        "amount": "120000",
        "deal_currency_code": "USD",
        "aws_contract_months": "12",
        "closedate": f"{datetime.now(UTC).date() + timedelta(days=120)}T10:00:00Z",
        "description": "They move forty workloads off their own data center.",
    }
    # The shell puts the ids of what it made before into the text: the quotes end and begin again around each.
    ties = ", ".join(
        f'{{"to": {{"id": "\'${name}\'"}}, "types": [{{"associationCategory": "HUBSPOT_DEFINED", '
        f'"associationTypeId": {type_id}}}]}}'
        for name, type_id in (("COMPANY", 5), ("CONTACT", 3))
    )
    of_deal = f'{json.dumps({"properties": deal})[:-1]}, "associations": [{ties}]}}'
    lines = [
        f"  make() {{ curl -s {hubspot}/crm/v3/objects/$1 -H 'Authorization: Bearer rep-600' \\",
        "    -H 'Content-Type: application/json' -d \"$2\" \\",
        "    | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"id\"])'; }",
        f"  COMPANY=$(make companies '{json.dumps({'properties': company})}')",
        f"  CONTACT=$(make contacts '{json.dumps({'properties': contact})}')",
        f"  DEAL=$(make deals '{of_deal}'); echo deal $DEAL",
    ]
    return "\n".join(lines)


def _others(running: Mapping[str, Any]) -> str:
    """What to try with the partners beside AWS, of those that the stage has on."""
    microsoft, google, lines = running["microsoft"], running["google"], []
    if "microsoft" in running["partners"]:
        lines += [
            f"Microsoft sends a referral; it becomes a deal (polls come every {POLL_SECONDS} s):",
            f'  curl -s {microsoft}/_sandbox/microsoft/referrals -d \'{{"name": "Sent by Microsoft"}}\'',
            "Microsoft's consent dies; a person gives a new one:",
            f"  curl -s -X DELETE '{microsoft}/_sandbox/consent?access_tokens=1'",
            f"  export COSELL_MICROSOFT_LOGIN_URL={microsoft} COSELL_MICROSOFT_API_URL={microsoft}",
            "  .venv/bin/cosell microsoft login --stage sandbox",
        ]
    if "google" in running["partners"]:
        about = '{"organizationName": "Example Customer"}'
        lines += [
            f"Google brings an opportunity; it becomes a deal (polls come every {POLL_SECONDS} s):",
            f'  curl -s {google}/_sandbox/opportunities -d \'{{"opportunityInfo": {{"displayName": '
            f'"Brought by Google"}}, "customerInfo": {{"customerDetails": {about}}}}}\'',
        ]
    return "\n".join(lines) or "Microsoft and Google are off in this stage (`partners` in config/stages.yaml)."


def _guide(running: Mapping[str, Any], app_token: str, catalog: str) -> str:
    hubspot, central, endpoint = running["hubspot"], running["partner_central"], running["endpoint"]
    microsoft, google = running["microsoft"], running["google"]
    return f"""
The sandbox is running. Ctrl-C ends it.

  AWS services      {endpoint}   (boto3: endpoint_url=…, region {running["region"]}, access key {running["account"]})
  HubSpot           {hubspot}   (token rep-600 acts as a sales rep, {app_token} as our app)
  Partner Central   {central}   (boto3 partnercentral-selling, Catalog={catalog})
  Microsoft         {microsoft}   (Partner Center's referrals, webhooks, and the sign-in at Entra)
  Google            {google}   (Cloud Channel, CRM Partners, and the token end points)
  Webhook           {running["webhook"]}
  Page              {running["page"]}   (all of it in a browser, with buttons for the demo's steps)

A rep makes a deal (it lacks a company, so the deal will say what to fill in):
  curl -s {hubspot}/crm/v3/objects/deals -H 'Authorization: Bearer rep-600' -H 'Content-Type: application/json' \\
    -d '{{"properties": {{"dealname": "Try it #AWS", "dealstage": "qualifiedtobuy", \
    "pipeline": "default"}}}}'
A rep makes a company, a contact, and a deal of theirs that has all that AWS wants; $DEAL is its id then:
{_complete_deal(hubspot)}
Change that deal, and see what it says of its sync:
  curl -s -X PATCH {hubspot}/crm/v3/objects/deals/$DEAL -H 'Authorization: Bearer rep-600' \
    -H 'Content-Type: application/json' -d '{{"properties": {{"amount": "130000"}}}}'
  curl -s "{hubspot}/crm/v3/objects/deals/$DEAL?properties=aws_sync_status,aws_sync_message,aws_opportunity_id" \
    -H 'Authorization: Bearer rep-600'
{_others(running)}
Look at deals and records:
  curl -s '{hubspot}/_sandbox/records?type=deals'
  curl -s {central}/_sandbox/opportunities
  curl -s {microsoft}/_sandbox/referrals
  curl -s {google}/_sandbox/records
Order a fault, see which there are and how often they were met, take them away (one with ?id=…):
  curl -s {central}/_sandbox/faults -d '{{"operation": "UpdateOpportunity", "status": 503, "count": 3}}'
  curl -s {central}/_sandbox/faults
  curl -s -X DELETE {central}/_sandbox/faults
Our solutions at AWS, which of them fit a deal, and its submission:
  .venv/bin/cosell solutions list; .venv/bin/cosell solutions match DEAL; .venv/bin/cosell submit DEAL
Deals and opportunities from before, and whether both sides are equal:
  .venv/bin/cosell backfill; .venv/bin/cosell reconcile
The configuration against this HubSpot, what a run would send and why, and a property that you added to it:
  .venv/bin/cosell mapping check; .venv/bin/cosell mapping preview $DEAL --config DIR
  HUBSPOT_SETUP_TOKEN={app_token} .venv/bin/cosell hubspot setup --url {hubspot}
Dead letters, the secrets that are set, and what is not well:
  .venv/bin/cosell dlq list; .venv/bin/cosell secrets list; .venv/bin/cosell doctor
"""
