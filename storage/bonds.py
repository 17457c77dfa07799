"""Bonds: for each person what everything between us adds up to, kept so that the views of the community are quick.

Triggers write down who is due; `storage.derived` makes their bonds anew, and every transaction ends with it. So bonds are right
after a sync, a merge, a split, an undo or an import, and none of these needs to know of them.

Words are published items of theirs that are no articles. A bond holds:

- words, to_me, days: how many words, how many addressed to me, on how many days (UTC) they wrote.
- first_item_id, first_at, last_at: the first words ever and the last, over all platforms.
- habit_s: the mean time between two days of words, None before the third day.
- asked_item_id, asked_in: their last words to me when these ask something and I said nothing there since, and the
  conversation they are in.
- signals, received, given, answered: likes and boosts and follows; touchpoints received and given (mutual ones count
  as both); whether I ever said
  anything to them.
- gift_id: their latest favour, gift, introduction or letter when I gave nothing since.
- heard_at, seen_at: the last words or touchpoint received; the same or the last signal.
- quiet, quiet_at: why they count as quiet (1 I left their question open, 2 slower than their own habit, 3 a natural
  end, 0 never) and since when.
- missing_at: from when on nobody has seen them for longer than they used to stay away.
- gave: 1 a gift without thanks, 2 only ever gave, else 0.
"""

from typing import Final

DAY_S: Final = 86_400
HABIT_DAYS: Final = 3
"""From how many days of words on there is a habit."""
QUIET_DAYS: Final = 21
"""With a habit: quiet after three times the habit, and not before this."""
ENDED_DAYS: Final = 42
"""Without a habit, after words on two days: quiet after this."""
ASKED_DAYS: Final = 7
"""With a question I left open: quiet after this."""
MISSING_DAYS: Final = 30
"""Missing after twice the habit, and not before this."""
GAVE: Final = 3
"""How often somebody wrote to me, liked or gave before it counts that nothing ever went back."""

