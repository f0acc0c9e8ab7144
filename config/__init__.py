"""What a person configures: YAML files, the model that checks them, and the settings document rendered from them."""

from __future__ import annotations

from config.errors import ConfigurationError, Finding
from config.hubspot_setup import property_definitions, property_group
from config.loader import Loaded, load, load_with_lines
from config.model import Configuration
from config.render import render_settings

__all__ = [
    "Configuration",
    "ConfigurationError",
    "Finding",
    "Loaded",
    "load",
    "load_with_lines",
    "property_definitions",
    "property_group",
    "render_settings",
]
