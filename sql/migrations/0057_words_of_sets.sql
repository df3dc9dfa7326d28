-- The closed sets of words that columns hold, as CHECKs, with what each word means in one view.
--
-- CHECKs, not reference tables: a foreign key locks the row that it points at, and here each entry, request and article
-- would lock the same few rows of a small table, from every worker at once. Not enums either: a word of theirs cannot be
-- taken away. A later migration that changes a set makes the view anew and calls hold_to_meanings for the column.
-- What is prose (a reviewer's reason, why a feed is paused) or open (classes of errors, words of mail servers in
-- deliveries.outcome) has no set. The same sets stand in pipeline/models/sets.py; a test compares them.

CREATE VIEW wirewatch.meanings AS
SELECT split_part(of, '.', 1) AS table_name, split_part(of, '.', 2) AS column_name, value, pattern, says FROM (VALUES
('alerts.kind','story-spreads',NULL,'a story is told by as many independent outlets as the topic has set'),
('alerts.kind','feed-died',NULL,'a feed was paused, or withdrawn by its server'),
('alerts.kind','no-collection',NULL,'nothing was collected for longer than is set'),
('alerts.kind','notice',NULL,'what only happened, such as a run that failed, and did not arrive at once'),
('article_revisions.kind','first',NULL,'the first wording that was had'),
('article_revisions.kind','correction',NULL,'the outlet says that it corrected something'),
('article_revisions.kind','update',NULL,'the text says something else than before'),
('article_revisions.kind','minor',NULL,'a few words are others'),
('article_revisions.kind','unknown',NULL,'an older version wrote a word that is not known now'),
('article_topics.rule','query+seed',NULL,'words and closeness'),
('article_topics.rule','query',NULL,'words; the model does not read the language'),
('article_topics.rule','seed',NULL,'closeness; the topic has no terms in the language'),
('article_topics.rule','groups',NULL,'a required group is missing'),
('article_topics.rule','elsewhere',NULL,'[not] terms tipped it'),
('article_topics.rule','window',NULL,'published outside the topic''s days'),
('article_topics.rule','person',NULL,'somebody''s word'),
('article_topics.rule','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.author_rule','json-ld',NULL,'the page''s linked data'),
('articles.author_rule','meta',NULL,'the page''s meta tags'),
('articles.author_rule','markup',NULL,'the page''s microdata and rel=author'),
('articles.author_rule','byline',NULL,'a line of the page''s body'),
('articles.author_rule','desk',NULL,'nobody but the newsroom is credited'),
('articles.author_rule','feed',NULL,'the feed'),
('articles.author_rule','missing',NULL,'nobody is credited'),
('articles.author_rule','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.kind','article',NULL,'a whole article'),
('articles.kind','teaser',NULL,'the first lines of one'),
('articles.kind','liveblog',NULL,'a page that grows through a day'),
('articles.kind','roundup',NULL,'several subjects in one text'),
('articles.kind','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.language_rule','script',NULL,'a script that one language alone uses'),
('articles.language_rule','agreed',NULL,'the detector and a declaration'),
('articles.language_rule','detected',NULL,'the detector, which is sure, or has nothing to agree with'),
('articles.language_rule','declared',NULL,'the page'),
('articles.language_rule','feed',NULL,'the feed'),
('articles.language_rule','missing',NULL,'nothing says it'),
('articles.language_rule','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.ownership','state',NULL,'a government decides what it says'),
('articles.ownership','public',NULL,'funded by law, independent of the government of the day'),
('articles.ownership','private',NULL,'neither; whoever owns it'),
('articles.ownership','agency',NULL,'a news wire that sells to others and takes no orders from a government'),
('articles.published_rule','json-ld',NULL,'the page''s linked data'),
('articles.published_rule','meta',NULL,'the page''s meta tags'),
('articles.published_rule','url',NULL,'the day that the address names'),
('articles.published_rule','feed',NULL,'the feed'),
('articles.published_rule','headline',NULL,'the date printed beside the headline'),
('articles.published_rule','script',NULL,'data of the page''s scripts'),
('articles.published_rule','text',NULL,'a date in the text'),
('articles.published_rule','updated',NULL,'a date in the text of which the page says that it is that of a change'),
('articles.published_rule','first-seen',NULL,'nothing states it; the first sighting stands in'),
('articles.published_rule','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.reason','bad-url',NULL,'the address does not read as a URL'),
('articles.reason','bad-scheme',NULL,'only http and https are fetched'),
('articles.reason','bad-port',NULL,'the port is none of those on which outlets serve pages'),
('articles.reason','private-address',NULL,'the host is, or resolves to, an address that is not public'),
('articles.reason','dns',NULL,'the host name does not resolve'),
('articles.reason','connect',NULL,'the host refused the connection or cannot be reached'),
('articles.reason','tls',NULL,'the certificate or the handshake is not acceptable'),
('articles.reason','timeout-connect',NULL,'no connection within connect_timeout'),
('articles.reason','timeout-read',NULL,'no data within read_timeout'),
('articles.reason','timeout-total',NULL,'not finished within total_timeout'),
('articles.reason','disconnected',NULL,'the host closed the connection in the middle'),
('articles.reason','protocol',NULL,'the answer is not HTTP'),
('articles.reason','too-large',NULL,'the decompressed body is above the limit'),
('articles.reason','bad-encoding',NULL,'the compressed body cannot be decoded'),
('articles.reason','too-many-redirects',NULL,'more redirects than max_redirects, or a circle of them'),
('articles.reason','robots',NULL,'robots.txt forbids it or is unavailable'),
('articles.reason','not-captured',NULL,'the archive holds nothing of this address at or before the time'),
('articles.reason','archive-redirects',NULL,'the archive led from one capture to the next without end'),
('articles.reason','unresponsive',NULL,'the host let several requests in a row run out of time, and is left alone for a while'),
('articles.reason','not-reached',NULL,'the time of the batch was over before its turn; it is asked for in the next'),
('articles.reason','internal',NULL,'an error of this program; the log has the traceback'),
('articles.reason','no-link',NULL,'the entry has no address'),
('articles.reason','bad-address',NULL,'the address is too long to be kept'),
('articles.reason','empty-body',NULL,'the server sent no content'),
('articles.reason','not-html',NULL,'the answer is no HTML page'),
('articles.reason','no-text',NULL,'no article text was found on the page'),
('articles.reason','extract-failed',NULL,'the libraries that read pages failed on it'),
('articles.reason','consent-page',NULL,'a question about cookies stands in place of the article'),
('articles.reason','script-only',NULL,'the page is filled by scripts; its HTML holds no article'),
('articles.reason','blocked-page',NULL,'the outlet takes the request for a robot''s'),
('articles.reason','closed-page',NULL,'only subscribers are shown the article'),
('articles.reason','not-found-page',NULL,'the page says that there is no such article'),
('articles.reason','notice-page',NULL,'the text speaks to the visitor about the site'),
('articles.reason','home-page',NULL,'the outlet''s home page, or a list of links'),
('articles.reason','no-headline',NULL,'neither title, markup nor feed know of the text'),
('articles.reason','off-subject',NULL,'the page speaks of something else than its feed'),
('articles.reason','repeated-text',NULL,'the text stands at another address of the outlet, word for word'),
('articles.reason','shared-link',NULL,'the address is one that entries of different titles share'),
('articles.reason','page-shorter-than-feed',NULL,'the page showed less of the text than the feed'),
('articles.reason','timeout-extract',NULL,'reading the page took more time than allowed'),
('articles.reason','too-large-extract',NULL,'reading the page took more memory than allowed'),
('articles.reason','worker-lost',NULL,'the process that read it died twice'),
('articles.reason','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.reason',NULL,'^(http|archive)-[0-9]{3}$','the status with which the server answered, or the web archive (archive-)'),
('articles.state','pending',NULL,'the page is to be asked for, or again'),
('articles.state','extracted',NULL,'the text is there'),
('articles.state','failed',NULL,'there is none, and no other try makes sense; reason says why'),
('articles.text_reason','bad-url',NULL,'the address does not read as a URL'),
('articles.text_reason','bad-scheme',NULL,'only http and https are fetched'),
('articles.text_reason','bad-port',NULL,'the port is none of those on which outlets serve pages'),
('articles.text_reason','private-address',NULL,'the host is, or resolves to, an address that is not public'),
('articles.text_reason','dns',NULL,'the host name does not resolve'),
('articles.text_reason','connect',NULL,'the host refused the connection or cannot be reached'),
('articles.text_reason','tls',NULL,'the certificate or the handshake is not acceptable'),
('articles.text_reason','timeout-connect',NULL,'no connection within connect_timeout'),
('articles.text_reason','timeout-read',NULL,'no data within read_timeout'),
('articles.text_reason','timeout-total',NULL,'not finished within total_timeout'),
('articles.text_reason','disconnected',NULL,'the host closed the connection in the middle'),
('articles.text_reason','protocol',NULL,'the answer is not HTTP'),
('articles.text_reason','too-large',NULL,'the decompressed body is above the limit'),
('articles.text_reason','bad-encoding',NULL,'the compressed body cannot be decoded'),
('articles.text_reason','too-many-redirects',NULL,'more redirects than max_redirects, or a circle of them'),
('articles.text_reason','robots',NULL,'robots.txt forbids it or is unavailable'),
('articles.text_reason','not-captured',NULL,'the archive holds nothing of this address at or before the time'),
('articles.text_reason','archive-redirects',NULL,'the archive led from one capture to the next without end'),
('articles.text_reason','unresponsive',NULL,'the host let several requests in a row run out of time, and is left alone for a while'),
('articles.text_reason','not-reached',NULL,'the time of the batch was over before its turn; it is asked for in the next'),
('articles.text_reason','internal',NULL,'an error of this program; the log has the traceback'),
('articles.text_reason','no-link',NULL,'the entry has no address'),
('articles.text_reason','bad-address',NULL,'the address is too long to be kept'),
('articles.text_reason','empty-body',NULL,'the server sent no content'),
('articles.text_reason','not-html',NULL,'the answer is no HTML page'),
('articles.text_reason','no-text',NULL,'no article text was found on the page'),
('articles.text_reason','extract-failed',NULL,'the libraries that read pages failed on it'),
('articles.text_reason','consent-page',NULL,'a question about cookies stands in place of the article'),
('articles.text_reason','script-only',NULL,'the page is filled by scripts; its HTML holds no article'),
('articles.text_reason','blocked-page',NULL,'the outlet takes the request for a robot''s'),
('articles.text_reason','closed-page',NULL,'only subscribers are shown the article'),
('articles.text_reason','not-found-page',NULL,'the page says that there is no such article'),
('articles.text_reason','notice-page',NULL,'the text speaks to the visitor about the site'),
('articles.text_reason','home-page',NULL,'the outlet''s home page, or a list of links'),
('articles.text_reason','no-headline',NULL,'neither title, markup nor feed know of the text'),
('articles.text_reason','off-subject',NULL,'the page speaks of something else than its feed'),
('articles.text_reason','repeated-text',NULL,'the text stands at another address of the outlet, word for word'),
('articles.text_reason','shared-link',NULL,'the address is one that entries of different titles share'),
('articles.text_reason','page-shorter-than-feed',NULL,'the page showed less of the text than the feed'),
('articles.text_reason','timeout-extract',NULL,'reading the page took more time than allowed'),
('articles.text_reason','too-large-extract',NULL,'reading the page took more memory than allowed'),
('articles.text_reason','worker-lost',NULL,'the process that read it died twice'),
('articles.text_reason','unknown',NULL,'an older version wrote a word that is not known now'),
('articles.text_reason',NULL,'^(http|archive)-[0-9]{3}$','the status with which the server answered, or the web archive (archive-)'),
('articles.text_source','page',NULL,'the page'),
('articles.text_source','feed',NULL,'the feed, as text_reason says'),
('copies.rule','canonical',NULL,'the copy''s page names the origin as its original'),
('copies.rule','source',NULL,'the copy''s feed or page credits the origin''s outlet'),
('copies.rule','agency-line',NULL,'the copy''s dateline or byline names the origin''s agency'),
('copies.rule','earliest',NULL,'nobody names one; the one that was published first'),
('copies.rule','unknown',NULL,'an older version wrote a word that is not known now'),
('coverage.kind','recorded',NULL,'captures of past days'),
('coverage.kind','live',NULL,'the outlets'' own servers'),
('deliveries.channel',NULL,'^(review-|failed-(files|webhook|slack|mail)-|raised-|again-[0-9]+-|cleared-)?(files|webhook|slack|mail)$','files, webhook, slack or mail; before it what the desk is told'),
('digest_items.status','new',NULL,'no earlier digest had the story'),
('digest_items.status','grown',NULL,'a digest had it, and there is something new'),
('digest_items.status','corrected',NULL,'an article that a digest cited was corrected'),
('digest_items.status','continuing',NULL,'a digest had it, and there is nothing new'),
('digest_items.status','developing',NULL,'more articles, in digests drafted before version 0034'),
('digest_items.status','unknown',NULL,'an older version wrote a word that is not known now'),
('digests.state','draft',NULL,'it waits for a reviewer'),
('digests.state','published',NULL,'a reviewer approved it'),
('digests.state','rejected',NULL,'a reviewer did not'),
('digests.state','superseded',NULL,'a newer version took its place'),
('entries.published_rule','published',NULL,'the entry''s own date'),
('entries.published_rule','updated',NULL,'the date of the entry''s update'),
('entries.published_rule','url',NULL,'the day that the address names'),
('entries.published_rule','first-seen:missing',NULL,'none is stated; the first sighting stands in'),
('entries.published_rule','first-seen:unparsable',NULL,'what is stated is no date; the first sighting stands in'),
('entries.published_rule','first-seen:future',NULL,'what is stated is too far ahead of the clock; the first sighting stands in'),
('entries.published_rule','first-seen:epoch',NULL,'what is stated is before 1990; the first sighting stands in'),
('entries.published_rule','unknown',NULL,'an older version wrote a word that is not known now'),
('entry_revisions.published_rule','published',NULL,'the entry''s own date'),
('entry_revisions.published_rule','updated',NULL,'the date of the entry''s update'),
('entry_revisions.published_rule','url',NULL,'the day that the address names'),
('entry_revisions.published_rule','first-seen:missing',NULL,'none is stated; the first sighting stands in'),
('entry_revisions.published_rule','first-seen:unparsable',NULL,'what is stated is no date; the first sighting stands in'),
('entry_revisions.published_rule','first-seen:future',NULL,'what is stated is too far ahead of the clock; the first sighting stands in'),
('entry_revisions.published_rule','first-seen:epoch',NULL,'what is stated is before 1990; the first sighting stands in'),
('entry_revisions.published_rule','unknown',NULL,'an older version wrote a word that is not known now'),
('entry_topics.rule','query+seed',NULL,'words and closeness'),
('entry_topics.rule','query',NULL,'words; the model does not read the language'),
('entry_topics.rule','seed',NULL,'closeness; the topic has no terms in the language'),
('entry_topics.rule','groups',NULL,'a required group is missing'),
('entry_topics.rule','elsewhere',NULL,'[not] terms tipped it'),
('entry_topics.rule','window',NULL,'published outside the topic''s days'),
('entry_topics.rule','unknown',NULL,'an older version wrote a word that is not known now'),
('feeds.format','rss2',NULL,'RSS 2.0'),
('feeds.format','rss1',NULL,'RSS 1.0 and 0.90, which are RDF'),
('feeds.format','rss0',NULL,'RSS 0.91 to 0.94, and CDF'),
('feeds.format','atom',NULL,'Atom'),
('feeds.format','json',NULL,'JSON Feed'),
('feeds.format','sitemap',NULL,'a sitemap of news'),
('feeds.format','unknown',NULL,'an older version wrote a word that is not known now'),
('feeds.ownership','state',NULL,'a government decides what it says'),
('feeds.ownership','public',NULL,'funded by law, independent of the government of the day'),
('feeds.ownership','private',NULL,'neither; whoever owns it'),
('feeds.ownership','agency',NULL,'a news wire that sells to others and takes no orders from a government'),
('feeds.state','active',NULL,'it is asked when it is due'),
('feeds.state','paused',NULL,'it failed for long; it is tried now and then'),
('feeds.state','retired',NULL,'it is not asked any more'),
('fetches.kind','feed',NULL,'a feed'),
('fetches.kind','page',NULL,'the page of an article'),
('fetches.outcome','ok',NULL,'a body that was read'),
('fetches.outcome','not-modified',NULL,'the server says that nothing changed'),
('fetches.outcome','unchanged',NULL,'the body is the one of before'),
('fetches.outcome','empty',NULL,'a feed without entries'),
('fetches.outcome','silent-zero',NULL,'a feed that never was empty for so long is'),
('fetches.outcome','bad-url',NULL,'the address does not read as a URL'),
('fetches.outcome','bad-scheme',NULL,'only http and https are fetched'),
('fetches.outcome','bad-port',NULL,'the port is none of those on which outlets serve pages'),
('fetches.outcome','private-address',NULL,'the host is, or resolves to, an address that is not public'),
('fetches.outcome','dns',NULL,'the host name does not resolve'),
('fetches.outcome','connect',NULL,'the host refused the connection or cannot be reached'),
('fetches.outcome','tls',NULL,'the certificate or the handshake is not acceptable'),
('fetches.outcome','timeout-connect',NULL,'no connection within connect_timeout'),
('fetches.outcome','timeout-read',NULL,'no data within read_timeout'),
('fetches.outcome','timeout-total',NULL,'not finished within total_timeout'),
('fetches.outcome','disconnected',NULL,'the host closed the connection in the middle'),
('fetches.outcome','protocol',NULL,'the answer is not HTTP'),
('fetches.outcome','too-large',NULL,'the decompressed body is above the limit'),
('fetches.outcome','bad-encoding',NULL,'the compressed body cannot be decoded'),
('fetches.outcome','too-many-redirects',NULL,'more redirects than max_redirects, or a circle of them'),
('fetches.outcome','robots',NULL,'robots.txt forbids it or is unavailable'),
('fetches.outcome','not-captured',NULL,'the archive holds nothing of this address at or before the time'),
('fetches.outcome','archive-redirects',NULL,'the archive led from one capture to the next without end'),
('fetches.outcome','unresponsive',NULL,'the host let several requests in a row run out of time, and is left alone for a while'),
('fetches.outcome','not-reached',NULL,'the time of the batch was over before its turn; it is asked for in the next'),
('fetches.outcome','internal',NULL,'an error of this program; the log has the traceback'),
('fetches.outcome','empty-body',NULL,'the server sent no content'),
('fetches.outcome','html-page',NULL,'the address answers with a page, which may name the feed'),
('fetches.outcome','not-a-feed',NULL,'the document is none'),
('fetches.outcome','sitemap-index',NULL,'the document lists sitemaps, not pages'),
('fetches.outcome','malformed',NULL,'the document cannot be read, even leniently'),
('fetches.outcome','too-complex',NULL,'the document is nested or repeated beyond the limits'),
('fetches.outcome','another-feed',NULL,'the feed announced an address at which nothing of it is known'),
('fetches.outcome','timeout-parse',NULL,'reading the document took more time than allowed'),
('fetches.outcome','too-large-parse',NULL,'reading the document took more memory than allowed'),
('fetches.outcome','worker-lost',NULL,'the process that read it died twice'),
('fetches.outcome','unknown',NULL,'an older version wrote a word that is not known now'),
('fetches.outcome',NULL,'^(http|archive)-[0-9]{3}$','the status with which the server answered, or the web archive (archive-)'),
('item_faults.kind','feed',NULL,'a row of feeds'),
('item_faults.kind','entry',NULL,'a row of entries'),
('item_faults.kind','article',NULL,'a row of articles'),
('item_faults.kind','story',NULL,'a row of stories'),
('item_faults.kind','digest',NULL,'a row of digests'),
('item_faults.kind','alert',NULL,'a row of alerts'),
('item_faults.step','poll',NULL,'asking a feed'),
('item_faults.step','push',NULL,'reading what a hub sent'),
('item_faults.step','captures',NULL,'looking for a feed''s captures'),
('item_faults.step','match',NULL,'judging an entry'),
('item_faults.step','extract',NULL,'fetching and reading a page'),
('item_faults.step','copies',NULL,'looking for an article''s origin'),
('item_faults.step','embed',NULL,'making a vector, and judging the text'),
('item_faults.step','place',NULL,'finding an article''s story'),
('item_faults.step','merge',NULL,'comparing stories'),
('item_faults.step','reassign',NULL,'looking at an article''s story again'),
('item_faults.step','settle',NULL,'telling the days once more'),
('item_faults.step','draft',NULL,'drafting a story of a digest'),
('item_faults.step','publish',NULL,'publishing a digest'),
('item_faults.step','unknown',NULL,'an older version wrote a word that is not known now'),
('item_faults.step',NULL,'^deliver-(review-|failed-(files|webhook|slack|mail)-|raised-|again-[0-9]+-|cleared-)?(files|webhook|slack|mail)$','sending by one channel of deliveries'),
('memberships.method','mix',NULL,'vectors and words'),
('memberships.method','words',NULL,'words alone'),
('memberships.method','vectors',NULL,'vectors alone'),
('memberships.method','topical',NULL,'vectors and days, within the topic'),
('memberships.method','first',NULL,'there was nothing to compare with; it opened the story'),
('memberships.method','copy',NULL,'it came with the text that it is a copy of'),
('memberships.method','merge',NULL,'its story was merged'),
('memberships.method','split',NULL,'it left another story'),
('memberships.method','reassign',NULL,'it was looked at again within its first hour'),
('memberships.method','settle',NULL,'it was looked at again together with all of its days'),
('memberships.method','must-link',NULL,'a person''s word'),
('memberships.method','unknown',NULL,'an older version wrote a word that is not known now'),
('overrides.kind','must-link',NULL,'the article must be in the story'),
('overrides.kind','cannot-link',NULL,'the article may not be in the story'),
('review_answers.outcome','taken',NULL,'it counts'),
('review_answers.outcome','refused',NULL,'it changed nothing; reason says why'),
('review_answers.via','terminal',NULL,'a command'),
('review_answers.via','page',NULL,'the review page'),
('review_answers.via','airflow',NULL,'the form of Airflow'),
('review_answers.via','unknown',NULL,'an older version wrote a word that is not known now'),
('review_answers.wanted','publish',NULL,'publish it'),
('review_answers.wanted','reject',NULL,'do not publish it'),
('review_answers.wanted','hold',NULL,'wait with it'),
('story_events.kind','open',NULL,'the story was opened'),
('story_events.kind','merge',NULL,'the other story went into it'),
('story_events.kind','split',NULL,'the other story came out of it'),
('story_events.kind','move',NULL,'an article came from the other story'),
('story_events.kind','must-link',NULL,'a person put an article into it'),
('story_events.kind','not-topic',NULL,'a person took an article off the topic'),
('subscriptions.state','new',NULL,'the hub is to be asked'),
('subscriptions.state','asked',NULL,'the hub has not asked back yet'),
('subscriptions.state','active',NULL,'the hub tells of news until lease_until'),
('subscriptions.state','denied',NULL,'the hub refused')
) AS word (of, value, pattern, says);
COMMENT ON VIEW wirewatch.meanings IS
    'The words that columns hold, and what each means: a row for each word of a closed set.';
