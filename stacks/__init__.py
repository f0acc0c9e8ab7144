"""What is deployed together, and how the constructs are wired."""
