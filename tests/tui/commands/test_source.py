"""Adding a source from the command line, with right and wrong credentials."""

from typing import Any

from program import Demo, Program, Ran

ADDED = {
    "id", "kind", "name", "address", "account", "can", "cannot", "new_items", "waiting", "error", "also",
}  # fmt: skip
LISTED = {
    "id", "kind", "name", "address", "account", "state", "health", "error", "checked_at", "succeeded_at",
    "next_check_at", "credential", "can", "cannot",
}  # fmt: skip


def blog(demo: Demo) -> dict[str, Any]:
    return next(each for each in demo.told["sources"] if each["kind"] == "wordpress")


def add_blog(demo: Demo, kith: Program, *more: str, **environment: str) -> Ran:
    return kith(
        "source", "add", blog(demo)["address"], "--kind", "wordpress", "--allow-host", demo.place, "--json", *more,
        **environment,
    )  # fmt: skip


def test_a_blog_is_added_with_a_credential_from_the_environment(demo: Demo, kith: Program) -> None:
    added = add_blog(demo, kith, "--credential-env", "BLOG", BLOG=demo.login)
    assert (added.code, added.err) == (0, "")
    assert set(added.one) == ADDED
    assert added.one["account"] == blog(demo)["account"]
    assert {"read", "reply", "approve"} <= set(added.one["can"])
    assert added.one["new_items"] > 0
    assert 0 < added.one["waiting"] <= 25
    listed = kith("source", "list", "--json").each
    assert [set(row) for row in listed] == [LISTED]
    assert listed[0]["credential"] is True
    assert demo.secret("wordpress") not in (kith.workspace / "kith.db").read_bytes().decode("latin-1")
    assert (kith.workspace / "credentials.json").stat().st_mode & 0o077 == 0
    again = add_blog(demo, kith)
    assert again.code == 2
    assert "already" in again.err


def test_a_credential_as_people_type_it_is_taken_with_the_account(demo: Demo, kith: Program) -> None:
    password = demo.secret("wordpress")
    assert " " in password
    account = blog(demo)["account"]
    added = add_blog(demo, kith, "--account", account, "--credential-env", "BLOG", BLOG=password)
    assert (added.code, added.err) == (0, "")


def test_a_credential_is_asked_from_a_command_without_a_shell(demo: Demo, kith: Program) -> None:
    command = f"printf %s '{demo.login}'"
    assert add_blog(demo, kith, "--credential-command", command).code == 0
    assert "printf" in (kith.workspace / "credentials.json").read_text()
    assert kith("source", "check", "1", "--json").one["ok"] is True


def test_a_wrong_password_adds_nothing_and_says_so(demo: Demo, kith: Program) -> None:
    refused = add_blog(demo, kith, "--credential-env", "BLOG", BLOG="alex:wrong wrong wrong wrong")
    assert refused.code == 1
    assert refused.out == ""
    assert refused.err.startswith("kith: ")
    assert "wrong wrong" not in refused.err
    assert kith("source", "list", "--json").out == ""


def test_a_command_that_gives_nothing_adds_nothing(demo: Demo, kith: Program) -> None:
    refused = add_blog(demo, kith, "--credential-command", "false")
    assert (refused.code, refused.out) == (1, "")
    assert "`false` gave no credential" in refused.err
    assert kith("source", "list", "--json").out == ""


def test_a_source_that_needs_a_credential_asks_for_it_before_anything_is_stored(demo: Demo, kith: Program) -> None:
    refused = kith(
        "source", "add", demo.told["base_url"], "--kind", "mastodon", "--allow-host", demo.place, "--json"
    )  # fmt: skip
    assert refused.code == 2
    assert "--credential-env" in refused.err
    assert kith("source", "list", "--json").out == ""


def test_private_places_are_refused_unless_they_are_allowed(demo: Demo, kith: Program) -> None:
    refused = kith("source", "add", blog(demo)["address"], "--json")
    assert refused.code == 1
    assert "private network" in refused.err
    assert kith("source", "add", blog(demo)["address"], "--allow-host", "nonsense").code == 2


def test_a_feed_is_found_and_its_backlog_makes_nobody_wait(demo: Demo, kith: Program) -> None:
    feed = next(each for each in demo.told["sources"] if each["kind"] == "feed")
    added = kith("source", "add", feed["address"], "--allow-host", demo.place, "--json")
    assert added.code == 0
    assert (added.one["kind"], added.one["waiting"]) == ("feed", 0)
    assert "reply" in added.one["cannot"]