COMMENT ON COLUMN wirewatch.meanings.table_name IS 'The table that has the column.';
COMMENT ON COLUMN wirewatch.meanings.column_name IS 'The column; views show it by the same name or a longer one.';
COMMENT ON COLUMN wirewatch.meanings.value IS 'The word; null where words are spelt by a pattern.';
COMMENT ON COLUMN wirewatch.meanings.pattern IS 'The regular expression that words are spelt by; null for a single word.';
COMMENT ON COLUMN wirewatch.meanings.says IS 'What the word means.';

CREATE FUNCTION hold_to_meanings(of_table text, of_column text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words text[] := ARRAY(SELECT m.value FROM wirewatch.meanings m
                          WHERE m.table_name = of_table AND m.column_name = of_column AND m.value IS NOT NULL ORDER BY 1);
    spelt text := (SELECT m.pattern FROM wirewatch.meanings m
                   WHERE m.table_name = of_table AND m.column_name = of_column AND m.pattern IS NOT NULL);
    rule text := of_table || '_' || of_column || '_is_known';
    holds text := concat_ws(' OR ',
        CASE WHEN words <> '{}' THEN format('%I = ANY (%L::text[])', of_column, words) END,
        CASE WHEN spelt IS NOT NULL THEN format('%I ~ %L', of_column, spelt) END);
    strange bigint;
BEGIN
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT IF EXISTS %I', of_table, rule);
    IF 'unknown' = ANY (words) THEN
        EXECUTE format('UPDATE public.%I SET %I = ''unknown'' WHERE NOT (%s)', of_table, of_column, holds);
        GET DIAGNOSTICS strange = ROW_COUNT;
        IF strange > 0 THEN
            RAISE WARNING '% row(s) put right: % of % says "unknown" where it held a word that is not known',
                strange, of_column, of_table;
        END IF;
        strange := 0;
    ELSE
        EXECUTE format('SELECT count(*) FROM public.%I WHERE NOT (%s)', of_table, holds) INTO strange;
    END IF;
    EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I CHECK (%s) NOT VALID', of_table, rule, holds);
    IF strange = 0 THEN
        EXECUTE format('ALTER TABLE public.%I VALIDATE CONSTRAINT %I', of_table, rule);
    ELSE
        RAISE WARNING '% row(s) keep a % of % that is not known, as no word stands for it', strange, of_column, of_table;
    END IF;
END $$;
COMMENT ON FUNCTION hold_to_meanings IS
    'Makes the CHECK by which a column holds the words of wirewatch.meanings alone, in place of the one before; rows of before that hold another say "unknown". For migrations.';

ALTER TABLE article_topics DROP CONSTRAINT article_topics_rule;
ALTER TABLE entry_topics DROP CONSTRAINT entry_topics_rule;
-- Of the other columns some have a CHECK of the same set since they are there, which stays.
SELECT hold_to_meanings('alerts', 'kind');
SELECT hold_to_meanings('article_revisions', 'kind');
SELECT hold_to_meanings('article_topics', 'rule');
SELECT hold_to_meanings('articles', 'author_rule');
SELECT hold_to_meanings('articles', 'kind');
SELECT hold_to_meanings('articles', 'language_rule');
SELECT hold_to_meanings('articles', 'published_rule');
SELECT hold_to_meanings('articles', 'reason');
SELECT hold_to_meanings('articles', 'text_reason');
SELECT hold_to_meanings('copies', 'rule');
SELECT hold_to_meanings('deliveries', 'channel');
SELECT hold_to_meanings('digest_items', 'status');
SELECT hold_to_meanings('entries', 'published_rule');
SELECT hold_to_meanings('entry_revisions', 'published_rule');
SELECT hold_to_meanings('entry_topics', 'rule');
SELECT hold_to_meanings('feeds', 'format');
SELECT hold_to_meanings('fetches', 'outcome');
SELECT hold_to_meanings('item_faults', 'step');
SELECT hold_to_meanings('memberships', 'method');
SELECT hold_to_meanings('review_answers', 'via');
