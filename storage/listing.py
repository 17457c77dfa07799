"""Pages of a list of conversations by keyset, and how many there are."""

from storage import said
from storage.conversations import rows
from storage.database import Reader
from storage.lines import ConversationRow
from storage.rows import Number
from storage.ways import FEW, Part, Way, parts, walks, way
from storage.which import ALL, RANK, Order, Which, joined, place, standing


def page(
    reader: Reader,
    which: Which = ALL,
    *,
    order: Order = RANK,
    beside: ConversationRow | None = None,
    forward: bool = True,
    limit: int = 100,
    looked: said.Looked | None = None,
) -> list[ConversationRow]:
    """A page of the list, always in list order.

    It holds what follows `beside`, or with `forward=False` what stands before it; without `beside`, the first or the
    last rows. A list of words that are said very often is in another order, see `is_by_hits`, and its pages may
    be short: an empty one is the end, unless `looked` says how far it has come.
    """
    if which.match and not said.is_rare(reader, which):
        known, looked = said.named(reader, which), looked or said.Looked()
        ids = _of_many_hits(reader, known, order, beside, looked, forward=forward, limit=limit)
    else:
        wanted = said.within(said.named(reader, which)) if which.match else which
        ids = _listed(reader, wanted, order, beside, forward=forward, limit=limit)
    return rows(reader, ids if forward else ids[::-1])


def is_by_hits(reader: Reader, which: Which, *, order: Order = RANK) -> bool:
    """Whether a list is in the order of the newest hits, since its words are said too often for any other."""
    if not which.match or said.is_rare(reader, which):
        return False
    return not way(reader, which._replace(match="", leads=""), order=order).ids


def _listed(
    reader: Reader, which: Which, order: Order, beside: ConversationRow | None, *, forward: bool, limit: int
) -> list[int]:
    """A page from `beside` on, in the direction that is read."""
    start = way(reader, which, order=order)
    step = _sorted if start.ids else _walked
    return step(reader, which, start, order, beside, forward=forward, limit=limit)


def _of_many_hits(
    reader: Reader,
    which: Which,
    order: Order,
    beside: ConversationRow | None,
    looked: said.Looked,
    *,
    forward: bool,
    limit: int,
) -> list[int]:
    """The same for words that are said often.

    Where the other terms name few conversations these are looked through in their order. Else those led by who is
    called so come first, in their order, and then the others in the order of their newest hits.
    """
    rest = which._replace(match="", leads="")
    start = way(reader, rest, order=order)
    if start.ids:
        found = _sorted(reader, rest, start, order, beside, forward=forward, limit=FEW)
        return said.checked(reader, which, found, limit=limit)
    names = rest._replace(among=(said.led(which.leads)._replace(given="called"), *rest.among))
    is_led = beside is not None and said.is_led(reader, which, beside.id)
    hit = None if beside is None or is_led else said.newest(reader, which, beside.id)
    down = forward != order.ascending
    if forward:
        has_led = hit is None and looked.hit is None
        found = _listed(reader, names, order, beside, forward=True, limit=limit) if has_led else []
        if len(found) < limit:
            left = limit - len(found)
            found += said.by_hit(reader, which, beside=hit, down=down, limit=left, looked=looked)[0]
        if found:
            looked.hit = None
        return found
    found, is_end = [], True
    if not is_led:
        found, is_end = said.by_hit(reader, which, beside=hit, down=down, limit=limit, looked=looked)
    if is_end and len(found) < limit:
        beside = beside if is_led else None
        found += _listed(reader, names, order, beside, forward=False, limit=limit - len(found))
    return found


def _sorted(
    reader: Reader, which: Which, start: Way, order: Order, beside: ConversationRow | None, *, forward: bool, limit: int
) -> list[int]:
    """A page of a short list, from `beside` on in the direction that is read."""
    order_by = ["c.last_item_at", "c.id"]
    if order.by_weight:
        order_by = ["c.attention = 'waiting'", "iif(c.attention = 'waiting', c.rank, c.last_item_at)", "c.id"]
    down = forward != order.ascending
    conditions = [start.begins, start.where, standing(which.standings), *(each.where for each in which.during)]
    found = f"(SELECT DISTINCT id FROM ({start.ids})) found CROSS JOIN conversation c ON c.id = found.id"
    if start.path:
        found = f"conversation c INDEXED BY {start.path}"
    values = {**which.values, **start.values}
    if beside is not None:
        values |= dict(zip(("waits", "key", "key_id"), place(beside, order), strict=True))
        names = ":waits, :key, :key_id" if order.by_weight else ":key, :key_id"
        conditions.append(f"({', '.join(order_by)}) {'<' if down else '>'} ({names})")
    sql = f"""
        SELECT c.id AS n FROM {found} {joined(start.where)} WHERE {" AND ".join(conditions)}
        ORDER BY {", ".join(f"{each} {'DESC' if down else 'ASC'}" for each in order_by)} LIMIT :limit
    """
    return [row.n for row in reader.all(Number, sql, **values, limit=limit)]


