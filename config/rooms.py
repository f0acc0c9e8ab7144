"""The partners that there are, in the order in which they are named. One more is one more line."""

from __future__ import annotations

from collections.abc import Mapping

from config.partners import aws, google, microsoft
from config.room import Room

ROOMS: Mapping[str, Room] = {room.name: room for room in (aws.ROOM, microsoft.ROOM, google.ROOM)}
