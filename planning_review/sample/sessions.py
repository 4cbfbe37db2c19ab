"""What the small register remembers of each visitor, by cookie."""

import secrets
import threading
from dataclasses import dataclass, field

from planning_review.sample.exchange import Request
from planning_review.sample.search_criteria import Criteria

SESSION_COOKIE = "ASP.NET_SessionId"
TOKEN_NAME = "__RequestVerificationToken"  # noqa: S105 (the name of the form's field and of its cookie)
DEFAULT_PAGE_SIZE = 10


@dataclass
class Session:
    """One visitor. form_tokens go with cookie_token, and nobody else's."""

    key: str
    cookie_token: str
    form_tokens: set[str] = field(default_factory=set)
    criteria: Criteria | None = None
    page_size: int = DEFAULT_PAGE_SIZE


class Sessions:
    """The visitors; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def find(self, request: Request) -> Session | None:
        """Return the visitor that a request's cookie names."""
        with self._lock:
            return self._sessions.get(request.cookies.get(SESSION_COOKIE, ""))

    def ensure(self, request: Request) -> tuple[Session, tuple[tuple[str, str], ...]]:
        """Return the visitor and the headers that tell a new one who it is."""
        session = self.find(request)
        if session is not None:
            return session, ()
        session = Session(secrets.token_hex(12), secrets.token_hex(16))
        with self._lock:
            self._sessions[session.key] = session
        return session, (
            ("Set-Cookie", f"{SESSION_COOKIE}={session.key}; path=/; HttpOnly; SameSite=Lax"),
            ("Set-Cookie", f"{TOKEN_NAME}={session.cookie_token}; path=/; HttpOnly"),
        )

    def issue_token(self, session: Session) -> str:
        """Return a new token for a form that is about to be served."""
        token = secrets.token_hex(16)
        with self._lock:
            session.form_tokens.add(token)
        return token

    def accepts(self, request: Request, session: Session, token: str) -> bool:
        """Tell whether a form's token and the request's cookie belong together."""
        with self._lock:
            return token in session.form_tokens and request.cookies.get(TOKEN_NAME) == session.cookie_token

    def forget(self, request: Request) -> None:
        """Drop the visitor that a request names, as a restarted server does."""
        with self._lock:
            self._sessions.pop(request.cookies.get(SESSION_COOKIE, ""), None)
