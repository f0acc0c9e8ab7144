"""The Microsoft room's adapters."""
