"""The AWS room's Lambda entry points."""
