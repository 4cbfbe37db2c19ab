"""What a flow that ran in this process returned."""

from typing import Any, TypeVar

Outcome = TypeVar("Outcome")


def read_outcome(state: Any, kind: type[Outcome]) -> Outcome | None:
    """Return a final state's outcome, also a failed one's; None where the flow broke before it had one."""
    data = state.data.result if hasattr(state.data, "result") else state.data
    data = getattr(data, "outcome", None) or data
    return data if isinstance(data, kind) else None
