"""Driving the simulated account over HTTP, under ``/_sandbox/``.

    GET|POST|DELETE /_sandbox/faults                      fault rules, see ``sandbox.faults``
    GET             /_sandbox/referrals[?organisation=]   the partner's view, or that of ``msft``
    POST            /_sandbox/microsoft/referrals         Microsoft sends one; the body is laid over an invented one
    POST            /_sandbox/microsoft/referrals/{id}    Microsoft changes a referral
    POST            /_sandbox/consent                     the person signs in -> {"refresh_token": …}
    DELETE          /_sandbox/consent[?access_tokens=1]   refresh tokens die (invalid_grant)
    POST            /_sandbox/interaction                 refresh tokens answer interaction_required
    GET             /_sandbox/webhooks                    notices pending, delivered, dropped; the certificates
    GET|DELETE      /_sandbox/calls                       calls per operation
    GET|PATCH       /_sandbox/settings                    switches, quota, trouble, latency_seconds, role, mfa

A wrong order is answered 400 with the reason, an unknown record 404.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request

from sandbox.control import ControlPage, Routes, change_settings, members
from sandbox.faults import FaultRules
from sandbox.microsoft.account import PartnerCenterAccount
from sandbox.microsoft.signing import own_signer


class Control(ControlPage):
    """Answers the ``/_sandbox/`` requests of one account."""

    def __init__(self, account: PartnerCenterAccount, faults: FaultRules) -> None:
        self._account = account
        routes: Routes = {
            ("GET", "referrals"): self._referrals,
            ("POST", "microsoft/referrals"): lambda request: account.new_incoming_referral(**members(request)),
            ("POST", "consent"): lambda _request: {"refresh_token": account.consent()},
            ("DELETE", "consent"): self._kill_consent,
            ("POST", "interaction"): lambda _request: account.require_interaction(),
            ("GET", "webhooks"): self._webhooks,
            ("GET", "calls"): lambda _request: {"by_operation": account.call_counts()},
            ("DELETE", "calls"): lambda _request: account.forget_calls(),
            ("GET", "settings"): self._settings,
            ("PATCH", "settings"): self._change_settings,
        }
        super().__init__(routes, faults, edits={"microsoft/referrals/": self._edit_referral})

    def _edit_referral(self, identifier: str, request: Request) -> Any:
        return self._account.edit_as_microsoft(identifier, **members(request))

    def _referrals(self, request: Request) -> Any:
        return self._account.view(request.args.get("organisation", self._account.referrals.organisation[0]))

    def _kill_consent(self, request: Request) -> Any:
        self._account.kill_consent(access_tokens_too=request.args.get("access_tokens") == "1")

    def _webhooks(self, _request: Request) -> Any:
        hooks, signer = self._account.webhooks, self._account.webhooks.signer or own_signer()
        return {
            "registration": hooks.registration,
            "pending": hooks.pending(),
            "delivered": hooks.delivered,
            "dropped": hooks.dropped,
            "certificate_url": hooks.certificate_url,
            "certificate_pem": signer.leaf_pem.decode(),
            "root_pem": signer.root_pem.decode(),
        }

    def _parts(self) -> dict[str, Any]:
        account = self._account
        return {"switches": account.switches, "quota": account.quota.quota, "trouble": account.webhooks.trouble}

    def _settings(self, _request: Request) -> Any:
        account = self._account
        own = {"latency_seconds": account.latency_seconds, "role": account.role, "mfa": account.entra.mfa}
        return {**{name: asdict(part) for name, part in self._parts().items()}, **own}

    def _change_settings(self, request: Request) -> Any:
        account = self._account
        singles = {
            "latency_seconds": lambda value: setattr(account, "latency_seconds", float(value)),
            "role": lambda value: setattr(account, "role", value),
            "mfa": lambda value: setattr(account.entra, "mfa", bool(value)),
        }
        change_settings(members(request), self._parts(), singles)
        return self._settings(request)
