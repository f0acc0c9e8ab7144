"""The published constructs, one idea each; every part of them can be replaced by the user's own."""
