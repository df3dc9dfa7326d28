-- An address in any ordinary spelling finds its entries: both sides are brought to one key, which an index holds. The
-- names that say how a reader came are those of pipeline/urls/data/url_rules.toml; tests/db/test_addresses_asked.py
-- holds the two together.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE FUNCTION wirewatch.says_how_one_came(parameter text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(split_part($1, '=', 1)) = ANY (string_to_array(replace(
'__hsfp,__hssc,__hstc,__s,__twitter_impression,_ga,_gl,_hsenc,_hsmi,_ke,_openstat,action_object_map,action_ref_map,action_type_map,amp_gsa,amp_js_v,aspsessionid,ck_subscriber_id,cmp,cmp_id,cmpid,dclid,emc,epik,fb_action_ids,fb_action_types,fb_ref,fb_source,fbclid,feature_share,feeditemposition,feedname,feedtype,ftag,ftcamp,gbraid,gclid,gclsrc,guccounter,guce_referrer,guce_referrer_sig,hsctatracking,icid,igsh,igshid,int_cmp,intcmp,irclickid,itid,ito,jsessionid,li_fat_id,maca,mbid,mc_cid,mc_eid,mc_tc,mkt_tok,ml_subscriber,ml_subscriber_hash,msclkid,ncid,nlid,ns_campaign,ns_fee,ns_linkname,ns_mchannel,ns_source,ocid,oly_anon_id,oly_enc_id,outputtype,phpsessid,rcmd_alg,rcmd_id,rdt_cid,recirc,ref_src,ref_url,referrer_access_token,reflink,reftype,rnd,s_kwcid,segmentid,sessionid,share_from,sharetype,smid,smtyp,soc_src,soc_trk,source_impression_id,spref,sref,srsltid,ss_campaign_id,ss_source,sscid,sthisfb,taid,tpcc,traffic_source,ttclid,twclid,usqp,vero_conv,vero_id,wbraid,wickedid,wpisrc,wpmm,wprss,wt_mc,wt_zmc,wtmc,xtcr,xtor,xtref,yclid,ysclid', E'\n', ''), ','))
        OR lower(split_part($1, '=', 1)) ~ '^(at_|hsa_|itm_|matomo_|mtm_|ns_|oly_|piwik_|pk_|stm_|tbclip|tblci|trk_|utm-|utm_|wt\.)'
        OR lower(split_part($1, '=', 1) || '=' || split_part($1, '=', 2)) = ANY (string_to_array(replace(
'_amp=1,_amp=true,amp=,amp=1,amp=true,cooper=newsstand,cooper=rss,cooper=rssreader,feed=atom,feed=rss,feed=rss2,format=amp,from=facebook,from=feed,from=home,from=hotnews,from=main,from=mainpage,from=newsletter,from=rss,from=search,from=sns,from=twitter,input=1179m,input=1195m,input=1825m,input=fb,input=kkt,input=rss,input=sns,input=tw,output=amp,partner=feed,partner=feedburner,partner=google,partner=msn,partner=rss,partner=rssnyt,partner=yahoo,plink=newsstand,plink=oldurl,plink=rss,plink=rssreader,plink=sharedurl,ref=facebook,ref=fb,ref=feed,ref=home,ref=homepage,ref=hp,ref=newsletter,ref=nl,ref=related,ref=rss,ref=rssfeed,ref=topnews,ref=tw_i,ref=twitter,share=email,share=facebook,share=telegram,share=twitter,share=vk,share=whatsapp,source=app,source=facebook,source=feed,source=homepage,source=newsletter,source=rss,source=social,source=twitter,src=facebook,src=feed,src=newsletter,src=rss,src=twitter,via=facebook,via=rss,via=twitter', E'\n', ''), ','))
$$;
COMMENT ON FUNCTION wirewatch.says_how_one_came IS
    'Whether a parameter of an address (name=value) says how a reader came, not what the reader sees.';

CREATE FUNCTION wirewatch.without_escapes(part text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF strpos($1, '%') = 0 THEN RETURN normalize($1, NFC); END IF;
    RETURN normalize(convert_from((
        SELECT string_agg(CASE WHEN m[1] ~ '^%[0-9A-Fa-f]{2}$' THEN decode(substr(m[1], 2), 'hex') ELSE convert_to(m[1], 'UTF8') END,
                          ''::bytea ORDER BY n)
        FROM regexp_matches($1, '%[0-9A-Fa-f]{2}|[^%]+|%', 'g') WITH ORDINALITY AS found (m, n)), 'UTF8'), NFC);
EXCEPTION WHEN OTHERS THEN
    RETURN normalize($1, NFC);  -- escapes that spell no UTF-8 stay
END $$;
COMMENT ON FUNCTION wirewatch.without_escapes IS 'A part of an address with its percent escapes read as UTF-8, letters composed (NFC); left as it is where they spell none.';

CREATE FUNCTION wirewatch.address_key(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := btrim($1, E' \t\r\n'); inner_one text; parts text[]; host text; path text; query text; fragment text;
BEGIN
    -- Archives, search engines and guards of mail carry the address within their own.
    FOR level IN 1..4 LOOP
        EXIT WHEN strpos(lower(substr(plain, 9)), 'http') = 0;
        inner_one := coalesce(
            wirewatch.without_escapes(substring(plain from '^https?://[^/?#]+/[^?#]*\?(?:[^#]*&)?(?:url|u|q|uddg|continue)=(https?(?::|%3[Aa])(?:/|%2[Ff]){1,2}[^&#]+)')),
            substring(plain from '^https?://[^/?#]+/(?:[^?#]*/)?(https?:/{1,2}[^/].*)$'));
        EXIT WHEN inner_one IS NULL;
        plain := inner_one;
    END LOOP;
    parts := regexp_match(plain, '^(?:feed:(?://)?)?(?:https?:)?/{0,2}([^/?#]+)([^?#]*)\?*([^#]*)(?:#(.*))?$', 'i');
    IF parts IS NULL OR $1 ~* '^\s*(mailto|javascript|tag|urn|data):' THEN RETURN btrim($1); END IF;
    host := regexp_replace(regexp_replace(lower(regexp_replace(parts[1], '^.*@', '')), ':(80|443)$', ''), '\.$', '');
    -- A label that marks the mobile or AMP host, unless it is the domain's own.
    IF host ~ '^[^.]+\.[^.]+\.' THEN host := regexp_replace(host, '^(?:www\.|m\.|mobile\.|mob\.|touch\.|wap\.|amp\.)+(?=[^.]+\.)', ''); END IF;
    host := regexp_replace(host, '\.(m|mobile|amp)\.(?=[^.]+\.[^.]+$)', '.');
    path := parts[2];
    IF strpos(path, ';') > 0 THEN path := regexp_replace(path, ';(jsessionid|phpsessid|sid)=[^/?#]*', '', 'gi'); END IF;
    IF path ~* 'utm_' THEN  -- glued on without a question mark
        path := regexp_replace(path, '(?:[&;/]|%3F|%26)(?:amp;)?utm_[a-z]+(?:=|%3D).*$', '', 'i');
    END IF;
    IF strpos(path, 'amp') > 0 THEN
        path := regexp_replace(path, '(\.amp\.html?|\.amp|_amp\.html|-amp\.html|~amp)$', CASE WHEN path ~ 'html?$' THEN '.html' ELSE '' END);
        path := regexp_replace(path, '^(/[^/].*)/amp(\.html)?/?$', '\1/');
        path := regexp_replace(path, '^/amp/(?=[^/])', '/');
    END IF;
    IF parts[3] <> '' THEN
        query := (SELECT string_agg(piece, '&' ORDER BY piece COLLATE "C")
                  FROM unnest(string_to_array(replace(regexp_replace(parts[3], '[?;](?=[a-z_]+=)', '&', 'gi'), '&amp;', '&'), '&')) AS piece
                  WHERE piece <> '' AND piece <> 'amp' AND NOT wirewatch.says_how_one_came(piece));
    END IF;
    IF query IS NULL AND path ~* '/(index|default)\.' THEN
        path := regexp_replace(path, '/(index|default)\.(html?|xhtml|shtml|php|aspx?|jsp)$', '/', 'i');
    END IF;
    fragment := CASE WHEN parts[4] ~ '^!?/.' THEN regexp_replace(parts[4], '\?.*$', '') END;
    RETURN wirewatch.without_escapes(host || rtrim(path, '/') || coalesce('?' || query, '') || coalesce('#' || fragment, ''));
END $$;
COMMENT ON FUNCTION wirewatch.address_key IS
    'What the spellings of an address share: without scheme, www, mobile and AMP marks, parameters that say how a reader came, order of parameters, escapes, trailing slash and anchor. Only for comparing. An address that an archive, a search engine or a guard of mail carries within its own counts as that address; encoded ones, as Google News has them, do not: wirewatch ledger reads those too.';

CREATE INDEX entries_address_key ON public.entries (wirewatch.address_key(canonical_url));
CREATE INDEX articles_address_key ON public.articles (wirewatch.address_key(canonical_url));

CREATE FUNCTION wirewatch.find_article(address text)
RETURNS TABLE (article_id bigint, outlet text, title text, url text, state text, story_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT a.id, a.outlet, a.title, a.canonical_url, a.state, m.story_id
    FROM public.articles a LEFT JOIN public.memberships m ON m.article_id = a.id AND m.until IS NULL
    WHERE a.id IN (SELECT b.id FROM public.articles b WHERE wirewatch.address_key(b.canonical_url) = wirewatch.address_key($1)
                   UNION SELECT e.article_id FROM public.entries e WHERE wirewatch.address_key(e.canonical_url) = wirewatch.address_key($1))
    ORDER BY a.id
$$;
COMMENT ON FUNCTION wirewatch.find_article IS 'The article at an address, in any spelling of it (see address_key), also that of a feed''s entry which led there.';

CREATE FUNCTION wirewatch.way_of(address text)
RETURNS TABLE (entry_id bigint, stage text, outlet text, feed_url text, title text, seen_at timestamptz, topic text,
               on_topic_by_headline boolean, on_topic_by_text boolean, rule text, terms text[], page_answer text, article_id bigint,
               story_id bigint, digest_day date)
LANGUAGE sql STABLE AS $$
    SELECT l.entry_id, l.stage, l.outlet, l.feed_url, l.title, l.first_seen_at, l.topic, l.entry_on_topic, l.article_on_topic,
           coalesce(l.article_rule, l.entry_rule), l.terms, coalesce(l.last_status::text || ' ', '') || l.outcome, l.article_id, l.story_id,
           l.digest_day
    FROM wirewatch.ledger l
    WHERE l.entry_id = ANY (ARRAY(
        SELECT e.id FROM public.entries e WHERE wirewatch.address_key(e.canonical_url) = wirewatch.address_key($1)
        UNION SELECT e.id FROM public.articles a JOIN public.entries e ON e.article_id = a.id
              WHERE wirewatch.address_key(a.canonical_url) = wirewatch.address_key($1)))
    ORDER BY l.first_seen_at, l.entry_id, l.topic
$$;
COMMENT ON FUNCTION wirewatch.way_of IS
    'The way of an entry by its address, or that of its page, in any spelling: in which feeds it was seen, how far it got and why it stopped there (stage). page_answer: status and outcome of the last request for its page. A row per sighting and topic; the view ledger has every detail.';

CREATE INDEX entries_told ON public.entries (least(published, first_seen_at));

CREATE FUNCTION wirewatch.entries_of_days(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (entry_id bigint, told_at timestamptz, stage text, outlet text, title text, url text, article_id bigint)
LANGUAGE sql STABLE AS $$
    SELECT l.entry_id, least(l.published, l.first_seen_at), l.stage, l.outlet, l.title, l.url, l.article_id
    FROM wirewatch.ledger l WHERE l.topic = $1
      AND least(l.published, l.first_seen_at) >= wirewatch.day_start($1, $2)
      AND least(l.published, l.first_seen_at) < wirewatch.day_start($1, coalesce($3, $2) + 1)
$$;
COMMENT ON FUNCTION wirewatch.entries_of_days IS
    'Every entry that the feeds showed of these days, with how far it got (stage), judged for the topic. An entry that is not judged yet has no row.';

CREATE FUNCTION wirewatch.where_entries_stopped(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (stage text, entries bigint, share numeric, an_example text)
LANGUAGE sql STABLE AS $$
    SELECT e.stage, count(*), round(count(*) / sum(count(*)) OVER (), 3), min(e.title)
    FROM wirewatch.entries_of_days($1, $2, $3) e GROUP BY e.stage ORDER BY 2 DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.where_entries_stopped IS
    'Nothing silent: how many of the entries of these days got how far, and why the rest stopped. share: 0 to 1.';

CREATE FUNCTION wirewatch.left_out(topic text, day date)
RETURNS TABLE (story_id bigint, headline text, reason text, by text, articles bigint, independent_outlets bigint, digest_version integer)
LANGUAGE sql STABLE AS $$
    SELECT wirewatch.living_story(x.story_id), coalesce(nullif(x.headline, ''), wirewatch.headline(wirewatch.living_story(x.story_id))),
           x.reason, x.actor, told.articles, told.own, d.version
    FROM public.digests d JOIN public.digest_drops x ON x.digest_id = d.id
    LEFT JOIN LATERAL (
        SELECT count(*) AS articles, count(DISTINCT a.outlet) FILTER (WHERE a.copy_of IS NULL) AS own
        FROM wirewatch.articles_of_story(x.story_id, $1) a
        WHERE a.told_at >= wirewatch.day_start($1, $2) AND a.told_at < wirewatch.day_start($1, $2 + 1)) told ON true
    WHERE d.id = wirewatch.digest_of_day($1, $2)
    ORDER BY told.own DESC, told.articles DESC, 1
$$;
COMMENT ON FUNCTION wirewatch.left_out IS
    'The stories of a day that its digest left out, why, and by whom (pipeline or a person). The counts are of that day, as known now.';
