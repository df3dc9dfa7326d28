-- The rule of a stream of one topic, which docs/stories.md explains.
COMMENT ON COLUMN memberships.method IS
    'mix, words, vectors or topical: the rule that matched; first: nothing to compare with; copy: with its origin; merge, '
    'split, reassign, settle: the pass that moved it; must-link: a person.';
