-- What reviewers said of a story, which review asks for which digest, and every answer with what became of it.
ALTER TABLE digests
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN corrects integer,
    ADD COLUMN edited_by text,
    ADD COLUMN edited_at timestamptz;
COMMENT ON COLUMN digests.revision IS
    'Counts the changes of a draft''s text. An answer is taken only for the revision that its reviewer was shown.';
COMMENT ON COLUMN digests.corrects IS 'The version of the same day that was published before this one; null where none was.';
COMMENT ON COLUMN digests.edited_by IS 'Who changed the draft last.';

ALTER TABLE digest_drops ADD COLUMN headline text NOT NULL DEFAULT '';
COMMENT ON COLUMN digest_drops.headline IS 'The headline that the story would have had; empty in rows of before.';

CREATE TABLE review_words (
    topic     text NOT NULL REFERENCES topics,
    day       date NOT NULL,
    story_id  bigint NOT NULL REFERENCES stories,
    actor     text NOT NULL,
    at        timestamptz NOT NULL,
    dropped   boolean NOT NULL DEFAULT false,
    pulled_in boolean NOT NULL DEFAULT false,
    pinned    boolean NOT NULL DEFAULT false,
    place     integer,
    headline  text,
    summary   text,
    reason    text NOT NULL DEFAULT '',
    PRIMARY KEY (topic, day, story_id)
);
COMMENT ON TABLE review_words IS
    'What a reviewer said of a story in the digest of a day. It binds each later draft of that day; left out, the story stays out of later days too, until it is pulled in.';
COMMENT ON COLUMN review_words.place IS 'Where the reviewer put it among the stories, from 1; null leaves it to the ranking.';
COMMENT ON COLUMN review_words.headline IS 'The headline that the reviewer wrote; null leaves that of the article.';

CREATE TABLE review_asks (
    digest_id bigint NOT NULL REFERENCES digests ON DELETE CASCADE,
    dag_id    text NOT NULL,
    run_id    text NOT NULL,
    revision  integer NOT NULL,
    asked_at  timestamptz NOT NULL,
    ended_at  timestamptz,
    ended_as  text,
    PRIMARY KEY (digest_id, dag_id, run_id)
);
COMMENT ON TABLE review_asks IS 'The pending actions in Airflow: which run asks for a decision on which revision of which digest, and how it ended.';

CREATE TABLE review_answers (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest_id bigint NOT NULL REFERENCES digests ON DELETE CASCADE,
    at        timestamptz NOT NULL,
    actor     text NOT NULL,
    via       text NOT NULL,
    wanted    text NOT NULL CHECK (wanted IN ('publish', 'reject', 'hold')),
    outcome   text NOT NULL CHECK (outcome IN ('taken', 'refused')),
    reason    text NOT NULL DEFAULT ''
);
CREATE INDEX review_answers_digest ON review_answers (digest_id);
COMMENT ON TABLE review_answers IS 'Every answer to a review: who gave it, where, and whether it was taken; a refused one changed nothing and says why.';
COMMENT ON COLUMN review_answers.via IS 'Where it was given: Airflow''s form, the review page or a terminal.';

-- What was left out by a person before this table was there binds as well.
INSERT INTO review_words (topic, day, story_id, actor, at, dropped, reason)
SELECT DISTINCT ON (d.topic, d.day, x.story_id) d.topic, d.day, x.story_id, x.actor, coalesce(d.reviewed_at, d.drafted_at), true, x.reason
FROM digest_drops x JOIN digests d ON d.id = x.digest_id
WHERE x.actor <> 'pipeline' ORDER BY d.topic, d.day, x.story_id, d.version DESC;
UPDATE digests d SET corrects = (
    SELECT max(f.version) FROM digests f
    WHERE f.topic = d.topic AND f.day = d.day AND f.version < d.version AND f.published_at IS NOT NULL)
WHERE d.version > 1;