def test_a_removed_source_is_itself_again_when_it_is_added_again(demo: Demo, kith: Program) -> None:
    def add_again() -> Ran:
        return add_blog(demo, kith, "--credential-env", "BLOG", BLOG=demo.login)

    first = add_again().one
    items = len(kith("list", "is:any", "--json").each)
    assert kith("source", "remove", str(first["id"]), "--json").code == 0
    second = add_again()
    assert (second.code, second.err) == (0, "")
    assert second.one["id"] == first["id"]
    assert len(kith("list", "is:any", "--json").each) == items
    assert len(kith("source", "list", "--json").each) == 1


def test_a_source_is_paused_resumed_and_removed(demo: Demo, kith: Program) -> None:
    feed = next(each for each in demo.told["sources"] if each["kind"] == "feed")
    kith("source", "add", feed["address"], "--allow-host", demo.place, "--json")
    assert kith("source", "pause", "1", "--json").one["state"] == "paused"
    assert kith("sync", "--source", "1").code == 2
    assert kith("source", "resume", "1", "--json").one["state"] == "active"
    assert kith("source", "remove", "1", "--json").one["state"] == "removed"
    assert kith("source", "remove", "1").code == 2


def test_a_server_that_is_down_fails_by_name_and_the_others_go_on(demo: Demo, kith: Program) -> None:
    feeds = [each for each in demo.told["sources"] if each["kind"] == "feed"][:2]
    for feed in feeds:
        assert kith("source", "add", feed["address"], "--allow-host", demo.place, "--json").code == 0
    gone = b'<opml><outline text="Gone" xmlUrl="http://127.0.0.1:9/feed"/></opml>'
    assert kith("import", "opml", "-", "--json", typed=gone.decode()).one["added"] == ["http://127.0.0.1:9/feed"]
    read = kith("sync", "--json")
    assert read.code == 1
    assert [row["ok"] for row in sorted(read.one["sources"], key=lambda row: row["id"])] == [True, True, False]
    failed = next(row for row in read.one["sources"] if not row["ok"])
    assert failed["error"]
    assert "Gone" in kith("status").out
    assert kith("doctor").code == 1


def test_the_end_of_a_source_is_told_before_anything_is_frozen(demo: Demo) -> None:
    source = next(each for each in demo.told["sources"] if each["kind"] == "mastodon")
    report = demo.kith("source", "sunset", str(source["id"]), "--json").one
    assert (report["state"], report["lost"] > 0, report["reachable"] > 0) == ("active", True, True)
    people = {person["name"]: person for person in report["people"]}
    assert (people["Kemi O."]["lost"], people["Kemi O."]["reach"]) == (True, "no way")
    assert not people["Ines Duarte"]["lost"]
    assert any(way["where"].endswith("/ines") for way in people["Ines Duarte"]["elsewhere"])
    again = demo.kith("source", "sunset", str(source["id"]), "--undo", "--json")
    assert again.code == 2
    assert "is not frozen" in again.err


def there(demo: Demo, handle: str) -> int:
    """Who has that account."""
    rows = demo.kith("person", "list", "--json").each
    return next(int(row["id"]) for row in rows if any(way["where"].startswith(handle) for way in row["ways"]))


def test_a_persons_own_feed_is_found_from_their_site(demo: Demo) -> None:
    found = demo.kith("person", "feeds", "tomás", "--json")
    assert (found.code, found.err) == (0, "")
    assert [(each["kind"], "tomas" in each["address"]) for each in found.each] == [("feed", True)]
    nobody = demo.kith("person", "feeds", str(there(demo, "@kemi")))
    assert nobody.code == 2
    assert "No site of Kemi O. is known" in nobody.err


def test_the_views_of_the_community_find_the_people_of_the_town(untouched: Demo) -> None:
    def view(name: str) -> dict[str, dict[str, Any]]:
        rows = untouched.kith("person", "list", "--view", name, "--json").each
        assert all(row["view"] == name and row["why"] and row["reason"] for row in rows)
        return {row["name"]: row for row in rows}

    assert view("quiet")["Tomás Rey"]["reason"] == "question"
    assert view("quiet")["Anneke Vos"]["reason"] == "habit"
    assert view("missing")["Anneke Vos"]["reason"] == "stage"
    assert view("unmet")["Tomás Rey"]["with"]["name"] == "Anneke Vos"
    assert view("first")["Maria Lindqvist"]["reason"] == "new"
    assert view("gave")["Greta Hollund"]["reason"] == "gift"
    assert "Wendeline Kok" in view("overdue")
    assert untouched.kith("person", "list", "--view", "loud").code == 2
