"""The AWS room's adapters."""
