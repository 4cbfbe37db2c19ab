"""Run the services of compose.yaml without containers: their own commands, environment and folders.

    sudo python scripts/run_stack.py FOLDER [--with-s3]

FOLDER takes each service's volume and log. Postgres (Debian's postgresql) and moto stand in for their
images. Names of services become 127.0.0.1, each on a free port. As root, every service runs as a user
without rights of its own, as in the image. Ends, and stops everything, with Ctrl-C; prints one line of
JSON with the addresses when all is healthy.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent
RUN = Path(sys.executable).parent
USER = "nobody"
STARTED_SECONDS = 600
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def main() -> int:
    """Start everything, say where it is, and wait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--with-s3", action="store_true")
    options = parser.parse_args()
    folder = options.folder.resolve()
    ports = {name: find_free_port() for name in ("postgres", "prefect", "chroma", "s3", "health")}
    environment = dict(os.environ)
    if options.with_s3:
        environment |= {
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3']}",
            "S3_BUCKET": "planning",
            "S3_ACCESS_KEY_ID": "try",
            "S3_SECRET_ACCESS_KEY": "try-it-out",
        }
    services = read_services(environment, ports)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        stack.enter_context(run_postgres(folder, services["postgres"]["environment"], ports["postgres"]))
        if options.with_s3:
            command = [str(RUN / "moto_server"), "--host", "127.0.0.1", "--port", str(ports["s3"])]
            stack.enter_context(run_service("s3", command, {}, folder))
            wait_until_healthy(f"http://127.0.0.1:{ports['s3']}/moto-api/")
            put(f"http://127.0.0.1:{ports['s3']}/planning")
        for name, place in (("prefect", "api/health"), ("chroma", "api/v2/heartbeat")):
            service = services[name]
            stack.enter_context(run_service(name, service["command"], service["environment"], folder))
            wait_until_healthy(f"http://127.0.0.1:{ports[name]}/{place}")
        deploy = services["deploy"]
        with run_service("deploy", deploy["command"], deploy["environment"], folder) as process:
            wait_for(lambda: process.poll() is not None, "deploy")
            if process.returncode:
                raise SystemExit(f"deploy failed: see {folder / 'deploy.log'}")
        worker = services["worker"]
        stack.enter_context(run_service("worker", worker["command"], worker["environment"], folder))
        wait_until_healthy(f"http://127.0.0.1:{ports['health']}/health")
        print(json.dumps({name: f"http://127.0.0.1:{port}" for name, port in ports.items()}), flush=True)
        signal.pause()
    return 0


def read_services(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, Any]:
    """Return compose.yaml's services with variables filled in and every service at its port here."""
    raw = (PROJECT / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(_VARIABLE.sub(lambda match: fill_in(match, environment), raw))["services"]
    own = {"postgres": "5432", "prefect": "4200", "chroma": "8000", "s3": "5000", "health": "8080"}

    def place(text: str, name: str) -> str:
        for host, port in own.items():
            text = text.replace(f"{host}:{port}", f"127.0.0.1:{ports[host]}")
        mine = "health" if name == "worker" else name
        text = text.replace("0.0.0.0", "127.0.0.1").replace("127.0.0.1:4200", f"127.0.0.1:{ports['prefect']}")
        return str(ports[mine]) if text == own.get(mine) else text

    for name, service in services.items():
        service["command"] = [place(word, name) for word in service.get("command", [])]
        variables = service.get("environment", {})
        service["environment"] = {
            key: place("" if value is None else str(value), name) for key, value in variables.items()
        }
    return services


def fill_in(match: re.Match[str], environment: Mapping[str, str]) -> str:
    """Return a variable's value as Compose does: its default where it is unset or empty, or an end."""
    name, how, rest = match.groups()
    value = environment.get(name, "")
    if not value and how == "?":
        raise SystemExit(f"{name}: {rest}")
    return value or (rest or "" if how == "-" else "")


@contextmanager
def run_service(
    name: str, command: list[str], environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service with what the image gives it; its volume is FOLDER/name, its output FOLDER/name.log."""
    volume = folder / ("data" if name in ("deploy", "worker") else name)
    temporary = folder / f"{name}-tmp"
    for place in (volume, temporary):
        place.mkdir(parents=True, exist_ok=True)
        hand_over(place)
    command = [word.replace("/data", str(volume)) for word in command]
    environment = {
        k: v.replace("/data", str(volume)) if v.startswith("/data") else v for k, v in environment.items()
    }
    image = {
        "PATH": f"{RUN}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PLANNING_DATA_DIR": str(volume),
        "PLANNING_TEMP_DIR": str(temporary / "raw"),
        "PREFECT_HOME": str(volume / "prefect"),
    }
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*as_user(USER), *command],
            cwd=PROJECT,
            env=image | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


@contextmanager
def run_postgres(folder: Path, environment: Mapping[str, str], port: int) -> Iterator[None]:
    """Run Debian's Postgres with the user, password and database that compose.yaml gives its image."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if not programs:
        raise SystemExit("Postgres is not installed. Debian: apt-get install postgresql")
    home = folder / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    shutil.chown(home, "postgres") if os.geteuid() == 0 else None
    data, run = home / "data", as_user("postgres")
    if not data.exists():
        password = folder / "password"
        password.write_text(environment["POSTGRES_PASSWORD"])
        shutil.chown(password, "postgres") if os.geteuid() == 0 else None
        user = environment["POSTGRES_USER"]
        initdb = [programs[-1] / "initdb", "-D", data, "-U", user, "-A", "scram-sha-256"]
        try:
            subprocess.run([*run, *initdb, f"--pwfile={password}"], check=True, capture_output=True, cwd=home)
        finally:
            password.unlink()
    with (folder / "postgres.log").open("ab") as log:
        serve = [programs[-1] / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", ""]
        process = subprocess.Popen([*run, *serve], cwd=home, stdout=log, stderr=log, start_new_session=True)
    try:
        ready = [programs[-1] / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, "Postgres")
        secret = {"PGPASSWORD": environment["POSTGRES_PASSWORD"], "PATH": os.environ["PATH"]}
        create = ["createdb", "-h", "127.0.0.1", "-p", str(port), "-U", environment["POSTGRES_USER"]]
        # Once it is there, this does nothing but say so.
        subprocess.run([*create, environment["POSTGRES_DB"]], env=secret, check=False, capture_output=True)
        yield
    finally:
        stop(process, signal.SIGINT)


def hand_over(folder: Path) -> None:
    """Give a folder to the user that services run as."""
    if os.geteuid() == 0:
        shutil.chown(folder, USER)


def as_user(name: str) -> list[str]:
    """Return what makes a command run as a user: nothing, where we are not root."""
    return ["runuser", "-u", name, "--"] if os.geteuid() == 0 else []


def wait_until_healthy(url: str) -> None:
    """Wait until an address answers 200, as the health checks of compose.yaml do."""

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except OSError:
            return False

    wait_for(answers, url)


def wait_for(is_so: Any, what: str) -> None:
    """Wait for something to be so, or end with what did not come."""
    deadline = time.monotonic() + STARTED_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} was not there within {STARTED_SECONDS} s: see the logs.")
        time.sleep(0.5)


def put(url: str) -> None:
    """Make a bucket on the store to try things with."""
    urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=10)  # noqa: S310 - our own


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """Ask a service's processes to end, and make them."""
    for signal_number in (number, signal.SIGKILL):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(20)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
        if signal_number == number:
            return


def find_free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
