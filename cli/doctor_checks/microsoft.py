"""Microsoft: the consent and its age, the access token, the Referrals API, and the webhook's registration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.doctor_checks.check import Check, Finding, NotChecked, error, ok, warning
from cli.doctor_checks.deployment import Deployment, ago
from cli.main import UserError
from lambdas.shared.adapters.http import TokenSource
from lambdas.shared.errors import Unauthorized

AREA = "microsoft"
_DAY_MS = 86_400_000
_LATE_DAYS, _NEARLY_DEAD_DAYS = 3, 80  # it is renewed daily, and dies after 90 days unused
_SECRETS = ("MicrosoftAppSecret", "MicrosoftConsentSecret", "MicrosoftAccessSecret")
_LOG_IN = "cosell microsoft login --stage {stage}"
_RUNBOOK = "docs/operations.md#token-dead-rotation"


def consent(d: Deployment) -> Iterator[Finding]:
    """Somebody has signed in, and the consent is renewed."""
    if d.partner("microsoft") is None:
        return
    held = _store(d).consent()
    if not held.refresh_token:
        yield error("nobody has signed in", "consent", _LOG_IN.format(stage=d.name))
        return
    age = d.now_ms() - held.obtained_at
    if age > _LATE_DAYS * _DAY_MS:
        make = error if age > _NEARLY_DEAD_DAYS * _DAY_MS else warning
        do = f"read the log of microsoft-refresh-token ({_RUNBOOK}); a new one: {_LOG_IN.format(stage=d.name)}"
        yield make(f"was not renewed for {ago(age)}; it is renewed daily, and ends after 90 days", "consent", do)
    else:
        yield ok(f"renewed {ago(age)} ago", "consent")
    try:
        _sign_in(d)
    except Unauthorized as caught:
        yield error(f"is refused: {caught}", "consent", _LOG_IN.format(stage=d.name))


def access(d: Deployment) -> Iterator[Finding]:
    """The access token is valid, and Microsoft answers it."""
    if d.partner("microsoft") is None:
        return
    from lambdas.microsoft.adapters.partner_center import BASE_URL, REFERRALS, PartnerCenter
    from lambdas.shared.adapters.secrets import Secrets, token_reader

    left = _store(d).access().expires_at * 1000 - d.now_ms()
    if left <= 0:
        do = f"read the log of microsoft-refresh-token: {_RUNBOOK}; a dead consent: {_LOG_IN.format(stage=d.name)}"
        yield error("has run out and was not renewed" if left > -50 * _DAY_MS else "there is none", "access token", do)
        return
    secrets = Secrets(d.client("secretsmanager"))
    token = token_reader(secrets, d.place.output("MicrosoftAccessSecret"))
    api = PartnerCenter(token, d.place.vendors.get("microsoft", BASE_URL))
    try:
        api.call("GET", REFERRALS, "to show one referral", query="$top=1")
    except Unauthorized as caught:
        do = f"the service user needs a Referrals role and a second factor; then {_LOG_IN.format(stage=d.name)}"
        yield error(f"Microsoft refuses it: {caught}", "access token", do)
        return
    yield ok(f"valid for {ago(left)}; the Referrals API answers", "access token")


def webhook(d: Deployment) -> Iterator[Finding]:
    """Partner Center sends our events to this stage."""
    if d.partner("microsoft") is None or d.stage.microsoft is None or not d.stage.microsoft.webhook:
        return
    from lambdas.microsoft.adapters.registrations import BASE_URL, Registrations
    from lambdas.microsoft.domain.notification import EVENTS

    url = d.seen_from_here(d.place.output("NoticeUrlMicrosoft"))
    register = f"cosell microsoft webhook register --stage {d.name}"
    try:
        token = _sign_in(d)
    except (Unauthorized, UserError):
        raise NotChecked("the consent is no good") from None
    found = Registrations(token, d.place.vendors.get("microsoft", BASE_URL)).read()
    if found is None:
        yield warning("nothing is registered; changes are found by the poll only", url, register)
    elif found.url != url:
        yield warning(f"events go to {found.url}", url, f"{register} --replace, or leave it if that is your own domain")
    elif missing := [event for event in EVENTS if event not in found.events]:
        yield warning(f"the registration lacks {', '.join(missing)}", url, register)
    else:
        yield ok("our events come here", url)


def _sign_in(d: Deployment) -> TokenSource:
    """Tokens of the stored consent, which stays as it is; one was got already."""
    from cli.microsoft_webhook import token_of

    def make() -> TokenSource:
        token = token_of(d.place, d.place.vendors.get("microsoft"))
        token(False)
        return token

    return d.once("sign-in at Microsoft", make)


def _store(d: Deployment) -> Any:
    from lambdas.microsoft.adapters.token_store import TokenStore

    app, consent_secret, access_secret = (d.place.output(name) for name in _SECRETS)
    return TokenStore(d.client("secretsmanager"), app, consent_secret, access_secret)


CHECKS = [
    Check(area=AREA, name="consent", run=consent, needs="secretsmanager:GetSecretValue"),
    Check(area=AREA, name="access", run=access, needs="secretsmanager:GetSecretValue"),
    Check(area=AREA, name="webhook", run=webhook, needs="secretsmanager:GetSecretValue"),
]
