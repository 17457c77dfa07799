CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    account TEXT NOT NULL DEFAULT '',
    me TEXT NOT NULL DEFAULT '',
    is_mine INTEGER NOT NULL DEFAULT 0,
    options TEXT NOT NULL DEFAULT '{}',
    allow_hosts TEXT NOT NULL DEFAULT '',
    cursor TEXT,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'stopped', 'removed', 'sunset')),
    health TEXT NOT NULL DEFAULT 'new' CHECK (health IN ('new', 'ok', 'failing', 'limited', 'refused', 'gone')),
    health_text TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,
    syncing_at INTEGER,
    checked_at INTEGER,
    succeeded_at INTEGER,
    next_check_at INTEGER NOT NULL DEFAULT 0,
    backlog_done_at INTEGER,
    person_id INTEGER REFERENCES person,
    created_at INTEGER NOT NULL,
    UNIQUE (kind, address, account)
);
CREATE INDEX source_person ON source (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX source_name ON source (name, kind);
CREATE INDEX source_by_name ON source (name COLLATE NOCASE, id) WHERE state <> 'removed';
CREATE INDEX source_removed ON source (id) WHERE state = 'removed';
CREATE INDEX source_due ON source (next_check_at) WHERE state = 'active';

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    stage TEXT NOT NULL DEFAULT 'stranger',
    stage_at INTEGER,
    created_at INTEGER NOT NULL,
    first_contact_at INTEGER,
    last_incoming_at INTEGER,
    last_outgoing_at INTEGER,
    last_contact_at INTEGER,
    cadence_s INTEGER,
    cadence_max_s INTEGER,
    pace_s INTEGER,
    pace_max_s INTEGER,
    resting_at INTEGER,
    suggested TEXT,
    stage_kept_at INTEGER,
    forgotten_at INTEGER,
    merged_into INTEGER REFERENCES person
);
CREATE INDEX person_forgotten ON person (forgotten_at) WHERE forgotten_at IS NOT NULL;
CREATE INDEX person_contact ON person (last_contact_at DESC, id DESC) WHERE last_contact_at IS NOT NULL;
CREATE INDEX person_stage ON person (stage, last_contact_at DESC, id DESC);
CREATE INDEX person_suggested ON person (last_contact_at DESC, id DESC) WHERE suggested IS NOT NULL;
CREATE INDEX person_overdue ON person (coalesce(last_contact_at, created_at) + pace_max_s, id)
    WHERE pace_max_s IS NOT NULL AND resting_at IS NULL AND merged_into IS NULL;

CREATE TABLE identity (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    network TEXT NOT NULL,
    key TEXT NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT,
    email_hash TEXT,
    links TEXT NOT NULL DEFAULT '[]',
    is_me INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    UNIQUE (network, key)
);
CREATE INDEX identity_person ON identity (person_id);
CREATE INDEX identity_taken_in ON identity (person_id)
    WHERE network IN ('card', 'mail', 'phone', 'web') OR (network >= 'profile' AND network < 'profilf');
CREATE INDEX identity_me ON identity (person_id) WHERE is_me = 1;

-- Who was forgotten for good: a keyed hash of network and key, so that a later sync does not bring them back.
CREATE TABLE forgotten (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

-- What of an identity may be found at another: written when it is added or renamed. `role` says whose an address is:
-- its own page, one it says is its own, or one that is proved to be.
CREATE TABLE evidence (
    identity_id INTEGER NOT NULL REFERENCES identity ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'address', 'handle', 'name')),
    value TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT '' CHECK (role IN ('', 'own', 'says', 'proved')),
    PRIMARY KEY (kind, value, identity_id)
) WITHOUT ROWID;
CREATE INDEX evidence_identity ON evidence (identity_id);

-- Two people who share evidence, and what follows: kept up to date with every change of the above, never by a scan.
CREATE TABLE likeness (
    one_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (one_id, other_id, kind, value)
) WITHOUT ROWID;
CREATE INDEX likeness_evidence ON likeness (kind, value);
CREATE INDEX likeness_other ON likeness (other_id);
CREATE TABLE suggestion (
    one_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    weight INTEGER NOT NULL,
    is_left INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (one_id, other_id)
) WITHOUT ROWID;
CREATE INDEX suggestion_other ON suggestion (other_id, one_id);
CREATE INDEX suggestion_weight ON suggestion (is_left, weight DESC, one_id, other_id);

