-- For accounts of three kinds (`wirewatch db roles`): the owner of all this, the writer that the pipeline runs as, and the
-- reader, who sees the schema wirewatch alone.

-- What analysts call. A view reads its tables by its owner's rights; a function does so only where it says it. Whatever
-- replaces a function takes that from it again, and a dump can be restored without rights, so that each run of
-- `wirewatch db migrate`, `restore` and `roles` ends with this. A stable function changes nothing, which Postgres itself
-- sees to, so that none of these rights can be turned against a row.
CREATE FUNCTION public.settle_rights() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    each regprocedure;
    each_view regclass;
    who regrole;
BEGIN
    FOR each IN
        SELECT p.oid FROM pg_proc p
        WHERE p.prokind = 'f' AND NOT p.prosecdef AND
              -- and what only computes, where it names what stands in public and no index is made of it
              (p.provolatile = 's' OR p.provolatile = 'i' AND p.pronamespace = 'wirewatch'::regnamespace AND p.prosrc LIKE '%public.%'
               AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'i'
                               WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)) AND pg_has_role(p.proowner, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
          AND (p.pronamespace = 'wirewatch'::regnamespace
               OR p.pronamespace = 'public'::regnamespace AND EXISTS (  -- a view's functions are called by whoever asks it
                   SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass
                     AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid))
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = wirewatch, public, extensions, pg_temp', each);
    END LOOP;
    -- A view that was a working table's neighbour once came here with the rights of those.
    FOR each_view, who IN
        SELECT c.oid, a.grantee FROM pg_default_acl d, aclexplode(d.defaclacl) a, pg_class c
        WHERE d.defaclnamespace = 'wirewatch'::regnamespace AND d.defaclobjtype = 'r' AND pg_has_role(d.defaclrole, 'USAGE')
          AND a.privilege_type = 'SELECT' AND a.grantee NOT IN (0, d.defaclrole)
          AND c.relnamespace = d.defaclnamespace AND c.relkind IN ('v', 'm') AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', each_view, who);
        EXECUTE format('GRANT SELECT ON %s TO %s', each_view, who);
    END LOOP;
    -- What changes something by its owner's rights is for whoever was given it by name.
    FOR each IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.provolatile = 'v' AND pg_has_role(p.proowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', each);
    END LOOP;
    -- The writer may change every working table but the list of migrations.
    FOR who IN
        SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = 'public.schema_migrations'::regclass AND a.grantee NOT IN (0, c.relowner) AND a.privilege_type <> 'SELECT'
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.schema_migrations FROM %s', who);
    END LOOP;
END $$;
COMMENT ON FUNCTION public.settle_rights IS
    'Lets every stable function that analysts call run by its owner''s rights, on a search path of its own, and takes from others what is the owner''s; changes nothing the second time.';
REVOKE EXECUTE ON FUNCTION public.settle_rights FROM PUBLIC;

-- Indexes for vectors were made as the first row of a period or of a model came, which takes the owner's rights. Until
-- maintenance makes them, the few rows are compared one by one.
DROP TRIGGER embedding_models_index ON public.embedding_models;
DROP FUNCTION public.index_vectors_of_new();

CREATE FUNCTION public.keep_period_indexes() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, extensions, pg_temp AS $$
DECLARE
    today constant double precision := extract(epoch FROM clock_timestamp()) / 86400;
    -- All at once: no index is made on a table that a query of the same session is still reading.
    pairs constant jsonb := (
        SELECT coalesce(jsonb_agg(jsonb_build_object('model', model, 'period', period) ORDER BY model, period), '[]')
        FROM (SELECT model_id AS model, period FROM story_profiles
              UNION SELECT m.id, story_period(today + ahead) FROM embedding_models m, unnest(ARRAY[0, 7]) ahead
              WHERE m.used_at > clock_timestamp() - interval '28 days') each);
    wanted record;
    made integer := 0;
BEGIN
    FOR wanted IN SELECT * FROM jsonb_to_recordset(pairs) AS p (model integer, period integer)
    LOOP
        IF to_regclass('public.' || story_profiles_index(wanted.model, wanted.period)) IS NULL THEN
            PERFORM index_story_profiles(wanted.model, wanted.period);
            made := made + 1;
        END IF;
    END LOOP;
    PERFORM forget_story_profile_indexes(story_period(today));
    RETURN made;
END $$;
COMMENT ON FUNCTION public.keep_period_indexes IS
    'Makes the indexes of vectors for every period that has a story and for the one of the next week, drops those of past periods that have none; how many it made. By maintenance, which holds the clustering lock.';

DROP FUNCTION public.forget_story_profile_indexes();
CREATE FUNCTION public.forget_story_profile_indexes(this_period integer) RETURNS void
LANGUAGE plpgsql SET search_path = public, extensions, pg_temp AS $$
DECLARE
    empty regclass[] := ARRAY(
        SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'story_profiles'::regclass AND c.relname LIKE 'story\_profiles\_near\_%'
          AND c.relname NOT IN (SELECT story_profiles_index(model_id, period) FROM story_profiles)
          AND c.relname NOT IN (SELECT story_profiles_index(id, this_period + ahead) FROM embedding_models, generate_series(0, 1) ahead));
    name regclass;
BEGIN
    FOREACH name IN ARRAY empty LOOP
        EXECUTE format('DROP INDEX %s', name);
    END LOOP;
END $$;
COMMENT ON FUNCTION public.forget_story_profile_indexes IS
    'Drops the indexes of periods that no story is in any more, but for the given one and the next.';

CREATE FUNCTION public.keep_model_indexes() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, extensions, pg_temp AS $$
DECLARE
    model integer;
    made integer := 0;
BEGIN
    FOR model IN SELECT id FROM embedding_models ORDER BY id LOOP
        IF to_regclass(format('public.vectors_near_%s', model)) IS NULL THEN
            PERFORM index_vectors(model);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION public.keep_model_indexes IS
    'Makes the index that finds the nearest articles of each model that has none yet; how many it made. By maintenance; articles wait with their vectors meanwhile.';
