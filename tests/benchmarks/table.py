"""One line of what `make bench` prints."""

from dataclasses import dataclass


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
    """The value that one in twenty exceeds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
