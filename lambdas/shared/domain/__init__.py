"""Pure rules: no HTTP, no AWS, no environment, no clock."""
