"""The AWS room's pure rules."""
