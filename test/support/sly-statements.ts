/*
 * Statements that must not run, each with the check that refuses it, and statements that only look so. They are written for
 * what `slyDatabase` makes.
 */

type Line = readonly [reason: string, sql: string];

/** What a colleague with the right to make things in the project's own schema leaves for whoever reads there. */
export const colleaguesTraps = `
CREATE TABLE public.notes (id int PRIMARY KEY, text text);
INSERT INTO public.notes VALUES (1, 'a'), (2, 'b');
CREATE SEQUENCE public.numbers;
CREATE FUNCTION public.bump() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.trap VALUES (1); RETURN 1; END $$;
CREATE FUNCTION public.calm(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_notify('trap', 'x'); RETURN $1; END $$;
CREATE FUNCTION public.mine(public.notes) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_notify('trap', 'x'); RETURN 1; END $$;
CREATE FUNCTION public.lower(public.notes) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'x' $$;
CREATE FUNCTION public.same(int, int) RETURNS bool LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_notify('trap', 'x'); RETURN true; END $$;
CREATE FUNCTION public.owned() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT 1 $$;
CREATE OPERATOR public.### (LEFTARG = int, RIGHTARG = int, FUNCTION = public.same);
CREATE DOMAIN public.checked AS int CHECK (public.calm(VALUE) > 0);
CREATE TYPE public.mood AS ENUM ('good', 'bad');
CREATE TYPE public.cast_mood AS ENUM ('x');
CREATE FUNCTION public.to_mood(int) RETURNS public.cast_mood LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_notify('trap', 'x'); RETURN 'x'; END $$;
CREATE CAST (int AS public.cast_mood) WITH FUNCTION public.to_mood(int);
CREATE AGGREGATE public.gather(int) (SFUNC = public.calm_sum, STYPE = int);
CREATE VIEW public.plain_view AS SELECT id, upper(text) AS text FROM public.notes;
CREATE VIEW public.trap_view AS SELECT id, public.calm(id) AS calm FROM public.notes;
CREATE VIEW public.deep_view AS SELECT * FROM public.trap_view;
CREATE VIEW public.peek_view AS SELECT current_setting('data_directory') AS place;
CREATE VIEW public.sleepy_view AS SELECT pg_notify('trap', 'x')::text AS told;
CREATE MATERIALIZED VIEW public.stored AS SELECT id FROM public.notes;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.secrets (secret text);
INSERT INTO elsewhere.secrets VALUES ('canary of elsewhere');
CREATE FUNCTION elsewhere.helper() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
`;

/** Made before: what an aggregate needs. */
export const colleaguesFirst =
  'CREATE FUNCTION public.calm_sum(int, int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN $2; END $$;';

const of = (reason: string, statements: readonly string[]): Line[] => statements.map((sql) => [reason, sql]);

