"""Who makes a change: our app, a person in the CRM, or another app (hubspot.md 1.5 and 5)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hubspot.facts import FACTS
from sandbox.hubspot.refusals import Refusal

ALL_SCOPES: frozenset[str] = frozenset(
    [*FACTS["scopes"], *FACTS["setup_scopes"]]
    + [f"crm.schemas.{kind}.{way}" for kind in ("contacts", "companies") for way in ("read", "write")]
)


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change, as history and webhooks report it."""

    source_type: str
    source_id: str
    label: str
    user_id: str | None = None
    app_id: int | None = None
    scopes: frozenset[str] = ALL_SCOPES

    @property
    def is_person(self) -> bool:
        """People work in the CRM's pages: they use none of the apps' API quota."""
        return self.user_id is not None and self.app_id is None


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and whom it stands for."""

    value: str
    actor: Actor
    user_id: int = 600


def app_token(value: str, app_id: int, scopes: frozenset[str] = ALL_SCOPES, label: str = "cosell-sync") -> Token:
    """A static token (``pat-…`` for our app, ``otherapp-…`` for somebody else's)."""
    return Token(value, Actor("INTEGRATION", str(app_id), label, app_id=app_id, scopes=scopes))


def rep(user_id: int = 600) -> Actor:
    """A sales rep who works in HubSpot's pages."""
    return Actor("CRM_UI", f"userId:{user_id}", "CRM UI", user_id=str(user_id))


def rep_token(value: str, user_id: int = 600) -> Token:
    """A token (``rep-…``) whose changes look as if that person had made them in HubSpot's pages."""
    return Token(value, rep(user_id), user_id=user_id)


def workflow(number: int = 1) -> Actor:
    """A workflow of the account, possibly set off by one of our own writes."""
    return Actor("AUTOMATION_PLATFORM", f"enrollmentId:{number}", "Workflow")


def default_tokens(app_id: int) -> list[Token]:
    """One token of each kind, with made-up values."""
    return [
        app_token("pat-na1-sandbox", app_id),
        rep_token("rep-600", 600),
        app_token("otherapp-sandbox", app_id + 599, label="Some other app"),
    ]


def authenticate(tokens: dict[str, Token], header: str | None) -> Actor:
    """The actor of an ``Authorization`` header. Refuses with 401 (hubspot.md 4.2)."""
    scheme, _, value = (header or "").partition(" ")
    token = tokens.get(value.strip()) or _any_rep(value.strip())
    if scheme.lower() != "bearer" or token is None:
        message = "Authentication credentials not found or not valid; see the Distribution tab of the app"
        raise Refusal(401, "INVALID_AUTHENTICATION", message, "4.2")
    return token.actor


def _any_rep(value: str) -> Token | None:
    """``rep-<number>`` stands for that user without being declared."""
    kind, _, number = value.partition("-")
    return rep_token(value, int(number)) if kind == "rep" and number.isdecimal() else None


def require_scope(actor: Actor, *any_of: str) -> None:
    """Refuse with 403 ``MISSING_SCOPES`` unless the actor holds one of the scopes (hubspot.md 4.2 and 5)."""
    if actor.scopes.isdisjoint(any_of):
        wanted = list(any_of)
        raise Refusal(
            403,
            "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call",
            "5",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": wanted},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
        )
