"""The AWS Partner Central room."""
