-- The field's words for what a person says of an article (must-link, cannot-link) and for the second look (reassign).

ALTER TABLE overrides DROP CONSTRAINT overrides_kind_check;
UPDATE overrides SET kind = CASE kind WHEN 'pin' THEN 'must-link' ELSE 'cannot-link' END;
ALTER TABLE overrides ADD CONSTRAINT overrides_kind_check CHECK (kind IN ('must-link', 'cannot-link'));
COMMENT ON TABLE overrides IS
    'A person''s word: this article must be in that story (must-link) or may not be (cannot-link). Binds every later run.';

ALTER TABLE story_events DROP CONSTRAINT story_events_kind_check;
UPDATE story_events SET kind = 'must-link' WHERE kind = 'pin';
ALTER TABLE story_events ADD CONSTRAINT story_events_kind_check
    CHECK (kind IN ('open', 'merge', 'split', 'move', 'must-link', 'not-topic'));

UPDATE memberships SET method = CASE method WHEN 'pin' THEN 'must-link' ELSE 'reassign' END
WHERE method IN ('pin', 'settle');
COMMENT ON COLUMN memberships.method IS
    'mix, words or vectors: the rule that matched; first: nothing to compare with; copy: with its origin; merge, split, '
    'reassign: the pass that moved it; must-link: a person.';
