"""A mail server that keeps what it takes, and refuses when it is told to."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from cli.server.background import find_free_port

NAME, PASSWORD = "group", "p4ss word/with@signs"


class Mailbox:
    """What has arrived; refusal is an SMTP answer that every message gets instead."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusal: str | None = None
        self.port = 0

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refusal:
            return self.refusal
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def address(self, password: str = PASSWORD) -> str:
        login = f"{NAME}:{quote(password, safe='')}"
        return f"mailto://{login}@127.0.0.1:{self.port}?to=readers@example.org&from=group@example.org"

    def parts(self, number: int = -1) -> tuple[str, str]:
        """Return a message as plain text and as HTML."""
        message = self.messages[number]
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert html is not None
        return str(text.get_content()), str(html.get_content())


def _check_login(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (
        NAME.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=is_known, handled=is_known)


@contextmanager
def run_mail_server() -> Iterator[Mailbox]:
    """Serve SMTP on 127.0.0.1; whoever gives a name must give the right password."""
    mailbox = Mailbox()
    mailbox.port = find_free_port()
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=mailbox.port, authenticator=_check_login, auth_require_tls=False
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
