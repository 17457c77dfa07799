"""The daily loop with the real program against the town: list, show, reply, and the answer comes back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from program import Demo, Program

LIST = {
    "id", "title", "source", "source_id", "kind", "attention", "reasons", "last_incoming_at", "last_outgoing_at",
    "people", "items", "subject", "subject_url", "waiting_since", "snoozed_until", "draft",
}  # fmt: skip
ITEM = {
    "id", "parent_id", "author", "text", "created_at", "permalink", "mine", "pending", "depth", "status", "kind",
}  # fmt: skip
AUTHOR = {"identity_id", "person_id", "handle", "name"}
OUTBOX = {
    "id", "state", "act", "conversation_id", "item_id", "title", "to", "source", "source_id", "kind", "text", "error",
    "account", "note", "remote_id", "permalink", "attempts", "not_before", "created_at", "updated_at", "settled_at",
}  # fmt: skip
DESK = {
    "id", "conversation_id", "source", "source_id", "status", "author", "text", "subject", "created_at", "on_its_way",
}  # fmt: skip


def waiting(demo: Demo, query: str = "is:waiting") -> list[Any]:
    return list(demo.kith("list", *query.split(), "--json").each)


def test_the_demo_says_where_everything_is(demo: Demo) -> None:
    assert set(demo.told) == {"workspace", "base_url", "sources"}
    assert {source["kind"] for source in demo.told["sources"]} == {"wordpress", "mastodon", "feed"}
    assert all(set(source) == {"id", "kind", "name", "address", "account"} for source in demo.told["sources"])
    workspace = Path(demo.told["workspace"])
    assert all(path.stat().st_mode & 0o077 == 0 for path in [workspace, *workspace.iterdir()])


def test_everything_is_there_when_the_demo_says_so(demo: Demo) -> None:
    rows = waiting(demo, "is:any")
    assert any(row["attention"] == "waiting" for row in rows)
    assert all(set(row) == LIST for row in rows)
    first = next(row for row in rows if row["reasons"])
    assert isinstance(first["last_incoming_at"], int)
    assert all(set(person) == AUTHOR for person in first["people"])
    assert demo.kith("list", "is:any", "--limit", "2", "--json").each == rows[:2]


def test_a_reply_is_sent_and_its_answer_arrives(demo: Demo, eventually: Callable[[Callable[[], object]], None]) -> None:
    row = next(row for row in waiting(demo, "is:waiting from:maria"))
    before = demo.kith("show", str(row["id"]), "--json").one
    assert set(before) == LIST | {"tags", "outcomes", "unsent"}
    assert all(set(item) == ITEM and set(item["author"]) == AUTHOR for item in before["items"])

    sent = demo.kith("reply", str(row["id"]), "--send", "--json", "--text",
                     "One file for each session.\x1b[31m\r\n  //promise send the list by in 3 days")  # fmt: skip
    assert sent.code == 0
    assert set(sent.one) == OUTBOX
    assert sent.one["state"] == "sent"
    assert sent.one["text"] == "One file for each session.\ufffd[31m"
    [promise] = [loop for loop in demo.kith("loops", "--json").each if loop["text"] == "send the list"]
    assert (promise["what"], promise["person"]) == ("promise", "Maria Lindqvist")

    after = demo.kith("show", str(row["id"]), "--json").one
    assert "promise" not in str(after["items"])
    mine = [item for item in after["items"] if item["mine"]]
    assert len(mine) == len([item for item in before["items"] if item["mine"]]) + 1
    assert mine[-1]["parent_id"] == sent.one["item_id"]
    assert after["attention"] == "answered"

    def answered() -> bool:
        assert demo.kith("sync", "--json").code == 0
        return len(demo.kith("show", str(row["id"]), "--json").one["items"]) > len(after["items"])

    eventually(answered)
    last = demo.kith("show", str(row["id"]), "--json").one
    assert last["attention"] == "waiting"
    assert last["items"][-1]["depth"] == 2


def test_a_draft_stays_until_it_is_sent_by_its_number(demo: Demo) -> None:
    row = next(row for row in waiting(demo) if row["kind"] == "mastodon")
    made = demo.kith("reply", str(row["id"]), "--json", typed="It does.\n")
    assert (made.code, made.one["state"]) == (0, "draft")
    assert made.one["text"].startswith("@")
    again = demo.kith("reply", str(row["id"]), "--text", "It does, I hope.", "--json").one
    assert again["state"] == "draft"
    kept = {entry["id"]: entry["state"] for entry in demo.kith("outbox", "--json").each}
    assert kept[made.one["id"]] == "cancelled"
    assert demo.kith("send", "--json").out == ""
    assert demo.kith("show", str(row["id"]), "--json").one["unsent"] == [again]
    sent = demo.kith("send", str(again["id"]), "--json")
    assert (sent.code, sent.one["state"]) == (0, "sent")
    assert sent.one["permalink"].startswith(demo.told["base_url"])
    assert demo.kith("send", str(again["id"])).code == 2


def test_a_pending_comment_is_approved(demo: Demo) -> None:
    found = demo.kith("desk", "--json").each
    assert all(set(row) == DESK and row["status"] == "pending" for row in found)
    chosen = next(row for row in found if row["author"]["name"].startswith("Oskar"))
    done = demo.kith("desk", "approve", str(chosen["id"]), "--json")
    assert (done.code, done.one["state"], done.one["act"]) == (0, "sent", "approve")
    assert chosen["id"] not in [row["id"] for row in demo.kith("desk", "list", "--json").each]
    shown = demo.kith("show", str(chosen["conversation_id"]), "--json").one
    assert [item["pending"] for item in shown["items"] if item["id"] == chosen["id"]] == [False]


def test_what_was_done_is_undone(demo: Demo) -> None:
    row = waiting(demo)[-1]
    for verb, stands in ((["done"], "done"), (["rest"], "resting"), (["snooze", "in", "3", "days"], "snoozed")):
        changed = demo.kith(verb[0], str(row["id"]), *verb[1:], "--json")
        assert (changed.code, changed.one["attention"]) == (0, stands)
        assert "Undone" in demo.kith("undo", "--json").one["said"]
        assert row["id"] in [each["id"] for each in waiting(demo)]


def test_a_person_is_found_noted_and_tagged(demo: Demo) -> None:
    listed = demo.kith("person", "list", "--json").each
    assert all(
        set(row)
        == {"id", "name", "stage", "first_contact_at", "last_contact_at", "waiting", "networks", "tags", "ways"}
        for row in listed
    )
    noted = demo.kith("person", "note", "greta", "Asks", "hard questions.", "--json").one
    assert set(noted) == {
        "id", "name", "stage", "first_contact_at", "last_contact_at", "last_incoming_at", "last_outgoing_at", "tags",
        "identities", "notes", "promises", "timeline",
        "stage_at", "suggestion", "cadence", "overdue", "resting_at", "waits", "asked", "ways",
    }  # fmt: skip
    assert noted["notes"][0]["text"] == "Asks hard questions."
    assert demo.kith("person", "tag", str(noted["id"]), "book", "-old", "--json").one["tags"].count("book") == 1
    assert demo.kith("search", "hard", "questions", "--json").each[0]["what"] == "note"
    assert demo.kith("person", "show", "o").code == 2


def test_sync_reports_every_source_also_while_a_watcher_leads(demo: Demo) -> None:
    alone = demo.kith("sync", "--json").one
    assert set(alone) == {"sources", "new_items", "waiting"}
    assert all(set(row) == {"id", "kind", "name", "ok", "new_items", "error"} for row in alone["sources"])
    assert all(row["ok"] and row["error"] is None for row in alone["sources"])
    watcher = demo.kith.begin("sync", "--watch", "--json", "--until-eof")
    assert watcher.stdin is not None
    assert watcher.stdout is not None
    assert watcher.stdout.readline()
    led = demo.kith("sync", "--json")
    assert (led.code, [row["id"] for row in led.one["sources"]]) == (0, [row["id"] for row in alone["sources"]])
    second = demo.kith("sync", "--watch")
    assert (second.code, second.out) == (0, "")
    assert "up to date already" in second.err
    row = next(row for row in waiting(demo) if row["kind"] == "wordpress")
    sent = demo.kith("reply", str(row["id"]), "--text", "Through the watcher.", "--send", "--json")
    assert (sent.code, sent.one["state"]) == (0, "sent")
    watcher.stdin.close()
    assert watcher.wait(timeout=20) == 0
    watcher.stdout.close()
    assert watcher.stderr is not None
    assert watcher.stderr.read() == b""
    watcher.stderr.close()


def test_status_is_one_line_and_its_json_has_every_count(demo: Demo) -> None:
    line = demo.kith("status")
    assert line.code == 0
    assert line.out.count("\n") == 1
    assert " wait" in line.out
    assert set(demo.kith("status", "--json").one) == {
        "waiting", "new", "pending", "snoozed", "drafts", "queued", "by_hand", "failed", "uncertain", "sources",
        "failing",
    }  # fmt: skip


def test_the_doctor_finds_the_demo_well(demo: Demo) -> None:
    found = demo.kith("doctor", "--json")
    assert found.code == 0
    assert all(set(row) == {"about", "level", "text", "mend"} for row in found.each)


def test_the_log_names_no_secret(demo: Demo) -> None:
    demo.kith("sync")
    log = (demo.kith.workspace / "kith.log").read_text("utf-8")
    assert "source" in log
    assert demo.secret("mastodon") not in log
    assert demo.secret("wordpress") not in log


def test_feeds_go_out_and_come_in_again(demo: Demo, kith: Program) -> None:
    written = demo.kith("export", "opml")
    assert written.code == 0
    found = kith("import", "opml", "-", "--json", typed=written.out)
    assert set(found.one) == {"added", "known", "refused"}
    assert len(found.one["added"]) == len([each for each in demo.told["sources"] if each["kind"] == "feed"])
    assert kith("import", "opml", "-", "--json", typed=written.out).one["added"] == []


def test_where_there_is_no_way_in_a_reply_is_posted_by_hand(demo: Demo) -> None:
    row = next(row for row in waiting(demo, "is:any source:drawer") if row["kind"] == "feed")
    handed = demo.kith("reply", str(row["id"]), "--text", "So do I.", "--send")
    assert handed.code == 1, handed.out + handed.err
    assert "is to be posted by hand" in handed.out
    assert f"Paste it at http://{demo.place}" in handed.out
    [entry] = [each for each in demo.kith("outbox", "list", "is:by-hand", "--json").each if each["text"] == "So do I."]
    assert "kith outbox posted" in demo.kith("send", str(entry["id"])).err
    assert demo.kith("outbox", "posted", str(entry["id"])).out == "Counted as posted.\n"
    shown = demo.kith("show", str(row["id"]), "--json").one
    assert (shown["attention"], shown["items"][-1]["text"]) == ("answered", "So do I.")
    assert demo.kith("undo").code == 0
    assert demo.kith("outbox", "edit", str(entry["id"]), "--json").one["state"] == "draft"


def test_a_reply_can_wait_for_its_time_and_for_their_silence(demo: Demo) -> None:
    row = waiting(demo, "is:waiting source:square")[0]
    asked = ("reply", str(row["id"]), "--text", "Later, perhaps.", "--if-silent")
    assert "--if-silent goes with --at" in demo.kith(*asked).err
    assert demo.kith(*asked, "--at", "yesterday").code == 2
    made = demo.kith(*asked, "--at", "in 2 hours")
    assert made.code == 0
    assert "unless they write first" in made.out
    [entry] = [each for each in demo.kith("outbox", "--json").each if "Later, perhaps." in each["text"]]
    assert entry["state"] == "queued"
    assert demo.kith("outbox", "cancel", str(entry["id"]), "--json").one["state"] == "draft"
