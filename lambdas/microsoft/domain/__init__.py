"""The Microsoft room's pure rules."""