-- What the user said about two identities that looked like one person; it outlives every merge.
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    one_id INTEGER NOT NULL REFERENCES identity,
    other_id INTEGER NOT NULL REFERENCES identity,
    said TEXT NOT NULL CHECK (said IN ('refused', 'left')),
    at INTEGER NOT NULL,
    UNIQUE (one_id, other_id)
);
CREATE INDEX verdict_other ON verdict (other_id);

-- Two people became one: what moved, so that it can go back at any time.
CREATE TABLE merging (
    id INTEGER PRIMARY KEY,
    kept_id INTEGER NOT NULL REFERENCES person,
    other_id INTEGER NOT NULL REFERENCES person,
    moved TEXT NOT NULL,
    at INTEGER NOT NULL,
    taken_back_at INTEGER
);
CREATE INDEX merging_kept ON merging (kept_id) WHERE taken_back_at IS NULL;
CREATE INDEX merging_other ON merging (other_id) WHERE taken_back_at IS NULL;

CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source,
    thread TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    subject_url TEXT,
    attention TEXT NOT NULL DEFAULT 'done'
        CHECK (attention IN ('waiting', 'reading', 'answered', 'snoozed', 'done', 'resting', 'muted')),
    rank REAL NOT NULL DEFAULT 0,
    reasons TEXT NOT NULL DEFAULT '[]',
    lead_id INTEGER REFERENCES identity,
    waiting_since INTEGER,
    last_incoming_at INTEGER,
    last_outgoing_at INTEGER,
    last_item_at INTEGER NOT NULL DEFAULT 0,
    items INTEGER NOT NULL DEFAULT 0,
    last_item_id INTEGER NOT NULL DEFAULT 0,
    seen_item_id INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER,
    done_item_id INTEGER,
    snoozed_until INTEGER,
    snoozed_item_id INTEGER,
    woken_at INTEGER,
    resting_at INTEGER,
    resting_item_id INTEGER,
    muted_at INTEGER,
    starred_at INTEGER,
    remind_at INTEGER,
    refreshed_at INTEGER,
    derived_voices INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source_id, thread)
);
-- Only what waits has a weight: every other list is in the order of time.
CREATE INDEX conversation_all
    ON conversation (last_item_at DESC, id DESC, attention, lead_id, source_id, derived_voices);
CREATE INDEX conversation_recent ON conversation (attention, last_item_at DESC, id DESC, lead_id, derived_voices);
CREATE INDEX conversation_source ON conversation (source_id, attention, last_item_at DESC, id DESC);
CREATE INDEX conversation_lead ON conversation (lead_id, last_item_at DESC, id DESC, attention);
CREATE INDEX conversation_rank ON conversation (rank DESC, id DESC, lead_id, source_id, last_item_at, derived_voices)
    WHERE attention = 'waiting';