export const slyStatements: readonly Line[] = [
  ...of('empty', ['', '  \n', ';', '-- nothing', '/* nothing */', ';;']),
  ...of('several_statements', [
    ...['SELECT 1; SELECT 2', 'SELECT 1; DROP TABLE notes', 'SELECT 1 /* ; */ ; COMMIT', 'COMMIT; SELECT 1'],
    "SELECT 'a\\'; DROP TABLE notes; --'",
    'SELECT 1;; DELETE FROM notes',
  ]),
  ...of('not_reading', [
    ...[
      "INSERT INTO notes VALUES (3, 'c')",
      "UPDATE notes SET text = ''",
      'DELETE FROM notes',
      'TRUNCATE notes',
    ],
    'MERGE INTO notes n USING notes m ON n.id = m.id WHEN MATCHED THEN DELETE',
    ...[
      'CREATE TABLE t (a int)',
      'CREATE TABLE t AS SELECT 1',
      'CREATE TEMP TABLE t (a int)',
      'DROP TABLE notes',
    ],
    ...['CREATE TEMP VIEW v AS SELECT 1', 'ALTER TABLE notes ADD a int', 'CREATE INDEX ON notes (id)'],
    ...[
      'GRANT ALL ON notes TO PUBLIC',
      'CREATE ROLE r',
      'ALTER ROLE CURRENT_USER SUPERUSER',
      'CREATE EXTENSION hstore',
    ],
    ...["COPY notes TO '/tmp/x'", "COPY notes FROM PROGRAM 'true'", "COPY (SELECT 1) TO PROGRAM 'true'"],
    ...['COPY notes TO STDOUT', 'DO $$ BEGIN PERFORM 1; END $$', 'CALL p()', 'LOCK TABLE notes', "LOAD 'x'"],
    ...[
      'SET statement_timeout = 0',
      'SET ROLE postgres',
      'RESET ROLE',
      'RESET ALL',
      'SET LOCAL search_path = elsewhere',
    ],
    ...[
      'SET SESSION AUTHORIZATION DEFAULT',
      'SET TRANSACTION READ WRITE',
      'BEGIN',
      'COMMIT',
      'ROLLBACK',
      'SAVEPOINT s',
    ],
    ...[
      'LISTEN c',
      "NOTIFY c, 'x'",
      'UNLISTEN *',
      'VACUUM',
      'ANALYZE notes',
      'CHECKPOINT',
      'DISCARD ALL',
      'REINDEX TABLE notes',
    ],
    ...[
      'PREPARE p AS DELETE FROM notes',
      'EXECUTE p',
      'DEALLOCATE ALL',
      'DECLARE c CURSOR FOR SELECT 1',
      'FETCH 1 FROM c',
    ],
    ...['CLOSE ALL', 'CLUSTER', 'REFRESH MATERIALIZED VIEW stored', "COMMENT ON TABLE notes IS 'x'"],
    ...['ALTER SYSTEM SET work_mem = 1', 'REASSIGN OWNED BY a TO b', "SECURITY LABEL ON TABLE notes IS 'x'"],
    ...[
      'EXPLAIN ANALYZE DELETE FROM notes',
      'EXPLAIN DELETE FROM notes',
      'EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1',
    ],
    ...[
      'WITH d AS (DELETE FROM notes RETURNING *) SELECT * FROM d',
      "WITH i AS (INSERT INTO notes VALUES (9, 'x') RETURNING 1) SELECT 1",
    ],
    "SELECT * FROM (WITH u AS (UPDATE notes SET text = '' RETURNING *) SELECT * FROM u) x",
    'WITH m AS (MERGE INTO notes n USING notes o ON false WHEN MATCHED THEN DELETE RETURNING 1) SELECT 1',
    'SELECT (WITH d AS (DELETE FROM notes RETURNING id) SELECT max(id) FROM d)',
  ]),
  ...of('makes_table', [
    'SELECT * INTO t FROM notes',
    'SELECT 1 INTO TEMP t',
    'SELECT 1 INTO UNLOGGED t FROM notes UNION SELECT 2',
  ]),
  ...of('locks_rows', [
    ...[
      'SELECT * FROM notes FOR UPDATE',
      'SELECT * FROM notes FOR SHARE',
      'SELECT * FROM (SELECT * FROM notes FOR NO KEY UPDATE) x',
    ],
    'WITH a AS (SELECT * FROM notes FOR KEY SHARE SKIP LOCKED) SELECT * FROM a',
  ]),
  ...of('system_table', [
    ...[
      'SELECT * FROM pg_authid',
      'SELECT * FROM pg_catalog.pg_shadow',
      'TABLE pg_user',
      'SELECT * FROM pg_stat_activity',
    ],
    ...[
      'SELECT * FROM information_schema.tables',
      'SELECT * FROM "pg_settings"',
      'SELECT * FROM pg_hba_file_rules',
    ],
    ...[
      'SELECT (SELECT count(*) FROM pg_class)',
      'SELECT * FROM notes, pg_proc',
      'SELECT * FROM pg_toast.pg_toast_1255',
    ],
    ...[
      'WITH pg_authid AS (SELECT * FROM pg_authid) SELECT * FROM pg_authid',
      'SELECT 1 WHERE EXISTS (TABLE pg_roles)',
    ],
    ...[
      'WITH a AS (SELECT * FROM pg_user), pg_user AS (SELECT 1) SELECT * FROM a',
      'SELECT * FROM U&"\\0070g_authid"',
    ],
    'SELECT * FROM notes JOIN LATERAL (SELECT * FROM pg_stats) s ON true',
  ]),
  ...of('schema', [
    ...[
      'SELECT * FROM elsewhere.secrets',
      'SELECT * FROM "elsewhere"."secrets"',
      'SELECT elsewhere.helper()',
    ],
    ...['SELECT * FROM postgres.public.notes', 'SELECT 1 OPERATOR(elsewhere.+) 1', 'SELECT 1::elsewhere.t'],
    'SELECT * FROM notes WHERE id IN (SELECT 1 FROM elsewhere.secrets)',
  ]),
  ...of('unknown_table', [
    'SELECT * FROM secrets',
    'SELECT * FROM public.nothing',
    'WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a',
  ]),
  ...of('kind_of_table', ['SELECT * FROM numbers', 'SELECT * FROM notes_pkey']),
  ...of('function', [
    ...[
      "SELECT pg_read_file('x')",
      "SELECT pg_catalog.pg_read_file('x')",
      "SELECT pg_ls_dir('.')",
      "SELECT pg_read_binary_file('x')",
    ],
    ...[
      "SELECT pg_stat_file('x')",
      "SELECT lo_import('x')",
      "SELECT lo_export(1, 'x')",
      'SELECT lo_get(1)',
      'SELECT lo_create(0)',
    ],
    ...[
      'SELECT pg_terminate_backend(1)',
      'SELECT pg_cancel_backend(1)',
      'SELECT pg_reload_conf()',
      'SELECT pg_rotate_logfile()',
    ],
    ...[
      "SELECT set_config('statement_timeout', '0', false)",
      "SELECT current_setting('data_directory')",
      'SELECT version()',
    ],
    ...[
      "SELECT nextval('numbers')",
      "SELECT setval('numbers', 5)",
      "SELECT currval('numbers')",
      'SELECT lastval()',
      'SELECT setseed(0)',
    ],
    ...[
      "SELECT pg_notify('c', 'x')",
      'SELECT pg_advisory_lock(1)',
      'SELECT pg_try_advisory_xact_lock(1)',
      'SELECT txid_current()',
    ],
    ...[
      'SELECT pg_current_xact_id()',
      "SELECT pg_logical_emit_message(true, 'a', 'b')",
      'SELECT pg_switch_wal()',
      'SELECT pg_export_snapshot()',
    ],
    ...[
      "SELECT query_to_xml('SELECT * FROM elsewhere.secrets', true, true, '')",
      "SELECT table_to_xml('elsewhere.secrets', true, true, '')",
    ],
    ...[
      "SELECT database_to_xml(true, true, '')",
      "SELECT schema_to_xml('elsewhere', true, true, '')",
      "SELECT cursor_to_xml('c', 1, true, true, '')",
    ],
    ...[
      "SELECT * FROM ts_stat('SELECT secret::tsvector FROM elsewhere.secrets')",
      "SELECT ts_rewrite('a'::tsquery, 'SELECT 1, 2')",
    ],
    ...[
      'SELECT pg_backend_pid()',
      'SELECT * FROM pg_stat_get_activity(NULL)',
      "SELECT pg_get_viewdef('peek_view'::regclass)",
    ],
    ...[
      "SELECT has_table_privilege('elsewhere.secrets', 'SELECT')",
      'SELECT inet_server_addr()',
      'SELECT current_query()',
    ],
    ...[
      'SELECT * FROM pg_ls_waldir()',
      "SELECT 1 FROM notes WHERE pg_notify('c', 'x') IS NULL",
      "SELECT 1 FROM notes ORDER BY pg_notify('c', text)",
    ],
    ...[
      "SELECT count(*) FILTER (WHERE pg_notify('c', 'x') IS NULL) FROM notes",
      "SELECT 1 LIMIT length(pg_read_file('x'))",
    ],
    ...[
      "SELECT CASE WHEN true THEN pg_read_file('x') END",
      "VALUES (pg_read_file('x'))",
      "SELECT * FROM ROWS FROM (generate_series(1, 2), pg_ls_dir('.')) x",
    ],
    ...[
      "SELECT array(SELECT pg_ls_dir('.'))",
      'SELECT * FROM notes n, LATERAL pg_read_file(n.text) f',
      "SELECT sum(id) OVER (ORDER BY pg_notify('c', '')) FROM notes",
    ],
    ...[
      'EXPLAIN ANALYZE SELECT pg_terminate_backend(1)',
      "SELECT PG_READ_FILE('x')",
      'SELECT U&"\\0070g_read_file"(\'x\')',
      'SELECT "pg_read_file"(filename => \'x\')',
    ],
    ...[
      "SELECT 1 UNION SELECT length(pg_read_file('x'))",
      "WITH RECURSIVE r AS (SELECT 1 UNION SELECT length(pg_read_file('x')) FROM r) SELECT * FROM r",
    ],
    ...[
      "SELECT json_object('a': pg_read_file('x'))",
      "SELECT xmlelement(name a, pg_read_file('x'))",
      "SELECT GROUPING(id) FROM notes GROUP BY id, pg_notify('c', '')",
    ],
    ...[
      'SELECT bump()',
      'SELECT calm(1)',
      'SELECT public.calm(1)',
      'SELECT owned()',
      'SELECT gather(id) FROM notes',
      'SELECT lower(n) FROM notes n',
    ],
    ...[
      'SELECT n.mine FROM notes n',
      'SELECT (n).mine FROM notes n',
      'SELECT mine(n) FROM notes n',
      'SELECT notes.mine FROM notes',
    ],
    ...[
      'SELECT * FROM trap_view',
      'SELECT * FROM deep_view',
      'SELECT * FROM peek_view',
      'SELECT * FROM sleepy_view',
    ],
    'SELECT count(*) FROM notes n JOIN deep_view d USING (id)',
  ]),
  ...of('operator', [
    'SELECT 1 ### 1',
    'SELECT 1 OPERATOR(public.###) 1',
    'SELECT * FROM notes WHERE id ### 1',
    'SELECT 1 ### ANY (ARRAY[1])',
  ]),
  ...of('type', [
    'SELECT 1::checked',
    'SELECT CAST(1 AS public.checked)',
    "SELECT '{1}'::checked[]",
    'SELECT 1::cast_mood',
  ]),
  ...of('setting', [
    'SHOW data_directory',
    'SHOW ALL',
    'SHOW hba_file',
    'EXPLAIN (SETTINGS) SELECT 1',
    'SHOW work_mem',
  ]),
  ...of('unknown_syntax', ['SELECT \0 1', 'SELECT count(*) FROM notes TABLESAMPLE other (1)']),
];

