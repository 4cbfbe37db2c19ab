"""A run that holds a council's turn until a line comes in: `python -m tests.support.hold_turn COUNCIL`."""

import sys

from prefect import flow

from run.rate_limits import hold_council_turn


@flow(name="hold-turn")
def hold_turn(council: str) -> None:
    """Say when the turn is held and when it was given back."""
    with hold_council_turn(council):
        print("held", flush=True)
        sys.stdin.readline()
    print("free", flush=True)


if __name__ == "__main__":
    hold_turn(sys.argv[1])