CREATE INDEX conversation_source_rank ON conversation (source_id, rank DESC, id DESC) WHERE attention = 'waiting';
CREATE INDEX conversation_lead_rank ON conversation (lead_id, rank DESC, id DESC) WHERE attention = 'waiting';
CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE attention = 'snoozed';
CREATE INDEX conversation_remind ON conversation (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX conversation_new ON conversation (last_item_at DESC, id DESC, attention) WHERE last_item_id > seen_item_id;
CREATE INDEX conversation_starred ON conversation (last_item_at DESC, id DESC, attention, rank, starred_at)
    WHERE starred_at IS NOT NULL;
CREATE INDEX conversation_back ON conversation (last_item_at DESC, id DESC)
    WHERE woken_at IS NOT NULL AND attention = 'waiting';
CREATE INDEX conversation_mine ON conversation (last_item_at DESC, id DESC) WHERE last_outgoing_at IS NOT NULL;
CREATE INDEX conversation_question ON conversation (last_item_at DESC, id DESC)
    WHERE attention = 'waiting' AND instr(reasons, '"question"') > 0;
CREATE INDEX conversation_lead_remind ON conversation (lead_id, remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source,
    conversation_id INTEGER NOT NULL REFERENCES conversation,
    remote_id TEXT NOT NULL,
    parent_remote_id TEXT,
    author_id INTEGER NOT NULL REFERENCES identity,
    kind TEXT NOT NULL CHECK (kind IN ('article', 'comment', 'mention', 'reply', 'message')),
    status TEXT NOT NULL DEFAULT 'published'
        CHECK (status IN ('published', 'pending', 'spam', 'trash', 'deleted')),
    to_me INTEGER NOT NULL DEFAULT 0,
    mine INTEGER NOT NULL DEFAULT 0,
    asks INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL,
    raw_html BLOB,
    permalink TEXT,
    extra TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    fetched_at INTEGER NOT NULL,
    answers_item_id INTEGER REFERENCES item,
    to_id INTEGER REFERENCES identity,
    UNIQUE (source_id, remote_id)
);
CREATE INDEX item_to ON item (to_id, created_at DESC, id DESC, status) WHERE to_id IS NOT NULL;
CREATE INDEX item_conversation ON item (conversation_id, created_at, id, author_id);
CREATE INDEX item_author ON item (author_id, created_at DESC, id DESC, status, conversation_id);
CREATE INDEX item_answers ON item (answers_item_id) WHERE answers_item_id IS NOT NULL;
CREATE INDEX item_article ON item (created_at DESC, id DESC, source_id, author_id, conversation_id, mine, status, kind)
    WHERE kind = 'article';
CREATE INDEX item_article_author ON item (author_id, created_at DESC, id DESC, source_id, kind) WHERE kind = 'article';
CREATE INDEX item_article_source ON item (source_id, created_at DESC, id DESC, author_id, kind) WHERE kind = 'article';
CREATE INDEX item_desk ON item (status, created_at DESC, id DESC, source_id, conversation_id)
    WHERE status IN ('pending', 'spam', 'trash');

CREATE INDEX item_words ON item (author_id, conversation_id, created_at, to_me, kind, mine, status)
    WHERE kind <> 'article' AND mine = 0 AND status = 'published';

-- A bit for each person who wrote in a conversation: storage/voices.py. Where it is not known who, anybody may have.
CREATE TRIGGER item_ai_voice AFTER INSERT ON item
WHEN NOT EXISTS (
    SELECT 1 FROM conversation c, identity a WHERE c.id = new.conversation_id AND a.id = new.author_id
        AND c.derived_voices & (1 << a.person_id % 62)) BEGIN
    UPDATE conversation SET derived_voices = derived_voices
        | coalesce((SELECT 1 << person_id % 62 FROM identity WHERE id = new.author_id), -1)
    WHERE id = new.conversation_id;
END;
CREATE TRIGGER item_au_voice AFTER UPDATE OF author_id, conversation_id ON item
WHEN (old.author_id, old.conversation_id) <> (new.author_id, new.conversation_id) BEGIN
    UPDATE conversation SET derived_voices = derived_voices
        | coalesce((SELECT 1 << person_id % 62 FROM identity WHERE id = new.author_id), -1)
    WHERE id = new.conversation_id;
END;
CREATE TRIGGER identity_au_voice AFTER UPDATE OF person_id ON identity WHEN old.person_id <> new.person_id BEGIN
    UPDATE conversation SET derived_voices = derived_voices | (1 << new.person_id % 62)
    WHERE id IN (SELECT conversation_id FROM item WHERE author_id = new.id);
END;
CREATE TABLE signal (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source,
    remote_id TEXT NOT NULL,
    identity_id INTEGER NOT NULL REFERENCES identity,
    kind TEXT NOT NULL,
    item_remote_id TEXT,
    at INTEGER NOT NULL,
    UNIQUE (source_id, remote_id)
);
CREATE INDEX signal_identity ON signal (identity_id, at DESC, id DESC);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    act TEXT NOT NULL CHECK (act IN ('reply', 'approve', 'hold', 'spam', 'trash', 'like', 'boost')),
    source_id INTEGER NOT NULL REFERENCES source,
    item_id INTEGER NOT NULL REFERENCES item,
    conversation_id INTEGER NOT NULL REFERENCES conversation,
    account TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    asides TEXT NOT NULL DEFAULT '',
    body TEXT,
    key TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('draft', 'queued', 'sending', 'sent', 'failed', 'uncertain', 'cancelled', 'by hand')),
    attempt INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    first_tried_at INTEGER,
    first_tried_up TEXT,
    started_at INTEGER,
    not_before INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    remote_id TEXT,
    permalink TEXT,
    remind_after_s INTEGER,
    only_if_silent INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    settled_at INTEGER
);
CREATE UNIQUE INDEX outbox_draft ON outbox (item_id) WHERE state = 'draft' AND act = 'reply';
CREATE INDEX outbox_state ON outbox (state, not_before, id);
CREATE INDEX outbox_conversation ON outbox (conversation_id, id);

CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX note_person ON note (person_id, at DESC, id DESC);

CREATE TABLE touchpoint (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    kind TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('given', 'received', 'mutual')),
    text TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    conversation_id INTEGER REFERENCES conversation
);
CREATE INDEX touchpoint_person ON touchpoint (person_id, at DESC, id DESC);

CREATE TABLE promise (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    conversation_id INTEGER REFERENCES conversation,
    text TEXT NOT NULL,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    kept_at INTEGER,
    outbox_id INTEGER REFERENCES outbox ON DELETE SET NULL
);
CREATE INDEX promise_open ON promise (due_at) WHERE kept_at IS NULL;
CREATE INDEX promise_to ON promise (person_id) WHERE kept_at IS NULL;
CREATE INDEX promise_person ON promise (person_id, created_at DESC, id DESC);
CREATE INDEX promise_outbox ON promise (outbox_id) WHERE outbox_id IS NOT NULL;

CREATE TABLE stage_change (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL
);
CREATE INDEX stage_change_person ON stage_change (person_id, at DESC, id DESC);

-- What came of a relationship, or of one conversation: everything before it is what led there.
CREATE TABLE outcome (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person,
    kind TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    conversation_id INTEGER REFERENCES conversation
);
CREATE INDEX outcome_person ON outcome (person_id, at DESC, id DESC);
CREATE INDEX outcome_conversation ON outcome (conversation_id) WHERE conversation_id IS NOT NULL;

CREATE TABLE person_tag (
    person_id INTEGER NOT NULL REFERENCES person,
    tag TEXT NOT NULL,
    PRIMARY KEY (person_id, tag)
) WITHOUT ROWID;
CREATE INDEX person_tag_tag ON person_tag (tag, person_id);

CREATE TABLE tag_cadence (
    tag TEXT PRIMARY KEY,
    cadence_s INTEGER NOT NULL,
    cadence_max_s INTEGER NOT NULL
) WITHOUT ROWID;

-- A person's pace is their own cadence, else the strictest of their tags.
CREATE TRIGGER pace_own AFTER UPDATE OF cadence_s, cadence_max_s ON person WHEN new.cadence_s IS NOT NULL BEGIN
    UPDATE person SET pace_s = new.cadence_s, pace_max_s = new.cadence_max_s WHERE id = new.id;
END;
CREATE TRIGGER pace_not_own AFTER UPDATE OF cadence_s, cadence_max_s ON person WHEN new.cadence_s IS NULL BEGIN
    UPDATE person SET (pace_s, pace_max_s) = (
        SELECT c.cadence_s, c.cadence_max_s FROM person_tag t JOIN tag_cadence c ON c.tag = t.tag
        WHERE t.person_id = person.id ORDER BY c.cadence_max_s, c.cadence_s LIMIT 1)
    WHERE cadence_s IS NULL AND id = new.id;
END;
CREATE TRIGGER pace_with_tag AFTER INSERT ON person_tag BEGIN
    UPDATE person SET (pace_s, pace_max_s) = (
        SELECT c.cadence_s, c.cadence_max_s FROM person_tag t JOIN tag_cadence c ON c.tag = t.tag
        WHERE t.person_id = person.id ORDER BY c.cadence_max_s, c.cadence_s LIMIT 1)
    WHERE cadence_s IS NULL AND id = new.person_id;
END;
CREATE TRIGGER pace_without_tag AFTER DELETE ON person_tag BEGIN
    UPDATE person SET (pace_s, pace_max_s) = (
        SELECT c.cadence_s, c.cadence_max_s FROM person_tag t JOIN tag_cadence c ON c.tag = t.tag
        WHERE t.person_id = person.id ORDER BY c.cadence_max_s, c.cadence_s LIMIT 1)
    WHERE cadence_s IS NULL AND id = old.person_id;
END;
CREATE TRIGGER pace_of_tag AFTER INSERT ON tag_cadence BEGIN
    UPDATE person SET (pace_s, pace_max_s) = (
        SELECT c.cadence_s, c.cadence_max_s FROM person_tag t JOIN tag_cadence c ON c.tag = t.tag
        WHERE t.person_id = person.id ORDER BY c.cadence_max_s, c.cadence_s LIMIT 1)
    WHERE cadence_s IS NULL AND id IN (SELECT person_id FROM person_tag WHERE tag = new.tag);
