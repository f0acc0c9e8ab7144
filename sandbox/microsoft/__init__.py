"""A strict, stateful Microsoft Partner Center (referrals, webhooks, Entra tokens) for one machine.

``account.PartnerCenterAccount`` is the model; ``app.serve`` serves it over HTTP on a loopback port.
"""