def _walked(
    reader: Reader, which: Which, start: Way, order: Order, beside: ConversationRow | None, *, forward: bool, limit: int
) -> list[int]:
    """The same for a list that is walked in its order."""
    found: list[int] = []
    stretches = parts(order, which.standings)
    for part in stretches if forward else stretches[::-1]:
        here = beside
        if here is not None and order.by_weight and bool(place(here, order)[0]) != (part.column == "rank"):
            if bool(place(here, order)[0]) != forward:
                continue
            here = None
        left = limit - len(found)
        short = _short(reader, which, start, part, order)
        if short is not None:
            found += _sorted(reader, *short, order, here, forward=forward, limit=left)
        else:
            values: dict[str, object] = {**which.values, **start.values}
            if here is not None:
                values |= dict(zip(("key", "key_id"), place(here, order)[1:], strict=True))
            sql = _statement(which, start, part, down=forward != order.ascending, is_beside=here is not None)
            found += [row.n for row in reader.all(Number, sql, **values, limit=left)]
        if len(found) >= limit:
            break
    return found


def _short(reader: Reader, which: Which, start: Way, part: Part, order: Order) -> tuple[Which, Way] | None:
    """The way to a stretch that is short in a list that is long: sources say how their conversations stand."""
    if start.path or part.standings == which.standings or not any(each.sources for each in which.among):
        return None
    some = which._replace(standings=part.standings)
    again = way(reader, some, order=order)
    return (some, again) if again.ids else None


def _statement(which: Which, start: Way, part: Part, *, down: bool, is_beside: bool) -> str:
    """The ids of a stretch, in its order: one walk, or a merge of several."""
    column, towards = part.column, "DESC" if down else "ASC"
    bounds = f" AND (c.{column}, c.id) {'<' if down else '>'} (:key, :key_id)" if is_beside else ""
    where = start.where
    for each in which.during:
        if column == "rank":
            where = f"{each.where} AND {where}"
        elif not is_beside or each.is_newer == down:
            bounds += f" AND {each.where}"
    found = list(walks(start, part))
    if len(found) == 1:
        index, begins = found[0]
        return f"""
            SELECT c.id AS n FROM conversation c INDEXED BY {index} {joined(where)}
            WHERE {begins} AND {where}{bounds} ORDER BY c.{column} {towards}, c.id {towards} LIMIT :limit
        """
    walked = [
        f"SELECT c.id AS id, c.{column} AS at FROM conversation c INDEXED BY {index} WHERE {begins}{bounds}"
        for index, begins in found
    ]
    merged = f"{' UNION ALL '.join(walked or [_NOTHING])} ORDER BY at {towards}, id {towards}"
    if where == "1":
        return f"SELECT id AS n FROM ({merged} LIMIT :limit)"
    return f"""
        SELECT m.id AS n FROM ({merged} LIMIT -1) m CROSS JOIN conversation c ON c.id = m.id {joined(where)}
        WHERE {where} LIMIT :limit
    """


_NOTHING = "SELECT 0 AS id, 0 AS at WHERE 0"


def count(reader: Reader, which: Which = ALL, *, at_most: int = -1) -> int:
    """How many conversations are meant, counted no further than `at_most` when that is not negative."""
    if which.match:
        which = said.named(reader, which)
        if not said.is_rare(reader, which):
            return said.count(reader, which, at_most=at_most)
        which = said.within(which)
    start = way(reader, which)
    asked, begin, ids = start.where, "FROM conversation c", start.ids
    if start.path:
        begin, asked = f"{begin} INDEXED BY {start.path}", f"{start.begins} AND {asked}"
    elif which.among and not ids:
        asked, ids = start.others, which.among[0].ids
        if which.among[0].leads:
            by_lead = "CROSS JOIN conversation c INDEXED BY conversation_lead ON c.lead_id = l.id"
            begin, ids = f"FROM ({which.among[0].leads}) l {by_lead}", ""
    if ids:
        begin = f"FROM (SELECT DISTINCT id FROM ({ids})) found CROSS JOIN conversation c ON c.id = found.id"
    where = " AND ".join([asked, standing(which.standings), *(each.where for each in which.during)])
    sql = f"SELECT count(*) AS n FROM (SELECT 1 {begin} {joined(where)} WHERE {where} LIMIT :at_most)"
    return reader.one(Number, sql, **which.values, **start.values, at_most=at_most).n