_WORDS = "i.kind <> 'article' AND i.mine = 0 AND i.status = 'published'"
_MAKE = f"""
WITH due AS MATERIALIZED (
    SELECT d.person_id FROM derived_due d JOIN person p ON p.id = d.person_id
    WHERE p.merged_into IS NULL AND p.forgotten_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM identity a WHERE a.person_id = d.person_id AND a.is_me = 1)
),
word AS (
    SELECT due.person_id, count(*) AS words, sum(i.to_me) AS to_me, count(DISTINCT i.created_at / {DAY_S}) AS days,
           min(i.created_at) AS first_at, max(i.created_at) AS last_at
    FROM due CROSS JOIN identity a ON a.person_id = due.person_id
    CROSS JOIN item i INDEXED BY item_words ON i.author_id = a.id AND {_WORDS} GROUP BY due.person_id
),
light AS (
    SELECT due.person_id, count(*) AS signals, max(g.at) AS at
    FROM due CROSS JOIN identity a ON a.person_id = due.person_id CROSS JOIN signal g ON g.identity_id = a.id
    GROUP BY due.person_id
),
touch AS (
    SELECT due.person_id, sum(t.direction <> 'received') AS given, sum(t.direction <> 'given') AS received,
           max(CASE WHEN t.direction <> 'received' THEN t.at END) AS given_at,
           max(CASE WHEN t.direction <> 'given' THEN t.at END) AS received_at
    FROM due CROSS JOIN touchpoint t ON t.person_id = due.person_id GROUP BY due.person_id
),
base AS MATERIALIZED (
    SELECT due.person_id, coalesce(w.words, 0) AS words, coalesce(w.to_me, 0) AS to_me, coalesce(w.days, 0) AS days,
           w.first_at, w.last_at,
           CASE WHEN w.days >= {HABIT_DAYS} THEN (w.last_at - w.first_at) / (w.days - 1) END AS habit_s,
           (SELECT min(i.id) FROM identity a CROSS JOIN item i INDEXED BY item_words ON i.author_id = a.id AND {_WORDS}
             WHERE a.person_id = due.person_id AND i.created_at = w.first_at) AS first_item_id,
           (SELECT i.id FROM identity a CROSS JOIN item i INDEXED BY item_words ON i.author_id = a.id AND {_WORDS}
             WHERE a.person_id = due.person_id AND i.to_me = 1
             ORDER BY i.created_at DESC, i.id DESC LIMIT 1) AS last_id,
           coalesce(l.signals, 0) AS signals, EXISTS (SELECT 1 FROM identity a CROSS JOIN item m ON m.to_id = a.id AND m.status = 'published'
             WHERE a.person_id = due.person_id) AS answered,
           coalesce(t.given, 0) AS given, coalesce(t.received, 0) AS received,
           (SELECT g.id FROM touchpoint g WHERE g.person_id = due.person_id AND g.direction = 'received'
               AND g.kind IN ('favour', 'gift', 'introduction', 'letter') AND g.at >= coalesce(t.given_at + 1, g.at)
             ORDER BY g.at DESC, g.id DESC LIMIT 1) AS gift_id,
           nullif(max(coalesce(w.last_at, 0), coalesce(t.received_at, 0)), 0) AS heard_at,
           nullif(max(coalesce(w.last_at, 0), coalesce(t.received_at, 0), coalesce(l.at, 0)), 0) AS seen_at
    FROM due LEFT JOIN word w USING (person_id) LEFT JOIN light l USING (person_id)
    LEFT JOIN touch t USING (person_id)
),
told AS MATERIALIZED (
    SELECT base.*, (SELECT i.id FROM item i WHERE i.id = base.last_id AND i.asks = 1
        AND NOT EXISTS (SELECT 1 FROM item m WHERE m.conversation_id = i.conversation_id AND m.mine = 1
            AND m.status = 'published' AND m.created_at >= i.created_at)) AS asked_item_id
    FROM base
),
judged AS (
    SELECT told.*, CASE WHEN asked_item_id IS NOT NULL THEN 1 WHEN habit_s IS NOT NULL THEN 2
        WHEN days = 2 THEN 3 ELSE 0 END AS quiet FROM told
)
INSERT INTO derived_bond
SELECT person_id, words, to_me, days, first_item_id, first_at, last_at, habit_s, asked_item_id,
       (SELECT i.conversation_id FROM item i WHERE i.id = asked_item_id), signals, heard_at,
       seen_at, answered, given, received, gift_id, quiet,
       CASE quiet WHEN 1 THEN heard_at + {ASKED_DAYS * DAY_S}
           WHEN 2 THEN heard_at + max({QUIET_DAYS * DAY_S}, 3 * habit_s)
           WHEN 3 THEN heard_at + {ENDED_DAYS * DAY_S} END,
       seen_at + max({MISSING_DAYS * DAY_S}, 2 * coalesce(habit_s, 0)),
       CASE WHEN gift_id IS NOT NULL THEN 1
           WHEN given = 0 AND answered = 0 AND to_me + signals + received >= {GAVE} THEN 2 ELSE 0 END
FROM judged WHERE words > 0 OR seen_at IS NOT NULL
"""
STEPS = (
    "DELETE FROM derived_bond WHERE person_id IN (SELECT person_id FROM derived_due)",
    _MAKE,
    "DELETE FROM derived_topic WHERE person_id IN (SELECT person_id FROM derived_due)",
    f"""
    INSERT OR IGNORE INTO derived_topic
    SELECT t.tag, d.person_id FROM derived_due d JOIN person_tag t ON t.person_id = d.person_id
    UNION SELECT t.tag, d.person_id FROM derived_due d CROSS JOIN identity a ON a.person_id = d.person_id AND a.is_me = 0
    CROSS JOIN item i INDEXED BY item_words ON i.author_id = a.id AND {_WORDS}
    CROSS JOIN conversation_tag t ON t.conversation_id = i.conversation_id
    """,
    "DELETE FROM derived_due",
)
"""What makes the bonds of everybody who is due anew, for `storage.derived`."""
