"""HubSpot, the ledger and other outside things, behind named errors."""
