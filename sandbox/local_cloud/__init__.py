"""The local cloud: runs the synthesized app on one machine. Start with `cloud.LocalCloud`."""
