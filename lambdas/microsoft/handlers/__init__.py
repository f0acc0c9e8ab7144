"""The Microsoft room's Lambda entry points."""
