"""The operator's command, ``cosell``."""
