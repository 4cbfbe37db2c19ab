"""A server that takes its time: it works for some seconds, then answers at its port, or ends with an error.

python -m tests.support.slow_server --port N [--seconds 5] [--error]
"""

import argparse
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

BANNER = r"""
 ___ ___ ___ ___ ___ ___ _____
| _ \ _ \ __| __| __/ __|_   _|

"""


class Healthy(BaseHTTPRequestHandler):
    """Answers 200 to whatever is asked."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def main() -> int:
    """Work, then serve until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--error", action="store_true")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        sum(range(100_000))
    if options.error:
        print(BANNER, "Running migrations", file=sys.stderr)
        print("sqlite3.OperationalError: no such table: flow", file=sys.stderr)
        print(BANNER, "Server stopped!", file=sys.stderr)
        return 1
    HTTPServer(("127.0.0.1", options.port), Healthy).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
