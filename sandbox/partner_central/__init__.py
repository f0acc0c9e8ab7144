"""A strict, stateful AWS Partner Central (Selling API) for one machine.

``account.PartnerCentralAccount`` is the model, ``app.make_app`` serves it over HTTP to unmodified boto3, and
``in_process.client_for`` answers a boto3 client without sockets.
"""
