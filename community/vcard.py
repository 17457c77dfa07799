"""vCard: contacts as other programs keep them, in and out (pure).

Source: RFC 6350 (version 4.0), RFC 6868 (^ in parameters), RFC 9554 (SOCIALPROFILE). Version 3.0 (RFC 2426), which
most programs still write, is read as well; what is written is 4.0.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from community.errors import WrongUsage
from community.text import Clean, clean

LARGEST = 16_000_000
_MOST_CARDS = 20_000
_MOST_PROPERTIES = 500
_LONGEST_VALUE = 100_000
_OCTETS = 75
_NAME = re.compile(r"(?:[A-Za-z0-9-]{1,60}\.)?(?P<name>[A-Za-z0-9-]{1,60})(?=[;:])")
_ONE = r'(?:"[^"]*"|[^";:,]*)'
_PARAMETER = re.compile(rf";(?P<name>[A-Za-z0-9-]{{1,60}})(?:=(?P<values>{_ONE}(?:,{_ONE})*))?")
_VALUES = re.compile(r'"[^"]*"|[^,]+')
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_ESCAPES = {"n": "\n", "N": "\n"}


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card. Its name and those of its parameters are in capitals, `value` is still escaped."""

    name: str
    value: str
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self) -> Clean:
        """The value as text."""
        return clean(unescaped(self.value), limit=_LONGEST_VALUE)

    def texts(self) -> list[Clean]:
        """The value as a list of texts, parted by commas."""
        return [clean(unescaped(part), limit=_LONGEST_VALUE) for part in _parts(self.value, ",")]

    def fields(self) -> list[Clean]:
        """The value as the parts of a structured one, like a name, parted by semicolons."""
        return [clean(unescaped(part), limit=_LONGEST_VALUE) for part in _parts(self.value, ";")]


@dataclass(frozen=True, slots=True)
class Read:
    """The cards of a file, and how many were none."""

    cards: tuple[tuple[Property, ...], ...]
    refused: int


def read(data: bytes) -> Read:
    """The cards in a file, each as its properties in their order. Raises `WrongUsage` for what is no vCard at all.

    A card that is cut short, or of a version before 3.0, is refused and counted; lines that are none are left out.
    """
    if len(data) > LARGEST:
        raise WrongUsage(f"The file is larger than {LARGEST // 1_000_000} MB: split it.")
    cards: list[tuple[Property, ...]] = []
    refused = 0
    card: list[Property] | None = None
    for line in _unfolded(data.decode("utf-8-sig", "replace")):
        found = _property(line)
        if found is None:
            continue
        is_card = found.value.strip().upper() == "VCARD"
        if found.name == "BEGIN" and is_card:
            refused += card is not None
            card = []
        elif found.name == "END" and is_card:
            good = card is not None and _is_readable(card)
            if good and card is not None and len(cards) < _MOST_CARDS:
                cards.append(tuple(card))
            else:
                refused += 1
            card = None
        elif card is not None and len(card) < _MOST_PROPERTIES and len(found.value) <= _LONGEST_VALUE:
            card.append(found)
    refused += card is not None
    if not cards and not refused:
        raise WrongUsage("There is no vCard in that file: it begins with BEGIN:VCARD.")
    return Read(tuple(cards), refused)


def _is_readable(card: list[Property]) -> bool:
    version = next((each.value.strip() for each in card if each.name == "VERSION"), "")
    return version in {"3.0", "4.0"}


def _unfolded(text: str) -> Iterator[str]:
    """Logical lines: one that begins with a blank goes on with the line before it."""
    parts: list[str] = []
    for line in re.split(r"\r\n|\n|\r", text):
        if line[:1] in {" ", "\t"}:
            parts.append(line[1:])
        else:
            if parts:
                yield "".join(parts)
            parts = [line]
    if parts:
        yield "".join(parts)


def _property(line: str) -> Property | None:
    named = _NAME.match(line)
    if named is None:
        return None
    at = named.end()
    parameters: dict[str, tuple[str, ...]] = {}
    while line[at : at + 1] == ";":
        found = _PARAMETER.match(line, at)
        if found is None:
            return None
        values = [_uncareted(each.strip('"')) for each in _VALUES.findall(found["values"] or "")]
        name = found["name"].upper()
        parameters[name] = (*parameters.get(name, ()), *values)
        at = found.end()
    if line[at : at + 1] != ":":
        return None
    return Property(named["name"].upper(), line[at + 1 :], parameters)


def _uncareted(value: str) -> str:
    return re.sub(r"\^([n'^])", lambda found: _CARETS[found[1]], value)


def unescaped(value: str) -> str:
    """A value without the backslashes that commas, semicolons, line ends and backslashes have in it."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value, flags=re.DOTALL)


def _parts(value: str, mark: str) -> list[str]:
    """A value parted at every `mark` that has no backslash before it."""
    found: list[str] = []
    start = at = 0
    while at < len(value):
        if value[at] == "\\":
            at += 2
            continue
        if value[at] == mark:
            found.append(value[start:at])
            start = at + 1
        at += 1
    return [*found, value[start:]]


def write(cards: Iterable[Iterable[Property]]) -> Iterator[str]:
    """The lines of a file of version 4.0, folded, each with its line end."""
    for card in cards:
        for each in (Property("BEGIN", "VCARD"), Property("VERSION", "4.0"), *card, Property("END", "VCARD")):
            yield from _folded(_line(each))


def text(name: str, value: str, /, **parameters: str) -> Property:
    """A property that holds text."""
    return Property(name, escaped(value), {key.upper().replace("_", "-"): (each,) for key, each in parameters.items()})


def escaped(value: str) -> str:
    """Text as a value."""
    plain = value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return re.sub(r"\r\n|\r|\n", r"\\n", plain)


def _line(each: Property) -> str:
    parameters = "".join(
        f";{name}={','.join(_parameter(value) for value in values)}" for name, values in each.parameters.items()
    )
    return f"{each.name}{parameters}:{re.sub(chr(13) + '|' + chr(10), ' ', each.value)}"


def _parameter(value: str) -> str:
    safe = value.replace("^", "^^").replace('"', "^'")
    safe = "".join(char for char in re.sub(r"\r\n|\r|\n", "^n", safe) if char >= " " and char != "\x7f")
    return f'"{safe}"' if re.search(r"[;:,]", safe) else safe


def _folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 octets that cut no character in two; all but the first begin with a blank."""
    piece: list[str] = []
    size = 0
    for char in line:
        width = len(char.encode("utf-8", "replace"))
        if size + width > _OCTETS:
            yield "".join(piece) + "\r\n"
            piece, size = [" "], 1
        piece.append(char)
        size += width
    yield "".join(piece) + "\r\n"
