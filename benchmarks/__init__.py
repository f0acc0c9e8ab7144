"""What is measured, and how. ``python -m benchmarks`` (or ``make bench``) prints it all; nothing here is a test."""
