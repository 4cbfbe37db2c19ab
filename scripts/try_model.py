"""Ask a real model what rules and stand-ins can't tell: how well it judges. For a person with a key.

    python scripts/try_model.py anthropic:claude-sonnet-5-5

It takes ten minutes and three dollars at most: sentences written without sight of the rules, put into
documents, judged by the rules, by the model and by both. At its end stands what to send back: the table that
it prints, and a folder with the model's answers, which hold no key and nothing of yours.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

HOME = Path(__file__).parents[1]
_MOST_SECONDS = 600
_MOST_USD = "1.4"
_SETS = ("blind_sentences.yaml", "blind_sentences_2.yaml")


def main() -> int:
    """Ask, and print what to send back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--answers", type=Path, default=Path("model-answers"))
    asked = parser.parse_args()
    begun = time.monotonic()
    # Each set has a bound of its own, so that both together and the trial stay below three dollars.
    limits = {"PLANNING_MODEL_BUDGET_USD": _MOST_USD, "PLANNING_MODEL_WHOLE_TOKENS": "60000"}
    environment = dict(os.environ) | limits
    checked = subprocess.run(
        [Path(sys.executable).with_name("planning-review"), "check", "model"],
        env=environment | {"PLANNING_REVIEW_MODEL": asked.model},
        check=False,
    )
    if checked.returncode != 0:
        return checked.returncode
    said = [f"{asked.model}, {platform.python_version()}, pydantic-ai {version('pydantic-ai-slim')}"]
    for name in _SETS:
        left = _MOST_SECONDS - (time.monotonic() - begun)
        print(f"{name}: asking, {left:.0f} seconds left at most ...", flush=True)
        command = [sys.executable, "benchmarks/judgement", "--model", asked.model]
        command += ["--answers", str(asked.answers.resolve()), "--sentences", f"tests/data/{name}"]
        try:
            done = subprocess.run(
                command,
                cwd=HOME,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
                timeout=max(left, 1),
            )
        except subprocess.TimeoutExpired:
            said.append(f"{name}: not done within ten minutes")
            break
        said.append(done.stdout.strip() or done.stderr.strip()[-2000:])
    print("\n--- send this back, with the folder below it ---\n")
    print("\n\n".join(said))
    print(f"\nAnswers: {asked.answers.resolve()} ({time.monotonic() - begun:.0f} seconds in all)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
