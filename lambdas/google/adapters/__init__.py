"""How the Google room speaks with its vendor."""
