"""What the Google room decides: pure."""
