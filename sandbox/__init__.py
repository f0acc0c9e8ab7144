"""Simulated vendors and a local cloud, for trying it all on one machine."""
