"""``cosell mapping check | preview``: the field maps against the live HubSpot, and what they would send of one deal."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from typing import Any

import config
from cli.hubspot import TOKEN_VARIABLE
from cli.main import UserError
from cli.mapping_preview import Preview, preview_of
from cli.mapping_text import as_text
from cli.stage import VENDORS, Place, add_stage, place_of
from cli.sync_access import Access, access_to
from config.live import Misfit, misfits, read_live
from config.property_setup import OBJECT_TYPES
from lambdas.shared.adapters.hubspot import BASE_URL, HubSpot
from lambdas.shared.adapters.secrets import Secrets, token_reader


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell mapping``."""
    parser.epilog = (
        f"Nothing is ever written. check reads HubSpot with the key in {TOKEN_VARIABLE} where it is set, else with the "
        "stage's own token. preview reads both sides as a run would."
    )
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    checks = commands.add_parser("check", help="name every pipeline, stage, property and option that does not fit")
    previews = commands.add_parser("preview", help="print what would be sent of a deal to each partner, and why")
    previews.add_argument("deal", metavar="DEAL", help="the deal's id in HubSpot")
    previews.add_argument("--partner", help="only this partner (aws, microsoft, google)")
    previews.add_argument("--if-tagged", action="store_true", help="as if the deal had the partner's tag")
    for one in (checks, previews):
        add_stage(one)
        one.add_argument("--config", default="config", metavar="FOLDER", help="folder of the YAML files")
        one.add_argument("--json", action="store_true", help="JSON lines instead of text")
    checks.set_defaults(run=run_check)
    previews.set_defaults(run=run_preview)


def run_check(arguments: argparse.Namespace) -> int:
    """Print each misfit with file, line, key and what would do; 1 when one of them is an error."""
    loaded = config.load_with_lines(arguments.config)
    found = check(loaded, arguments.stage, _hubspot(arguments.stage))
    for each in found:
        print(json.dumps(each.as_dict(), ensure_ascii=False) if arguments.json else str(each))
    errors = sum(each.level == "error" for each in found)
    if not arguments.json:
        print(f"{arguments.stage}: {errors} errors, {len(found) - errors} warnings")
    return 1 if errors else 0


def check(loaded: config.Loaded, stage: str, hubspot: Any) -> list[Misfit]:
    """What does not fit between a stage's configuration and the account that ``hubspot`` speaks to."""
    if stage not in loaded.configuration.stages:
        raise UserError(f"stages.yaml has no stage {stage}; it has {', '.join(loaded.configuration.stages)}")
    wanted = {kind: config.property_definitions(loaded.configuration, kind) for kind in OBJECT_TYPES}
    partners = loaded.configuration.stages[stage].partners
    return list(misfits(loaded.files_in(stage), partners, read_live(hubspot), wanted))


def run_preview(arguments: argparse.Namespace) -> int:
    """Print the preview for each partner. 0: all of it could be done; 1: something is blocked for a partner."""
    loaded = config.load_with_lines(arguments.config)
    place = place_of(arguments.stage)
    with access_to(place, arguments.partner, loaded.configuration, read_only=True) as access:
        found = previews(access, loaded, arguments.deal, if_tagged=arguments.if_tagged)
    for each in found:
        print(json.dumps(each.as_dict(), ensure_ascii=False) if arguments.json else as_text(each))
    return 1 if any(each.problems for each in found) else 0


def previews(access: Access, loaded: config.Loaded, deal_id: str, *, if_tagged: bool = False) -> Sequence[Preview]:
    """One preview for each partner that ``access`` reaches."""
    return [preview_of(access, partner, loaded, deal_id, if_tagged=if_tagged) for partner in access.partners.values()]


def _hubspot(stage: str) -> HubSpot:
    """HubSpot by the set-up key, which needs no cloud, or by the stage's token."""
    key = os.environ.get(TOKEN_VARIABLE)
    if key:
        return HubSpot(lambda _fresh: key, os.environ.get("COSELL_HUBSPOT_API_URL", BASE_URL))
    place: Place = place_of(stage)
    token = token_reader(Secrets(place.client("secretsmanager")), place.output("HubspotTokenSecret"))
    return HubSpot(token, place.vendors.get(VENDORS[0], BASE_URL))