/** What reads and no more, with the number of its rows. */
export const honestStatements: readonly (readonly [rows: number, sql: string])[] = [
  [1, "SELECT 'DROP TABLE notes; --'"],
  [1, 'SELECT $$; DELETE FROM notes; $$'],
  [1, 'SELECT 1 AS "delete" -- ; DROP TABLE notes'],
  [2, 'TABLE notes'],
  [2, 'SELECT * FROM notes;'],
  [2, "SELECT * FROM \"notes\" WHERE text ~ '[a-z]' AND id BETWEEN 1 AND 5 AND text NOT LIKE '%;%'"],
  [2, 'SELECT * FROM plain_view'],
  [2, 'SELECT * FROM stored'],
  [10, 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n'],
  [1, 'WITH pg_class AS (SELECT 1 AS a) SELECT a FROM pg_class'],
  [
    1,
    "SELECT 'good'::mood, 'notes'::regclass, now(), CURRENT_DATE, random() < 2, gen_random_uuid() IS NOT NULL",
  ],
  [3, 'VALUES (1), (2), (3)'],
  [2, 'SELECT n.id, s FROM notes n CROSS JOIN LATERAL (SELECT n.id + 1 AS s) x'],
  [
    1,
    "SELECT count(*), string_agg(text, ',' ORDER BY id), percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM notes",
  ],
  [
    2,
    'SELECT id, row_number() OVER w, lag(text) OVER w FROM notes WINDOW w AS (PARTITION BY id ORDER BY text)',
  ],
  [3, 'SELECT id, count(*) FROM notes GROUP BY GROUPING SETS ((id), ())'],
  [1, "SELECT json_object('a': 1), (ARRAY[1, 2])[1], (ROW(1, 2)).f1, '{\"a\": [1]}'::jsonb #>> '{a,0}'"],
  [1, "SELECT * FROM json_table('[{\"a\": 1}]', '$[*]' COLUMNS (a int PATH '$.a'))"],
  [1, "SELECT * FROM xmltable('/r/i' PASSING ('<r><i>1</i></r>'::xml) COLUMNS i int PATH '.')"],
  [
    1,
    "SELECT extract(year FROM now()), to_char(now(), 'YYYY'), interval '1 day', date_trunc('month', now())",
  ],
  [1, 'SELECT count(*) FROM notes TABLESAMPLE system (100)'],
  [1, "SELECT to_tsvector('simple', 'a b') @@ plainto_tsquery('simple', 'a')"],
  [
    2,
    'SELECT * FROM public.notes NATURAL JOIN (SELECT id FROM notes) x ORDER BY 1 DESC NULLS LAST FETCH FIRST 2 ROWS ONLY',
  ],
  [2, 'SELECT id FROM notes INTERSECT SELECT id FROM stored'],
  [1, 'SHOW server_version'],
];
