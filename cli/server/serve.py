"""The Prefect server as this project runs it, in place of `prefect server start`: private by default.

    python -m cli.server.serve [--host 127.0.0.1] [--port 4200]     or PREFECT_SERVER_API_HOST and _PORT

It asks for a password, answers to its own names only, and lets no page of another origin read what it
says (docs/security.md). A variable of Prefect's that the environment sets counts before what stands here.
"""

import argparse
import importlib.util
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.command import keep_private
from cli.server.password import require_password
from planning_review.errors import PlanningReviewError
from planning_review.settings import Settings, load_settings

OWN_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m cli.server.serve")
    parser.add_argument("--host", default=os.environ.get("PREFECT_SERVER_API_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=os.environ.get("PREFECT_SERVER_API_PORT", "4200"))
    options = parser.parse_args(arguments)
    keep_private()
    settings = load_settings()
    if reason := _find_obstacle(options.host, options.port):
        print(f"ERROR {options.host}:{options.port} can't be served: {reason}", file=sys.stderr)
        return 1
    os.environ["PREFECT_SERVER_API_HOST"] = options.host
    os.environ["PREFECT_SERVER_API_PORT"] = str(options.port)
    for name, value in _list_defaults(settings, options.port).items():
        os.environ.setdefault(name, value)
    _serve(settings, options.host, options.port)
    return 0


def list_own_addresses(port: int) -> list[str]:
    """Return the origins of the server's own page."""
    return [f"http://{host}:{port}" for host in OWN_HOSTS]


def _list_defaults(settings: Settings, port: int) -> dict[str, str]:
    home = Path(os.environ.get("PREFECT_HOME") or settings.prefect_dir)
    # Prefect makes no folder for its database.
    home.mkdir(parents=True, exist_ok=True)
    defaults = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_API_AUTH_STRING": require_password(settings),
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(list_own_addresses(port)),
        # What links in notifications begin with.
        "PREFECT_UI_URL": f"http://127.0.0.1:{port}",
        # The page calls the address that it came from, as through a tunnel or a proxy.
        "PREFECT_UI_API_URL": "/api",
        # 10 and 5 s by default: on a machine busy with reading, an answer 500 that came of it failed a run.
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60",
        # Runs being watched for heartbeats are forgotten when the server was away for longer than this
        # after their time: 60 s by default, so that a reboot would leave them Running for ever.
        "PREFECT_SERVER_EVENTS_EXPIRED_BUCKET_BUFFER": "P30D",
        # Slots that runs hold are kept in memory by default, so that those held when the server is
        # restarted would never be free again.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # Logs and artifacts of runs that were deleted stay for ever by default.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,orphans",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    package = importlib.util.find_spec("prefect")
    if package is None or package.origin is None:
        raise PlanningReviewError("Prefect is not installed: make setup")
    if not os.access(Path(package.origin).parent / "server", os.W_OK):
        # Where the page's files are written at the start, if the packages' folder is somebody else's.
        defaults["PREFECT_SERVER_UI_STATIC_DIRECTORY"] = str(home / "ui")
    return defaults


def _find_obstacle(host: str, port: int) -> str | None:
    """Return why nothing can listen there, before a database is made for it."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _serve(settings: Settings, host: str, port: int) -> None:
    """Run Prefect's app as `prefect server start` does, behind a look at the host that is asked for."""
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    server = get_current_settings().server
    allowed = [*OWN_HOSTS, *settings.list_prefect_hosts()]
    uvicorn.run(
        TrustedHostMiddleware(create_app(final=True), allowed_hosts=allowed, www_redirect=False),
        host=host,
        port=port,
        timeout_keep_alive=server.api.keepalive_timeout,
        ws_ping_interval=server.api.websocket_ping_interval,
        ws_ping_timeout=server.api.websocket_ping_timeout,
        log_level=server.logging_level.lower(),
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PlanningReviewError as error:
        print(f"ERROR {error}", file=sys.stderr)
        sys.exit(2)
