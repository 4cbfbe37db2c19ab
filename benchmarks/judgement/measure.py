"""How often the rules are right, and what they say of ordinary prose.

    python benchmarks/judgement [--sentences FILE] [--written FOLDER] [--prose FOLDER] [FOLDER...]
    python benchmarks/judgement --model NAME [--answers FOLDER] [--sentences FILE] [--written FOLDER]

- `--sentences`: a YAML list of {id, answer: breach | compliant | neither, text}; each is judged alone.
- `--written`: a folder with `truth.yaml` (a list of {id, verdict: raise | comply | trap, quote}) and
  the documents in `docs/`, text files whose pages form feeds part, judged together.
- `--prose`: a folder of texts that say nothing on walking and cycling: every line of a finding is false.
- `--model`: the same by rules, by that model and by both, as a table with cost and seconds. Sentences go into
  a lifelike document. Its answers are recorded in `--answers`; what stands there is replayed without a key.
- FOLDER: any texts; each line of a finding is printed, to be read by a person and counted right or wrong.

A page is 2,600 characters. A quote is a truth's where one holds the other, or half of its words.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import planning_review.sample
from planning_review.models import Application
from planning_review.rules.judge_files import JudgedFiles, judge_files
from planning_review.settings import load_settings
from planning_review.text.folding import fold_for_phrases
from planning_review.yaml_files import read_yaml

PAGE_CHARACTERS = 2_600
_DAY = date(2026, 11, 30)


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sentences", type=Path)
    parser.add_argument("--written", type=Path)
    parser.add_argument("--prose", type=Path, action="append", default=[])
    parser.add_argument("--model", default=None)
    parser.add_argument("--answers", type=Path, default=Path("answers"))
    parser.add_argument("folders", type=Path, nargs="*")
    asked = parser.parse_args()
    if asked.model:
        measure_model(asked.model, asked.answers, asked.sentences, asked.written)
        return
    if asked.sentences:
        measure_sentences(read_yaml(asked.sentences))
    if asked.written:
        measure_written(asked.written)
    for folder in asked.prose:
        measure_texts(folder, all_false=True)
    for folder in asked.folders:
        measure_texts(folder, all_false=False)


def measure_sentences(rows: Sequence[dict[str, Any]]) -> None:
    """Print precision and recall of breaches and of what is met over single sentences."""
    said: dict[str, set[bool]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "Transport Assessment.txt")
        for row in rows:
            path.write_text(row["text"], encoding="utf-8")
            said[row["id"]] = {found for found, _, _ in list_findings(judge([path]))}
    for name, answer, verdict in (("not met", "breach", False), ("met", "compliant", True)):
        told = {row["id"] for row in rows if verdict in said[row["id"]]}
        right = {row["id"] for row in rows if row["answer"] == answer}
        print(f"{name}: {_rates(len(told & right), len(told), len(right))}; wrong: {sorted(told - right)}")


def measure_written(folder: Path) -> None:
    """Print what of a truth file is found in lifelike documents, and the quotes that are on nothing of it."""
    truth = read_yaml(folder / "truth.yaml")
    rows = truth if isinstance(truth, list) else truth["sentences"]
    judged = judge([folder / "docs"])
    findings = list(list_findings(judged))
    for name, wanted, verdict in (("not met", "raise", False), ("met", "comply", True)):
        quotes = [quote for found, _, quote in findings if found is verdict]
        true = [row for row in rows if row["verdict"] == wanted]
        found = [row for row in true if any(is_same(quote, row["quote"]) for quote in quotes)]
        right = [q for q in quotes if any(is_same(q, row["quote"]) for row in true)]
        print(
            f"{name}: {len(found)} of {len(true)} found; {len(right)} of {len(quotes)} quotes on one of them"
        )
        for quote in quotes:
            if quote not in right:
                traps = [r["id"] for r in rows if r["verdict"] == "trap" and is_same(quote, r["quote"])]
                print(f"  not in the truth{f' (trap {traps[0]})' if traps else ''}: {quote}")
    shown = [quote for _, _, quote in findings]
    shown += [c.quote for fact in judged.judgement.facts for c in fact.citations]
    shown += [passage.quote for passage in judged.judgement.worth_reading]
    to_raise = [row for row in rows if row["verdict"] == "raise"]
    seen = sum(any(is_same(quote, row["quote"]) for quote in shown) for row in to_raise)
    print(f"among findings, facts and passages worth reading: {seen} of {len(to_raise)} to raise")


def measure_model(name: str, answers: Path, sentences: Path | None, written: Path | None) -> None:
    """Print the table of rules, a model and both, over sentences in a document and lifelike documents."""
    from by_model import judge_by_model, print_table, score, write_sentences

    settings, answers = load_settings(), answers.resolve()
    if sentences:
        rows = read_yaml(sentences)
        prose = Path(planning_review.sample.__file__).parent / "prose"
        filler = (prose / "planning_statement.txt").read_text(encoding="utf-8")
        # Their place must not change what is asked, or no recorded answer would be found again.
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            write_sentences(rows, filler, Path("docs"))
            told = judge_by_model([Path("docs")], name, answers, settings, _DAY)
        print(f"{sentences.name}: {len(rows)} sentences in one document")
        print_table(told, score(told, [_text_of(row) for row in rows if _is_breach(row)], is_same))
    if written:
        truth = read_yaml(written / "truth.yaml")
        rows = truth if isinstance(truth, list) else truth["sentences"]
        with contextlib.chdir(written):
            told = judge_by_model([Path("docs")], name, answers, settings, _DAY)
        print(f"{written.name}: lifelike documents")
        print_table(told, score(told, [row["quote"] for row in rows if row["verdict"] == "raise"], is_same))


def _text_of(row: dict[str, Any]) -> str:
    text: str = row.get("text") or row["sentence"]
    return text


def _is_breach(row: dict[str, Any]) -> bool:
    return row.get("answer") == "breach" or row.get("breach") is True


def measure_texts(folder: Path, *, all_false: bool) -> None:
    """Print each line of a finding in a folder's texts, file by file, and how many 1,000 pages have."""
    files = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    pages = sum(len(path.read_text(encoding="utf-8", errors="replace")) for path in files) / PAGE_CHARACTERS
    counts = {False: 0, True: 0}
    started = time.monotonic()
    for path in files:
        lines = list(list_findings(judge([path])))
        for verdict in counts:
            counts[verdict] += len({name for found, name, _ in lines if found is verdict})
        for found, name, quote in lines:
            print(f"  {'met' if found else 'not met'} | {name} | {path.relative_to(folder)} | {quote}")
    seconds = (time.monotonic() - started) * 1_000 / max(pages, 1)
    kind = "false lines" if all_false else "lines"
    print(f"{folder.name}: {len(files)} files, {pages:.0f} pages, {seconds:.1f} s for 1,000 pages")
    for verdict, count in counts.items():
        name = "met" if verdict else "not met"
        print(f"  {name}: {count} {kind}, {count * 1_000 / max(pages, 1):.1f} in 1,000 pages")


def judge(paths: Sequence[Path]) -> JudgedFiles:
    """Return the judgement of some files together."""
    application = Application(reference="files", council="cherwell", register_url="")
    return judge_files([str(path) for path in paths], application, _DAY)


def list_findings(judged: JudgedFiles) -> Iterator[tuple[bool, str, str]]:
    """Yield every quote of a settled line: whether it is met, its requirement and the quote."""
    for line in judged.judgement.policy_compliance:
        if line.compliant is not None:
            for citation in line.citations:
                yield line.compliant, line.requirement_id, citation.quote


def is_same(quote: str, true: str) -> bool:
    """Return whether a quote is on what a truth file quotes."""
    one, other = fold_for_phrases(quote), fold_for_phrases(true)
    if one in other or other in one:
        return True
    words = set(other.split())
    return len(words & set(one.split())) >= 0.5 * max(len(words), len(set(one.split())))


def _rates(right: int, told: int, wanted: int) -> str:
    return f"precision {right / max(told, 1):.2f} ({right} of {told}), recall {right / max(wanted, 1):.2f}"


if __name__ == "__main__":
    main()
