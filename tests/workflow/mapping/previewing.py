"""A copy of the configuration that a test edits as a person would, and previews by clients that cannot write."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import config
from cli.mapping import check, previews
from cli.mapping_preview import FieldPreview, Preview
from cli.mapping_text import as_text
from cli.sync_access import Access, PartnerAccess, quota_key
from config.live import Misfit
from config.property_setup import Report, set_up
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.adapters.ledger import Base, Links, Origins
from lambdas.shared.adapters.read_only import WriteRefused, read_only, refuse_operation
from lambdas.shared.handlers.rehearsal import Deals, Stage
from sandbox.faults import FaultRules
from sandbox.hubspot import direct, make_app
from sandbox.turned import World
from sandbox.turned.parts import LEDGER
from sandbox.turned.vendors import APP_TOKEN, HUBSPOT_URL

SHIPPED = Path(config.__file__).parent


class Folder:
    """A copy of ``config/``: its YAML files, and nothing else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for file in SHIPPED.glob("*.yaml"):
            shutil.copy(file, path)

    def edit(self, file: str, old: str, new: str, times: int = 1) -> None:
        """Replace a text, which must be there."""
        text = (self.path / file).read_text("utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        (self.path / file).write_text(text.replace(old, new, times), "utf-8")

    def line(self, file: str, text: str) -> int:
        """The number of the first line that holds a text."""
        lines = (self.path / file).read_text("utf-8").splitlines()
        return next(number for number, each in enumerate(lines, 1) if text in each)

    def loaded(self) -> config.Loaded:
        """The files as they are now, checked."""
        return config.load_with_lines(self.path)


class ReadOnlyStore:
    """The ledger's DynamoDB client without writes."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        def call(**parameters: Any) -> Any:
            refuse_operation("".join(part.title() for part in name.split("_")))
            return getattr(self._store, name)(**parameters)

        return call


def hubspot_of(world: World) -> HubSpot:
    """The world's HubSpot, read only."""
    send = direct(make_app(world.hubspot.account, FaultRules(), sleep=lambda _seconds: None))
    return HubSpot(lambda _fresh: APP_TOKEN, HUBSPOT_URL, http=read_only(send), clock=world.clock)


def access(world: World, loaded: config.Loaded) -> Access:
    """What the command works with, over a world's vendors and ledger, with the settings of ``loaded``."""
    settings = config.render_settings(loaded.configuration, "sandbox")
    store = ReadOnlyStore(world.parts.store)
    links, base = Links(store, LEDGER, world.clock), Base(store, LEDGER)
    hubspot = hubspot_of(world)
    deals = Deals(hubspot, Origins(store, LEDGER), settings)
    partners = {}
    for name, side in world.sides.items():
        stage = Stage(deals, links, base, side.opportunities, side.plan_run, side.extras, world.clock)
        ours = settings["partners"][name]
        partners[name] = PartnerAccess(name, ours, stage, None, quota_key(name, ours))
    unused = dict.fromkeys(("survey", "backfills", "quota", "letters"))
    return Access(hubspot=hubspot, links=links, base=base, partners=partners, clock=world.clock, **unused)


def preview(world: World, folder: Folder, deal_id: str, **how: Any) -> dict[str, Preview]:
    """The previews of a deal by partner; nothing is written anywhere."""
    loaded = folder.loaded()
    before = (world.writes(), world.hubspot.account.values("deals", deal_id))
    found = previews(access(world, loaded), loaded, deal_id, **how)
    assert (world.writes(), world.hubspot.account.values("deals", deal_id)) == before
    return {each.partner: each for each in found}


def field(found: Preview, name: str) -> FieldPreview:
    """One line of a preview."""
    return next(each for each in found.fields if each.field == name)


def row(found: Preview, name: str) -> str:
    """The line of a field as it is printed."""
    return next(line for line in as_text(found).splitlines() if line.startswith(f"{name} "))


def misfits(world: World, folder: Folder) -> list[Misfit]:
    """What ``cosell mapping check`` says."""
    return check(folder.loaded(), "sandbox", hubspot_of(world))


def set_up_properties(world: World, folder: Folder) -> Report:
    """``cosell hubspot setup`` with the folder's configuration."""
    return set_up(world.hubspot.adapter, folder.loaded().configuration)


__all__ = ["Folder", "WriteRefused", "as_text", "field", "misfits", "preview", "row", "set_up_properties"]
