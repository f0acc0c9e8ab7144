"""The page as a WSGI application: which address shows what, who may press a button, and what the browser may run."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.page.actions import AWS_STAGES, FAULT_OPERATIONS, BadOrder
from sandbox.page.journal import Entry
from sandbox.scenarios import SCENES

type WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_PAGES = ("deals", "partners", "links", "executions", "letters", "audit")
_OWN_HOSTS = ("127.0.0.1", "localhost")
_MOST_BYTES = 16_384


class Shown(Protocol):
    """What the pages show; ``sandbox.page.views.Views`` of a world. Unknown ids give None."""

    def tags(self) -> list[str]: ...  # noqa: D102
    def deals(self) -> list[Any]: ...  # noqa: D102
    def deal(self, deal_id: str) -> Any: ...  # noqa: D102
    def partners(self) -> list[Any]: ...  # noqa: D102
    def links(self) -> list[Any]: ...  # noqa: D102
    def executions(self, everything: bool) -> list[Any]: ...  # noqa: D102
    def execution(self, name: str) -> Any: ...  # noqa: D102
    def letters(self) -> list[Any]: ...  # noqa: D102
    def audit(self, deal_id: str | None) -> list[Any]: ...  # noqa: D102
    def faults(self) -> list[Any]: ...  # noqa: D102


class Doing(Protocol):
    """What the buttons do; ``sandbox.page.actions.Actions`` of a world."""

    journal: Any

    def perform(self, name: str, form: Any) -> Entry: ...  # noqa: D102


def make_app(shown: Shown, doing: Doing) -> WsgiApp:
    """The application. Its pages answer only to this machine's names, its buttons only to forms of its own pages."""
    page = _Page(shown, doing)

    @Request.application
    def app(request: Request) -> Response:
        request.max_content_length = _MOST_BYTES
        try:
            return page.answer(request)
        except HTTPException as refused:
            return page.secured(Response(f"{refused.code} {refused.description}\n", refused.code or 500), "")

    return app


class _Page:
    def __init__(self, shown: Shown, doing: Doing) -> None:
        self._shown, self._doing = shown, doing
        self._token = secrets.token_urlsafe(32)
        self._templates = Environment(
            loader=PackageLoader(str(__package__)), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters["clock"] = _clock

    def answer(self, request: Request) -> Response:
        # A foreign name that was made to lead here would let its pages read these.
        if urlsplit(f"//{request.host}").hostname not in _OWN_HOSTS:
            raise Forbidden("this page answers to 127.0.0.1 only")
        parts = [part for part in request.path.split("/") if part]
        if parts[:1] == ["do"] and len(parts) == 2:
            return self._perform(request, parts[1])
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"], "only buttons are pressed by POST")
        return self._show(request, *(parts or ["deals"]))

    def _perform(self, request: Request, name: str) -> Response:
        if request.method != "POST":
            raise MethodNotAllowed(["POST"], "buttons are pressed by POST")
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            raise Forbidden("pressed on another site")
        if not hmac.compare_digest(request.form.get("token", "").encode(), self._token.encode()):
            raise Forbidden("the form is not of this page as it runs now; load it anew")
        try:
            self._doing.perform(name, request.form)
        except KeyError:
            raise NotFound(f"no such button: {name}") from None
        except BadOrder as wrong:
            return self.secured(Response(f"{wrong}\n", 400), "")
        back = request.form.get("back", "/")
        return self.secured(redirect(back if _is_own(back) else "/", 303), "")

    def _show(self, request: Request, page: str, of: str = "", *more: str) -> Response:
        if page not in _PAGES or more:
            raise NotFound("there is no such page")
        found = self._of_one(page, of) if of else self._of_many(page, request)
        if found is None:
            raise NotFound(f"there is no {of}")
        template, members = found
        nonce = secrets.token_urlsafe(16)
        text = self._templates.get_template(template).render(
            **members,
            page=page,
            here=request.full_path.rstrip("?"),
            token=self._token,
            nonce=nonce,
            journal=self._doing.journal.entries(),
            faults=self._shown.faults(),
            choices={
                "operations": FAULT_OPERATIONS,
                "stages": AWS_STAGES,
                "tags": self._shown.tags(),
                "scenes": SCENES,
            },
        )
        return self.secured(Response(text, content_type="text/html; charset=utf-8"), nonce)

    def _of_many(self, page: str, request: Request) -> tuple[str, dict[str, Any]]:
        match page:
            case "executions":
                everything = request.args.get("show") == "all"
                members = {"rows": self._shown.executions(everything), "everything": everything}
            case "audit":
                deal = request.args.get("deal") or None
                members = {"rows": self._shown.audit(deal), "deal": deal}
            case _:
                members = {"rows": getattr(self._shown, page)()}
        return f"{page}.html", members

    def _of_one(self, page: str, of: str) -> tuple[str, dict[str, Any]] | None:
        looks = {"deals": ("deal.html", self._shown.deal), "executions": ("execution.html", self._shown.execution)}
        if page not in looks:
            return None
        template, look = looks[page]
        found = look(of)
        return None if found is None else (template, {"one": found})

    @staticmethod
    def secured(response: Response, nonce: str) -> Response:
        """With what the browser may do: our style and script, forms to and looks at this page."""
        own, asked = (f"'nonce-{nonce}'", "'self'") if nonce else ("'none'", "'none'")
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src {own}; script-src {own}; connect-src {asked}; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        return response


def _is_own(path: str) -> bool:
    """Whether it is a path of this page, and not the address of another site."""
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
