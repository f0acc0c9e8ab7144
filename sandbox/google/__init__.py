"""A strict, stateful Google partner vendor for one machine.

Plays the Cloud Channel v1alpha1 opportunities, the Cloud CRM Partners v1 leads and opportunities, and the token
exchanges that lead to them. ``GoogleAccount`` is the model; ``serve`` puts it on a loopback port. All four hosts of the
vendor (channel, CRM, STS and IAM credentials, OAuth) are played on the one address: their paths do not clash.
"""

from sandbox.google.account import GoogleAccount
from sandbox.google.app import make_app
from sandbox.google.server import Served, serve
from sandbox.google.switches import Settings, Switches, other_reading

__all__ = ["GoogleAccount", "Served", "Settings", "Switches", "make_app", "other_reading", "serve"]