END;
CREATE TRIGGER pace_of_no_tag AFTER DELETE ON tag_cadence BEGIN
    UPDATE person SET (pace_s, pace_max_s) = (
        SELECT c.cadence_s, c.cadence_max_s FROM person_tag t JOIN tag_cadence c ON c.tag = t.tag
        WHERE t.person_id = person.id ORDER BY c.cadence_max_s, c.cadence_s LIMIT 1)
    WHERE cadence_s IS NULL AND id IN (SELECT person_id FROM person_tag WHERE tag = old.tag);
END;

CREATE TABLE conversation_tag (
    conversation_id INTEGER NOT NULL REFERENCES conversation,
    tag TEXT NOT NULL,
    PRIMARY KEY (conversation_id, tag)
) WITHOUT ROWID;
CREATE INDEX conversation_tag_tag ON conversation_tag (tag, conversation_id);

CREATE TABLE saved_view (
    name TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    action TEXT NOT NULL,
    label TEXT NOT NULL,
    changes TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_at INTEGER
);

-- Everything ever stored can be found: items in one index, who there is and what the user wrote about them in others.
CREATE VIRTUAL TABLE item_fts USING fts5(
    title, text, content = 'item', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- Seldom merges, never all of a level at a stroke, and a lot of items as one segment: half of the price.
INSERT INTO item_fts (item_fts, rank) VALUES ('automerge', 16), ('crisismerge', 32), ('hashsize', 16777216);
-- New items are given to the search together, at the end of a transaction (storage/derived.py): one by one, each would
-- be a segment of its own, at three times the price.
CREATE TABLE derived_unfound (item_id INTEGER PRIMARY KEY);
CREATE TRIGGER item_ai AFTER INSERT ON item BEGIN
    INSERT OR IGNORE INTO derived_unfound VALUES (new.id);
END;
CREATE TRIGGER item_ad AFTER DELETE ON item BEGIN
    INSERT INTO item_fts (item_fts, rowid, title, text) SELECT 'delete', old.id, old.title, old.text
        WHERE NOT EXISTS (SELECT 1 FROM derived_unfound WHERE item_id = old.id);
    DELETE FROM derived_unfound WHERE item_id = old.id;
END;
CREATE TRIGGER item_au AFTER UPDATE OF title, text ON item
WHEN NOT EXISTS (SELECT 1 FROM derived_unfound WHERE item_id = old.id) BEGIN
    INSERT INTO item_fts (item_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
    INSERT INTO item_fts (rowid, title, text) VALUES (new.id, new.title, new.text);
END;

-- Names stand apart from what the user wrote. The rowid is the row's own id times two, plus one for an identity.
CREATE VIRTUAL TABLE name_fts USING fts5(text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE TRIGGER person_ai AFTER INSERT ON person BEGIN
    INSERT INTO name_fts (rowid, text) VALUES (new.id * 2, new.name);
END;
CREATE TRIGGER person_au AFTER UPDATE OF name ON person BEGIN
    UPDATE name_fts SET text = new.name WHERE rowid = new.id * 2;
END;
CREATE TRIGGER person_ad AFTER DELETE ON person BEGIN
    DELETE FROM name_fts WHERE rowid = old.id * 2;
END;
CREATE TRIGGER identity_ai AFTER INSERT ON identity BEGIN
    INSERT INTO name_fts (rowid, text) VALUES (new.id * 2 + 1, new.handle || ' ' || new.name || ' ' || coalesce(new.url, ''));
END;
CREATE TRIGGER identity_au AFTER UPDATE OF handle, name, url ON identity BEGIN
    UPDATE name_fts SET text = new.handle || ' ' || new.name || ' ' || coalesce(new.url, '') WHERE rowid = new.id * 2 + 1;
END;
CREATE TRIGGER identity_ad AFTER DELETE ON identity BEGIN
    DELETE FROM name_fts WHERE rowid = old.id * 2 + 1;
END;

-- The rowid is the row's own id times eight plus what it is: 0 outcome, 3 note, 4 touchpoint, 5 promise, 6 outbox,
-- 7 stage_change.
CREATE VIRTUAL TABLE memo_fts USING fts5(text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE TRIGGER note_ai AFTER INSERT ON note BEGIN
    INSERT INTO memo_fts (rowid, text) VALUES (new.id * 8 + 3, new.text);
END;
CREATE TRIGGER note_au AFTER UPDATE OF text ON note BEGIN
    UPDATE memo_fts SET text = new.text WHERE rowid = new.id * 8 + 3;
END;
CREATE TRIGGER note_ad AFTER DELETE ON note BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 3;
END;
CREATE TRIGGER touchpoint_ai AFTER INSERT ON touchpoint BEGIN
    INSERT INTO memo_fts (rowid, text) VALUES (new.id * 8 + 4, new.kind || ' ' || new.text);
END;
CREATE TRIGGER touchpoint_ad AFTER DELETE ON touchpoint BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 4;
END;
CREATE TRIGGER promise_ai AFTER INSERT ON promise BEGIN
    INSERT INTO memo_fts (rowid, text) VALUES (new.id * 8 + 5, new.text);
END;
CREATE TRIGGER promise_au AFTER UPDATE OF text ON promise BEGIN
    UPDATE memo_fts SET text = new.text WHERE rowid = new.id * 8 + 5;
END;
CREATE TRIGGER promise_ad AFTER DELETE ON promise BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 5;
END;
CREATE TRIGGER outbox_ai AFTER INSERT ON outbox WHEN new.text <> '' BEGIN
    INSERT INTO memo_fts (rowid, text) VALUES (new.id * 8 + 6, new.text);
END;
CREATE TRIGGER outbox_au AFTER UPDATE OF text ON outbox BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 6;
    INSERT INTO memo_fts (rowid, text) SELECT new.id * 8 + 6, new.text WHERE new.text <> '';
END;
CREATE TRIGGER outbox_ad AFTER DELETE ON outbox BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 6;
END;
CREATE TRIGGER stage_change_ai AFTER INSERT ON stage_change WHEN new.why <> '' BEGIN
    INSERT INTO memo_fts (rowid, text) VALUES (new.id * 8 + 7, new.why);
END;
CREATE TRIGGER stage_change_au AFTER UPDATE OF why ON stage_change BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 7;
    INSERT INTO memo_fts (rowid, text) SELECT new.id * 8 + 7, new.why WHERE new.why <> '';
END;
CREATE TRIGGER stage_change_ad AFTER DELETE ON stage_change BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8 + 7;
END;
CREATE TRIGGER outcome_ai AFTER INSERT ON outcome BEGIN
    INSERT INTO memo_fts (rowid, text) VALUES (new.id * 8, new.kind || ' ' || new.text);
END;
CREATE TRIGGER outcome_ad AFTER DELETE ON outcome BEGIN
    DELETE FROM memo_fts WHERE rowid = old.id * 8;
END;

-- What follows from everything above: it is made anew for the people in derived_due at the end of each transaction
-- (storage/bonds.py says how), and is neither exported nor imported.
CREATE TABLE derived_due (person_id INTEGER PRIMARY KEY);
CREATE TABLE derived_bond (
    person_id INTEGER PRIMARY KEY,
    words INTEGER NOT NULL,
    to_me INTEGER NOT NULL,
    days INTEGER NOT NULL,
    first_item_id INTEGER,
    first_at INTEGER,
    last_at INTEGER,
    habit_s INTEGER,
    asked_item_id INTEGER,
    asked_in INTEGER,
    signals INTEGER NOT NULL,
    heard_at INTEGER,
    seen_at INTEGER,
    answered INTEGER NOT NULL,
    given INTEGER NOT NULL,
    received INTEGER NOT NULL,
    gift_id INTEGER,
    quiet INTEGER NOT NULL,
    quiet_at INTEGER,
    missing_at INTEGER,
    gave INTEGER NOT NULL
);
CREATE INDEX bond_first ON derived_bond (first_at DESC, person_id DESC) WHERE first_at IS NOT NULL;
CREATE INDEX bond_asked ON derived_bond (asked_in) WHERE asked_in IS NOT NULL;
CREATE INDEX bond_quiet ON derived_bond (quiet, quiet_at DESC, person_id DESC) WHERE quiet > 0;
CREATE INDEX bond_missing ON derived_bond (missing_at DESC, person_id DESC) WHERE missing_at IS NOT NULL;
CREATE INDEX bond_gave ON derived_bond (gave, seen_at DESC, person_id DESC) WHERE gave > 0;
CREATE TABLE derived_topic (
    tag TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    PRIMARY KEY (tag, person_id)
) WITHOUT ROWID;
CREATE INDEX topic_person ON derived_topic (person_id, tag);

CREATE TRIGGER item_ai_due AFTER INSERT ON item WHEN new.kind <> 'article' OR new.mine = 1 BEGIN
    INSERT OR IGNORE INTO derived_due
        SELECT person_id FROM identity WHERE id = CASE new.mine WHEN 0 THEN new.author_id ELSE new.to_id END
        UNION SELECT person_id FROM derived_bond WHERE new.mine = 1 AND asked_in = new.conversation_id;
END;
CREATE TRIGGER item_au_due AFTER UPDATE ON item
WHEN (old.author_id, old.conversation_id, old.kind, old.status, old.mine, old.to_me, old.asks, old.created_at, old.to_id)
  IS NOT (new.author_id, new.conversation_id, new.kind, new.status, new.mine, new.to_me, new.asks, new.created_at,
      new.to_id) BEGIN
    INSERT OR IGNORE INTO derived_due
        SELECT person_id FROM identity WHERE id IN (old.author_id, new.author_id, old.to_id, new.to_id)
        UNION SELECT person_id FROM derived_bond WHERE asked_in IN (old.conversation_id, new.conversation_id)
        UNION SELECT a.person_id FROM item i JOIN identity a ON a.id = i.author_id
        WHERE old.mine = 1 AND (old.conversation_id, old.status) <> (new.conversation_id, new.status)
          AND i.conversation_id = old.conversation_id AND i.mine = 0;
END;
CREATE TRIGGER item_ad_due AFTER DELETE ON item BEGIN
    INSERT OR IGNORE INTO derived_due
        SELECT person_id FROM identity WHERE id IN (old.author_id, old.to_id)
        UNION SELECT a.person_id FROM item i JOIN identity a ON a.id = i.author_id
        WHERE old.mine = 1 AND i.conversation_id = old.conversation_id AND i.mine = 0;
END;
CREATE TRIGGER signal_ai_due AFTER INSERT ON signal BEGIN
    INSERT OR IGNORE INTO derived_due SELECT person_id FROM identity WHERE id = new.identity_id;
END;
CREATE TRIGGER signal_ad_due AFTER DELETE ON signal BEGIN
    INSERT OR IGNORE INTO derived_due SELECT person_id FROM identity WHERE id = old.identity_id;
END;
CREATE TRIGGER touchpoint_ai_due AFTER INSERT ON touchpoint BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (new.person_id);
END;
CREATE TRIGGER touchpoint_au_due AFTER UPDATE ON touchpoint BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (old.person_id), (new.person_id);
END;
CREATE TRIGGER touchpoint_ad_due AFTER DELETE ON touchpoint BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (old.person_id);
END;
CREATE TRIGGER identity_au_due AFTER UPDATE OF person_id, is_me ON identity BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (old.person_id), (new.person_id);
END;
CREATE TRIGGER identity_ad_due AFTER DELETE ON identity BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (old.person_id);
END;
CREATE TRIGGER person_au_due AFTER UPDATE OF merged_into, forgotten_at ON person BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (new.id);
END;
CREATE TRIGGER person_ad_due AFTER DELETE ON person BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (old.id);
END;
CREATE TRIGGER person_tag_ai_due AFTER INSERT ON person_tag BEGIN
    INSERT OR IGNORE INTO derived_topic VALUES (new.tag, new.person_id);
END;
CREATE TRIGGER person_tag_ad_due AFTER DELETE ON person_tag BEGIN
    INSERT OR IGNORE INTO derived_due VALUES (old.person_id);
END;
CREATE TRIGGER conversation_tag_ai_due AFTER INSERT ON conversation_tag BEGIN
    INSERT OR IGNORE INTO derived_topic
        SELECT new.tag, a.person_id FROM item i JOIN identity a ON a.id = i.author_id
        WHERE i.conversation_id = new.conversation_id AND i.kind <> 'article' AND i.mine = 0 AND i.status = 'published';
END;
CREATE TRIGGER conversation_tag_ad_due AFTER DELETE ON conversation_tag BEGIN
    INSERT OR IGNORE INTO derived_due
        SELECT a.person_id FROM item i JOIN identity a ON a.id = i.author_id
        WHERE i.conversation_id = old.conversation_id AND i.mine = 0;
END;
