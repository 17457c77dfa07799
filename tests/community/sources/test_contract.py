"""What every adapter owes, whatever its platform."""

import inspect
import json
import time

import pytest

from community.secrets import Credential, Secret
from community.sources import ADAPTERS, adapter
from community.sources.base import Act, Adapter, Author, ItemKind, Repeat, Target, Tools
from community.text import clean_line
from storage.rows import Source

KINDS = list(ADAPTERS)
UNITS = {"graphemes", "codepoints", "bytes"}


def built(kind: str, secret: str = "") -> Adapter:
    tools = Tools(
        http=None,  # type: ignore[arg-type]
        credential=Credential(Secret(secret)),
        parser=None,  # type: ignore[arg-type]
        now=int(time.time()),
    )
    return adapter(kind)(tools)


def source(kind: str, options: str = "{}") -> Source:
    fields: dict[str, object] = dict.fromkeys(Source._fields)
    fields |= {"id": 1, "kind": kind, "name": "N", "address": "https://a.example/", "account": "me", "me": "me"}
    return Source(**(fields | {"options": options, "allow_hosts": "", "is_mine": 0, "state": "active"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_has_every_method_of_the_port_with_its_parameters(kind: str) -> None:
    owed = {name: each for name, each in vars(Adapter).items() if inspect.isfunction(each) and not name.startswith("_")}
    for name, method in owed.items():
        given = getattr(adapter(kind), name)
        assert list(inspect.signature(given).parameters) == list(inspect.signature(method).parameters), name
        assert inspect.iscoroutinefunction(given) == inspect.iscoroutinefunction(method), name
        assert inspect.getdoc(given), name
    assert built(kind).kind == kind


@pytest.mark.parametrize("secret", ["", "a:b"])
@pytest.mark.parametrize("options", ["{}", "[]", "null", '{"software": "no such server", "max_chars": "many"}'])
@pytest.mark.parametrize("kind", KINDS)
def test_capabilities_are_honest_and_never_fail(kind: str, options: str, secret: str) -> None:
    able = built(kind, secret).capabilities(source(kind, options))
    assert able.length.unit in UNITS
    assert able.length.limit >= 0
    assert able.min_interval_s >= 30
    assert isinstance(able.repeat, Repeat)
    assert able.acts <= set(Act)
    for act in {Act.REPLY, Act.APPROVE, Act.SPAM, Act.TRASH, Act.LIKE} - able.acts:
        assert able.why_not.get(act, "").endswith("."), f"{kind} does not say why it cannot {act}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_opening_is_made_without_the_network(kind: str) -> None:
    target = Target(
        remote_id="1",
        thread="1",
        parent_id=None,
        kind=ItemKind.REPLY,
        author=Author("n", "k", clean_line("@ann@a.example"), clean_line("Ann")),
        permalink=None,
        subject_url=None,
        extra=json.loads('{"acct": "ann@a.example", "mentions": "[]"}'),
    )
    assert isinstance(built(kind).opening(source(kind), target), str)


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_keeps_no_state_between_calls(kind: str) -> None:
    one, other = built(kind), built(kind)
    assert one is not other
    assert not [name for name, value in vars(adapter(kind)).items() if isinstance(value, list | dict | set)]
