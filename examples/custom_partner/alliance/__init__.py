"""The room of the alliance's portal, a partner that the product does not know."""
