"""Lambda entry points that no partner owns."""
