-- Which articles were looked at again after they were placed: so that the pass can be a step of its own, killed and run
-- again at any moment. What was placed before counts as done.
ALTER TABLE articles ADD COLUMN reassigned_at timestamptz DEFAULT 'epoch';
ALTER TABLE articles ALTER COLUMN reassigned_at DROP DEFAULT;
CREATE INDEX articles_unreassigned ON articles (clustered_at) WHERE clustered_at IS NOT NULL AND reassigned_at IS NULL;
COMMENT ON COLUMN articles.reassigned_at IS
    'When the article was first looked at again, together with those that came after it; null while that is to come.';
