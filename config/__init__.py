"""What a person configures: YAML files, the model that checks them, and the settings document rendered from them."""

from __future__ import annotations

from config.errors import ConfigurationError, Finding
from config.hubspot_setup import property_definitions, property_group
from config.loader import load
from config.model import Configuration
from config.render import render_settings

__all__ = [
    "Configuration",
    "ConfigurationError",
    "Finding",
    "load",
    "property_definitions",
    "property_group",
    "render_settings",
]
