"""Pictures of the system, drawn from what it is made of: `make pictures` writes them into docs/pictures."""
