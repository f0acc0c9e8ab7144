"""Smart notifications: what AWS did with a deal that somebody should hear of. Pure.

``view`` is what the rules look at, ``rules`` has one function a rule and their table, ``invitations`` the one about an
invitation, ``findings`` makes of them what a look shows, remembers and announces. ``docs/notifications.md`` says it for
users.
"""
