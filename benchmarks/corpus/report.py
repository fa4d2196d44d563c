"""The tables that a person reads after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.corpus.examine import Examined
from benchmarks.measuring import table

OUTCOMES = ("fixable", "needs-review", "reported", "suppressed", "failed")
HEADING = (
    *("project", "files", "lines"),
    *OUTCOMES,
    *("declined", "failures", "seconds", "MB", "checks"),
)


def tables(examined: Sequence[Examined]) -> str:
    """Every project and the total; what was declined and why; what is wrong."""
    rows = [HEADING, *(project_row(each) for each in examined)]
    if len(examined) > 1:
        rows.append(total_row(examined))
    parts = [table(rows), *by_rule(examined)]
    parts += counted("finding's reason", (each.said.reasons for each in examined))
    parts += counted("declined because", (each.said.declined_reasons for each in examined))
    wrong = [f"{each.project}: {problem}" for each in examined for problem in each.problems]
    parts.append("\n".join(wrong) if wrong else "All checks passed.")
    return "\n\n".join(parts)


def by_rule(examined: Sequence[Examined]) -> list[str]:
    """Outcomes by rule over all projects, where there are several rules."""
    found: dict[str, Counter[str]] = {}
    for each in examined:
        for finding in each.said.findings:
            found.setdefault(finding["rule"], Counter())[finding["outcome"]] += 1
        for declined in each.said.declined:
            found.setdefault(declined["rule"], Counter())["declined"] += 1
    columns = (*OUTCOMES, "declined")
    rows = [
        (rule, *(str(counts[column]) for column in columns))
        for rule, counts in sorted(found.items())
    ]
    return [table([("rule", *columns), *rows])] if rows else []


def project_row(each: Examined) -> tuple[str, ...]:
    said = each.said
    return (
        *(each.project, str(said.found), str(each.lines)),
        *(str(said.outcomes[outcome]) for outcome in OUTCOMES),
        *(str(len(said.declined)), str(len(said.failed))),
        *(f"{each.run.wall:.1f}", f"{each.run.peak / 1e6:.0f}"),
        f"{len(each.problems)} wrong" if each.problems else "passed",
    )


def total_row(examined: Sequence[Examined]) -> tuple[str, ...]:
    rows = [project_row(each) for each in examined]
    sums = [str(sum(int(row[column]) for row in rows)) for column in range(1, 10)]
    seconds = sum(each.run.wall for each in examined)
    peak = max(each.run.peak for each in examined)
    wrong = sum(len(each.problems) for each in examined)
    checks = f"{wrong} wrong" if wrong else "passed"
    return ("total", *sums, f"{seconds:.1f}", f"{peak / 1e6:.0f}", checks)


def counted(title: str, counters: Iterable[Counter[str]]) -> list[str]:
    together: Counter[str] = Counter()
    for counter in counters:
        together.update(counter)
    if not together:
        return []
    return [table([(title, "places"), *((k, str(n)) for k, n in together.most_common())])]
