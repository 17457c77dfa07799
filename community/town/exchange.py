"""Requests and answers as plain values, so that a face never touches a socket."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

_LIST_MARK = re.compile(r"\[\d*\]$")


class Fields:
    """Named text values in order, the way queries, forms and flat JSON all carry them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = [(_LIST_MARK.sub("", name), value) for name, value in pairs]

    def __contains__(self, name: str) -> bool:
        return any(name == known for known, _ in self.pairs)

    def get(self, name: str, default: str = "") -> str:
        """The first value of `name`."""
        return next((value for known, value in self.pairs if known == name), default)

    def every(self, name: str) -> list[str]:
        """All values of `name`; a name may be repeated and may end in `[]`."""
        return [value for known, value in self.pairs if known == name]

    def commas(self, name: str) -> list[str]:
        """All values of `name`, each split at its commas, blanks dropped."""
        return [part.strip() for value in self.every(name) for part in value.split(",") if part.strip()]

    def flag(self, name: str) -> bool:
        """Whether `name` says yes."""
        return self.get(name).lower() in {"1", "true", "on", "yes"}


@dataclass(frozen=True)
class Request:
    """One request as read from the wire; header names are lower case, `path` is decoded."""

    method: str
    path: str
    query: Fields
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def form(self) -> Fields:
        """The body's fields, form or JSON, followed by those of the query. Raises ValueError on broken JSON."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not self.body:
            pairs: list[tuple[str, str]] = []
        elif kind == "application/json":
            pairs = list(_flat("", json.loads(self.body)))
        else:
            pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return Fields([*pairs, *self.query.pairs])


@dataclass(frozen=True)
class Response:
    """One answer: status, content type and body, and whatever headers it needs on top."""

    status: int
    kind: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`data` as a JSON answer."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, "application/json; charset=utf-8", body, headers or {})


def html_answer(page: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`page` as an HTML answer."""
    return Response(status, "text/html; charset=utf-8", page.encode(), headers or {})


def moved(address: str, status: int = 301) -> Response:
    """A redirect to `address`."""
    return Response(status, "text/plain; charset=utf-8", b"", {"Location": address})


def _flat(name: str, value: object) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}[{key}]" if name else str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(name, inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)
