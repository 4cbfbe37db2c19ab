"""A process that has imported what every command imports, and forks one for each command.

Each command still has a process, an environment and a folder of its own. What is saved are the seconds of
CPU that hundreds of them would take to import the same libraries.

Prefect reads its settings while it is imported, and they are each command's own: so it and what imports it
are imported here and put aside. A command that imports one of them gets all of them back at that moment,
and Prefect reads the settings anew.
"""

import atexit
import gc
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from types import ModuleType
from typing import IO

from planning_review.policy.requirements import load_requirements
from tests.support.botocore_data import keep_botocore_data

LIBRARIES = (
    "amplitude",
    "asgi_lifespan",
    "boto3.s3.transfer",
    "chromadb.api.rust",
    "cloudpickle",
    "coolname",
    "docx",
    "fastapi.encoders",
    "fsspec.implementations.local",
    "griffe",
    "h2.connection",
    "httpx",
    "humanize",
    "jinja2",
    "jsonschema",
    "lxml.etree",
    "opentelemetry.trace",
    "pathspec",
    "pendulum",
    "planning_review.index.chroma_embedder",
    "planning_review.index.opening",
    "planning_review.register.atrium.platform",
    "planning_review.report.output_files",
    "planning_review.rules.rules_reviewer",
    "prometheus_client",
    "pydantic_settings",
    "rich._emoji_codes",
    "rich.console",
    "tokenizers",
    "websockets.asyncio.client",
    "cli.commands.check",
    "cli.commands.letter",
    "cli.commands.policies",
    "cli.commands.prune",
    "cli.commands.retry",
    "cli.commands.review",
    "cli.commands.scan",
    "cli.commands.search",
    "cli.commands.status",
    "cli.commands.storage",
    "cli.commands.upkeep",
    "cli.environment",
    "cli.main",
    "run.reviewers",
)
# What the commands import of what imports Prefect.
WITH_PREFECT = (
    "prefect.client.orchestration",
    "prefect.events",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.utilities.visualization",
    "prefect_aws",
    "cli.flow_run",
    "cli.server.limits",
    "flows.load_policies",
    "flows.review_application",
    "flows.scan_register",
    "flows.write_letter",
)
_PUT_ASIDE = ("prefect", "prefect_aws", "blocks", "cli", "flows", "run", "tasks")
_PROJECT = Path(__file__).resolve().parents[2]
_SERVE = "import sys; from tests.support.forking import serve; serve(int(sys.argv[1]))"
_asking = Lock()


def run_forked(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], module: str = ""
) -> tuple[int, str, str]:
    """Run `planning-review`, or a module as `python -m` does, to its end.

    Returns its exit status, below 0 a signal's, and what it wrote.
    """
    words = [str(argument) for argument in arguments]
    asked = json.dumps([words, str(folder), dict(environment), module])
    with TemporaryFile() as stdout, TemporaryFile() as stderr:
        answer, status = os.pipe()
        with _asking:
            server = _start_server()
            socket.send_fds(server, [b"?"], [stdout.fileno(), stderr.fileno(), status])
            os.close(status)
            server.sendall(f"{asked}\n".encode())
            assert server.recv(1) == b"!", "the process that forks commands has ended"
        with os.fdopen(answer, "rb") as ended:
            code = int(ended.read())
        return code, _read(stdout), _read(stderr)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")


@cache
def _start_server() -> socket.socket:
    """Start the process that forks; it ends with this one, which alone holds the other end of its socket."""
    ours, its = socket.socketpair()
    with its:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(its.fileno())],
            cwd=_PROJECT,
            stdin=subprocess.DEVNULL,
            pass_fds=[its.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


class _PutAside(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules that were imported and taken out of sys.modules: the first one brings back all."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self._modules = modules
        self._specs = {name: module.__spec__ for name, module in modules.items()}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._modules:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return self._modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        sys.meta_path.remove(self)
        sys.modules.update(self._modules)
        # The import has given the module the specification that it was found by.
        module.__spec__ = self._specs[module.__name__]
        module.__loader__ = module.__spec__.loader if module.__spec__ else None
        self._modules["prefect.context"].refresh_global_settings_context()


def _import_all() -> None:
    """Import what commands need, and load their data; what imports Prefect is put aside."""
    for name in LIBRARIES:
        importlib.import_module(name)
    load_requirements()
    keep_botocore_data()
    assert "prefect" not in sys.modules, "one of LIBRARIES imports Prefect"
    before = set(sys.modules)
    with tempfile.TemporaryDirectory() as home:
        os.environ["PREFECT_HOME"] = home
        for name in WITH_PREFECT:
            importlib.import_module(name)
    aside = {name for name in set(sys.modules) - before if name.partition(".")[0] in _PUT_ASIDE}
    sys.meta_path.insert(0, _PutAside({name: sys.modules.pop(name) for name in aside}))
    # Nothing of it is garbage, and what the collector leaves alone stays shared between the processes.
    gc.collect()
    gc.freeze()


def serve(descriptor: int) -> None:
    """Fork a command for each that is asked for at a socket, until that is closed."""
    _import_all()
    with socket.socket(fileno=descriptor) as asking:
        while True:
            marker, files, _, _ = socket.recv_fds(asking, 1, 3)
            if not marker:
                return
            line = b""
            while not line.endswith(b"\n"):
                line += asking.recv(1 << 16)
            if os.fork() == 0:
                break
            for file in files:
                os.close(file)
            asking.sendall(b"!")
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    _watch_command(json.loads(line), *files)


def _watch_command(
    asked: tuple[list[str], str, dict[str, str], str], out: int, err: int, status: int
) -> None:
    """Fork the command itself, and tell how it ended when it has."""
    command = os.fork()
    if command:
        _, ended = os.waitpid(command, 0)
        os.write(status, str(os.waitstatus_to_exitcode(ended)).encode())
        os._exit(0)
    os.close(status)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    arguments, folder, environment, module = asked
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # What was read from the environment of the process that forks.
    tempfile.tempdir = None
    time.tzset()
    if module:
        sys.argv = [module, *arguments]
        sys.path[0] = str(_PROJECT)
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        sys.exit()
    program = Path(sys.executable).with_name("planning-review")
    sys.argv = [str(program), *arguments]
    sys.path[0] = str(program.parent)
    from cli.main import main

    sys.exit(main())
