"""Partner-free code: everything that all partners share."""
