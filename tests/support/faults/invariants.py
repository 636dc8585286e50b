"""What must hold whatever happens: judged from outside, on what customers saw, what the rows say,
and what the provider wrote into its books. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from support.faults.customer import GENERATING, Customer

Kind = Literal["lost", "doubled", "hung", "wrong"]
Row = dict[str, Any]
_ENDS = {"done", "failed", "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``calls``: the provider's books. ``rebuilt``: where the log disagrees with the rows.
    ``dead``: messages in dead queues. ``buried``: dead letters that operators can see.
    ``expected_buried``: how many of those the fault itself put there.
    """

    customers: Sequence[Customer]
    projects: Sequence[Row]
    runs: Sequence[Row]
    notices: Sequence[Row]
    unpublished: int
    dead: dict[str, int]
    buried: Sequence[Row]
    calls: Sequence[Row]
    rebuilt: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    expected_buried: int = 0


def violations(seen: Evidence) -> list[Violation]:
    """Everything that does not hold."""
    checks = (_lost, _hung, _doubled_runs, _doubled_calls, _notices, _progress, _messages, _log)
    return [found for check in checks for found in check(seen)]


def _lost(seen: Evidence) -> Iterator[Violation]:
    rows = {str(row["id"]): row for row in seen.projects}
    for customer in seen.customers:
        row = rows.get(customer.project)
        if row is None:
            yield Violation(kind="lost", text=f"{customer.project}: accepted, and not there")
        elif customer.ended and not customer.deleted and row["status"] != customer.ended:
            yield Violation(
                kind="wrong",
                text=f"{customer.project} is {row['status']}, its user saw {customer.ended}",
            )
        elif row["status"] == "FAILED" and not (row["error"] or {}).get("code"):
            yield Violation(kind="wrong", text=f"{customer.project}: failed without a reason")


def _hung(seen: Evidence) -> Iterator[Violation]:
    for row in _of_customers(seen, seen.runs):
        if row["state"] == "active":
            yield Violation(kind="hung", text=f"run {row['id']} of {row['project_id']} is active")
    for customer in seen.customers:
        if not customer.ended and not customer.deleted:
            yield Violation(kind="hung", text=f"{customer.project}: its user never saw an end")


def _doubled_runs(seen: Evidence) -> Iterator[Violation]:
    """An order is a script run and the production that follows it; a retry is one or both."""
    names = Counter(row["title"] for row in seen.projects)
    runs = Counter(str(row["project_id"]) for row in seen.runs)
    for customer in seen.customers:
        if names[customer.name] > 1:
            yield Violation(
                kind="doubled", text=f"{customer.name}: {names[customer.name]} projects"
            )
        if runs[customer.project] > 2 * customer.orders:
            yield Violation(
                kind="doubled",
                text=f"{customer.project}: {runs[customer.project]} runs of {customer.orders}",
            )


def _doubled_calls(seen: Evidence) -> Iterator[Violation]:
    """An input is paid for once, and once more for each time that the user agreed to it."""
    agreed = {customer.name: customer.second_charges for customer in seen.customers}
    paid = Counter(
        (call["about"], call["kind"], call["input"]) for call in seen.calls if call["charged"]
    )
    for (about, kind, asked), times in paid.items():
        if about in agreed and times > 1 + agreed[about]:
            yield Violation(kind="doubled", text=f"{about}: {kind} {asked} paid {times} times")


def _notices(seen: Evidence) -> Iterator[Violation]:
    """One for every run that ended, but for a script whose video follows by itself."""
    told: dict[str, list[str]] = defaultdict(list)
    for row in seen.notices:
        told[str(row["run_id"])].append(row["kind"])
    for run in _of_customers(seen, seen.runs):
        silent = run["kind"] == "script" and run["state"] == "done"
        if run["state"] not in _ENDS or silent:
            continue
        kinds = told[str(run["id"])]
        if len(kinds) != 1:
            kind: Kind = "doubled" if kinds else "lost"
            yield Violation(kind=kind, text=f"run {run['id']} ({run['state']}): notices {kinds}")


def _progress(seen: Evidence) -> Iterator[Violation]:
    for customer in seen.customers:
        by_run: dict[str, list[int]] = defaultdict(list)
        for status in customer.seen:
            if status["runId"]:
                by_run[status["runId"]].append(status["progress"])
            if status["progress"] == 100 and status["status"] in GENERATING:
                yield Violation(kind="wrong", text=f"{customer.project}: 100 % before its end")
        for run, percents in by_run.items():
            if percents != sorted(percents):
                yield Violation(kind="wrong", text=f"{run}: progress fell, {percents}")
        if customer.ended == "EDITING" and customer.playable is False:
            yield Violation(kind="lost", text=f"{customer.project}: its video does not play")


def _messages(seen: Evidence) -> Iterator[Violation]:
    if seen.unpublished:
        yield Violation(kind="lost", text=f"{seen.unpublished} rows of the outbox never went out")
    for queue, count in seen.dead.items():
        if count:
            yield Violation(kind="lost", text=f"{count} messages in {queue}, where nobody looks")
    if len(seen.buried) != seen.expected_buried:
        kinds = Counter(f"{row['queue']}: {row['reason'][:80]}" for row in seen.buried)
        wanted = seen.expected_buried
        yield Violation(kind="wrong", text=f"{len(seen.buried)} buried, not {wanted}: {kinds}")


def _log(seen: Evidence) -> Iterator[Violation]:
    for project, differences in seen.rebuilt.items():
        yield Violation(kind="wrong", text=f"{project}: the log says otherwise: {differences}")


def _of_customers(seen: Evidence, rows: Sequence[Row]) -> list[Row]:
    known = {customer.project for customer in seen.customers}
    return [row for row in rows if str(row["project_id"]) in known]
