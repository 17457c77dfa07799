"""One line of what `make bench` prints."""

from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True)
class Row:
    """What was measured and what it should be; `holds` is None where nothing was asked of it."""

    what: str
    measured: str
    must: str = ""
    aim: str = ""
    holds: bool | None = None

    def line(self) -> str:
        """As a line of a Markdown table."""
        verdict = "" if self.holds is None else "holds" if self.holds else "**falls short**"
        return f"| {self.what} | {self.measured} | {self.must} | {self.aim} | {verdict} |"


def p95(values: list[float]) -> float:
    """The value that one in twenty exceeds: the nearest rank."""
    return sorted(values)[ceil(len(values) * 0.95) - 1]


def middle(rounds: list[list[float]]) -> tuple[float, float]:
    """The median over rounds of what is usual in a round, and of its p95: a neighbour spoils rounds, not most."""
    return median([median(each) for each in rounds]), median([p95(each) for each in rounds])
