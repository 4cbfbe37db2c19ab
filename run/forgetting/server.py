"""The Prefect server as a place where something is kept: runs, artifacts, and what scans remember."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from planning_review.report.output_files import artifact_key
from planning_review.settings import Settings
from run.forgetting.place import Look, read_bytes
from run.forgetting.subject import Subject

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import Artifact, FlowRun

_AT_ONCE = 200
_FLOWS = ("review-application", "write-letter")


class Server:
    """The server in use. Whatever a run of the application tells goes with the run."""

    name = "Prefect server"

    def __init__(self, client: "SyncPrefectClient", settings: Settings, subject: Subject) -> None:
        self._client, self._settings, self._subject = client, settings, subject

    def look(self) -> Look:
        """Look through all runs, artifacts and variables."""
        runs, artifacts, variables = (
            list(self._walk_runs()),
            list(self._walk_artifacts()),
            self._list_variables(),
        )
        found = [f"run {run.name} ({run.id})" for run in runs if self._is_of(run)]
        found += [f"artifact {each.key or each.id}" for each in artifacts if self._is_told(each)]
        found += [f"variable {each.name}" for each in variables if self._waits(each.value)]
        looked = f"{len(runs)} runs, {len(artifacts)} artifacts, {len(variables)} variables"
        return Look(looked, tuple(found), self._describe_rest())

    def find_going(self) -> str | None:
        """Return the name of a run of it that has not ended, None where there is none."""
        going = (
            run for run in self._walk_runs() if self._is_of(run) and run.state and not run.state.is_final()
        )
        return next((run.name for run in going), None)

    def erase(self) -> None:
        """Delete its artifacts and runs, and take it out of what scans show and remember."""
        from prefect.client.schemas.actions import ArtifactUpdate, VariableUpdate

        for artifact in list(self._walk_artifacts()):
            if not self._is_told(artifact):
                continue
            rows = self._without_rows(artifact)
            if rows is None:
                self._client.delete_artifact(artifact.id)
            else:
                self._client.update_artifact(artifact.id, ArtifactUpdate(data=rows))
        for run in list(self._walk_runs()):
            if self._is_of(run):
                self._client.delete_flow_run(run.id)
        for variable in self._list_variables():
            if self._waits(variable.value):
                waiting = {k: v for k, v in variable.value["waiting"].items() if k != self._subject.reference}
                value = {**variable.value, "waiting": waiting}
                self._client.update_variable(VariableUpdate(name=variable.name, value=value))

    def _walk_runs(self) -> "Iterator[FlowRun]":
        from prefect.client.schemas.filters import FlowFilter

        flows = FlowFilter(name={"any_": list(_FLOWS)})
        offset = 0
        while page := self._client.read_flow_runs(flow_filter=flows, limit=_AT_ONCE, offset=offset):
            yield from page
            offset += len(page)

    def _walk_artifacts(self) -> "Iterator[Artifact]":
        offset = 0
        while page := self._client.read_artifacts(limit=_AT_ONCE, offset=offset):
            yield from page
            offset += len(page)

    def _list_variables(self) -> list[Any]:
        return [each for each in self._client.read_variables() if each.name == _name_variable(self._subject)]

    def _is_of(self, run: "FlowRun") -> bool:
        subject = self._subject
        if {subject.reference, subject.council} <= set(run.tags):
            return True
        asked = run.parameters.get("parameters") or {}
        asked = asked if isinstance(asked, dict) else {}
        return (asked.get("reference"), asked.get("council") or self._settings.council) == (
            subject.reference,
            subject.council,
        )

    def _is_told(self, artifact: "Artifact") -> bool:
        subject = self._subject
        if artifact.key is None:
            # Prefect's own, of a result.
            return subject.is_named(str(artifact.data).encode())
        if self._is_scan(artifact):
            names = (row.get("reference") for row in _read_rows(artifact))
            return subject.document_id is None and subject.reference in names
        kind = artifact.key.partition("-")[0]
        return artifact.key == artifact_key(kind, subject.council, subject.reference)

    def _is_scan(self, artifact: "Artifact") -> bool:
        return artifact.key == artifact_key("scan", self._subject.council, "")

    def _without_rows(self, artifact: "Artifact") -> str | None:
        """Return a scan's table without the application; None for what is not such a table."""
        if not self._is_scan(artifact):
            return None
        rows = [row for row in _read_rows(artifact) if row.get("reference") != self._subject.reference]
        return json.dumps(rows)

    def _waits(self, memory: Any) -> bool:
        waiting = memory.get("waiting") if isinstance(memory, dict) else None
        return self._subject.document_id is None and self._subject.reference in (waiting or {})

    def _describe_rest(self) -> str:
        """Say what the server itself drops later: nothing of its interface takes it away sooner."""
        rest = "the server drops logs of runs within a day and its events after 7 days"
        paths = [self._settings.prefect_dir / name for name in ("prefect.db", "prefect.db-wal")]
        count = sum(read_bytes(path).count(self._subject.reference.encode()) for path in paths)
        if not count:
            return rest
        named = f"{paths[0]} names the application {count} times"
        return f"{rest}; until the weekly maintenance packs it then, {named}"


def _read_rows(artifact: "Artifact") -> list[dict[str, Any]]:
    try:
        rows = json.loads(artifact.data) if isinstance(artifact.data, str) else artifact.data
        return [row for row in rows or [] if isinstance(row, dict)]
    except (ValueError, TypeError):
        return []


def _name_variable(subject: Subject) -> str:
    return "scan_" + subject.council.replace("-", "_")
