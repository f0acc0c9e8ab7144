"""What runs in AWS: handlers, domain and adapters, by room."""
