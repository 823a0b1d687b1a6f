import { type EngineType, engineTraits, engineTypes } from '../../../preload/contract/engines.ts';
import type { Parsed } from '../../../preload/contract/methods.ts';
import type {
  Connection,
  ConnectionDetail,
  ConnectionPage,
  ConnectionTest,
  Health,
  HealthState,
  SshHop,
} from '../../../preload/contract/models.ts';
import { healthStates, poolSettings } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Db, insistUnique } from '../db.ts';
import { messageOf } from '../kept-said.ts';

export type Row = Record<string, string | number | null>;

/** What was replaced by the last rotation and can be put back; the old secret is in the vault beside the new one. */
export interface StoredRotation {
  readonly until: string;
  /** Whether the role's password was changed at the server too. */
  readonly onServer: boolean;
  /** The connections that were switched together. */
  readonly ids: readonly string[];
  /** The server was told, or was about to be; set until the change is finished. */
  readonly pendingSince?: string;
}

/** A connection as stored: without what the vault and the access rules say about it. */
export type StoredConnection = Omit<Connection, 'hasSecret' | 'may'>;
export type StoredDetail = StoredConnection &
  Pick<
    ConnectionDetail,
    'hostAddress' | 'signIn' | 'tlsCa' | 'tlsCert' | 'superuserReason' | 'pool' | 'lease' | 'lastTest'
  > & {
    readonly rotation: StoredRotation | null;
  };

/** What a new connection needs; secrets are not among it, they go to the vault. */
export type NewConnection = Pick<
  StoredDetail,
  | 'id'
  | 'name'
  | 'environment'
  | 'description'
  | 'folder'
  | 'tags'
  | 'state'
  | 'engine'
  | 'host'
  | 'hostAddress'
  | 'port'
  | 'database'
  | 'settings'
  | 'readOnly'
  | 'access'
  | 'superuserReason'
  | 'signIn'
  | 'tlsMode'
  | 'tlsCa'
  | 'tlsCert'
  | 'ssh'
  | 'pool'
  | 'lease'
>;

export type ConnectionFilter = Omit<Parsed<'connections.list'>, 'offset' | 'limit'>;

/** Upper and lower case, accents and width do not matter to who searches (Unicode Standard Annex 15, form KD). */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}

const searchTextOf = (item: NewConnection): string =>
  foldText([item.name, item.host, item.database, item.description, item.folder, ...item.tags].join(' '));

/** LIKE's own characters stand for themselves. */
const pattern = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`;

export const summaryColumns = `id, name, environment, description, folder, tags, state, engine, host, port, database, settings, read_only, access,
  tls_mode, ssh, health_state, health_since, health_at, health_latency, health_message, onboarding, created_at, updated_at`;
export const usedBy = `(SELECT json_group_array(json_object('id', p.id, 'name', p.name))
  FROM (SELECT id, name FROM projects WHERE connection_id = c.id ORDER BY name COLLATE NOCASE) p) AS used_by`;

const healthOf = (row: Row): Health => ({
  state: row['health_state'] as HealthState,
  since: row['health_since'] as string | null,
  checkedAt: row['health_at'] as string | null,
  latencyMs: row['health_latency'] as number | null,
  ...messageOf(row['health_message'] as string | null),
});

/** What hops have that were stored before it was there. */
const newOfHops = { agentSocket: null, agentKey: null } as const;

export const read = (row: Row): StoredConnection => ({
  id: row['id'] as string,
  name: row['name'] as string,
  environment: row['environment'] as StoredConnection['environment'],
  description: row['description'] as string,
  folder: row['folder'] as string,
  tags: JSON.parse(row['tags'] as string),
  state: row['state'] as StoredConnection['state'],
  engine: row['engine'] as StoredConnection['engine'],
  host: row['host'] as string,
  port: row['port'] as number,
  database: row['database'] as string,
  settings: JSON.parse(row['settings'] as string),
  readOnly: row['read_only'] === 1,
  access: row['access'] as StoredConnection['access'],
  tlsMode: row['tls_mode'] as StoredConnection['tlsMode'],
  ssh: (JSON.parse(row['ssh'] as string) as SshHop[]).map((hop) => ({ ...newOfHops, ...hop })),
  health: healthOf(row),
  onboarding: row['onboarding'] as StoredConnection['onboarding'],
  usedBy: JSON.parse(row['used_by'] as string),
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
});

const parsed = <T>(text: string | number | null | undefined): T | null =>
  typeof text === 'string' ? (JSON.parse(text) as T) : null;

const readDetail = (row: Row): StoredDetail => ({
  ...read(row),
  hostAddress: row['host_address'] as string | null,
  signIn: row['sign_in'] as StoredDetail['signIn'],
  tlsCa: row['tls_ca'] as string | null,
  tlsCert: row['tls_cert'] as string | null,
  superuserReason: row['superuser_reason'] as string,
  // Settings that a later version adds take their usual values.
  pool: poolSettings.parse(JSON.parse(row['pool'] as string)),
  lease: parsed(row['lease']),
  lastTest: parsed<ConnectionTest>(row['last_test']),
  rotation: parsed<StoredRotation>(row['rotation']),
});

const taken = (item: { name: string; environment: string }): Said =>
  say('store.alreadyConnectionNamed', { item: item.name, environment: item.environment });
/** Fails with NAME_TAKEN where another one has its name in its environment. */
export const uniquely = (item: { name: string; environment: string }, write: () => void): void =>
  insistUnique(taken(item), write);
export const gone = (): AppError => new AppError('NOT_FOUND', say('store.databaseConnectionNoLonger'));

/** Database connections that are there; a deleted one is found by `deletedConnections` only. */
export function connectionRepository(db: Db) {
  const get = db.prepare(
    `SELECT c.*, ${usedBy} FROM database_connections c WHERE id = ? AND deleted_at IS NULL`,
  );
  const insert = db.prepare(`INSERT INTO database_connections
    (id, name, environment, description, folder, tags, state, engine, host, host_address, port, database, settings, read_only,
      access, superuser_reason, sign_in, tls_mode, tls_ca, tls_cert, ssh, pool, lease, search_text, created_by, created_at, updated_at)
    VALUES (@id, @name, @environment, @description, @folder, @tags, @state, @engine, @host, @hostAddress, @port, @database, @settings,
      @readOnly, @access, @superuserReason, @signIn, @tlsMode, @tlsCa, @tlsCert, @ssh, @pool, @lease, @searchText, @createdBy, @now, @now)`);
  const update = db.prepare(`UPDATE database_connections SET name = @name, environment = @environment,
    description = @description, folder = @folder, tags = @tags, state = @state, host = @host,
    host_address = @hostAddress, port = @port, database = @database, settings = @settings, read_only = @readOnly, access = @access,
    superuser_reason = @superuserReason, sign_in = @signIn, tls_mode = @tlsMode, tls_ca = @tlsCa, tls_cert = @tlsCert, ssh = @ssh, pool = @pool, lease = @lease, search_text = @searchText, updated_at = @now
    WHERE id = @id`);
  const at = db.prepare(
    'SELECT id FROM database_connections WHERE host = ? COLLATE NOCASE AND port = ? AND database = ? AND deleted_at IS NULL ORDER BY created_at, id',
  );
  const byName = db.prepare(
    'SELECT id FROM database_connections WHERE name = ? AND environment = ? AND deleted_at IS NULL',
  );
  const forgetTest = db.prepare(
    `UPDATE database_connections SET last_test = NULL, health_state = 'unknown', health_since = NULL, health_at = NULL,
      health_latency = NULL, health_message = NULL WHERE id = ?`,
  );
  // What came of the first test stays; a later one that works makes up for it.
  const setTest = db.prepare(`UPDATE database_connections SET last_test = @test,
    onboarding = CASE WHEN @ok = 1 THEN 'completed' WHEN onboarding = 'completed' THEN onboarding ELSE 'failed' END
    WHERE id = @id`);
  const beginFirst = db.prepare(`UPDATE database_connections SET onboarding = 'in_progress'
    WHERE id = ? AND onboarding IN ('not_started', 'failed')`);
  const endFirst = db.prepare(`UPDATE database_connections
    SET onboarding = CASE WHEN json_extract(last_test, '$.ok') = 0 THEN 'failed' ELSE 'not_started' END
    WHERE onboarding = 'in_progress' AND id = coalesce(?, id)`);
  const beginAnew = db.prepare("UPDATE database_connections SET onboarding = 'not_started' WHERE id = ?");
  const setRotation = db.prepare('UPDATE database_connections SET rotation = ? WHERE id = ?');
  const rotated = db.prepare(
    'SELECT id, rotation FROM database_connections WHERE rotation IS NOT NULL AND deleted_at IS NULL',
  );
  const engines = db.prepare(
    "SELECT DISTINCT engine FROM database_connections WHERE state <> 'archived' AND deleted_at IS NULL",
  );
  const folders = db.prepare(
    "SELECT DISTINCT folder FROM database_connections WHERE folder <> '' AND state <> 'archived' AND deleted_at IS NULL ORDER BY folder COLLATE NOCASE",
  );
  const tags = db.prepare(`SELECT DISTINCT t.value AS tag FROM database_connections c, json_each(c.tags) t
    WHERE c.state <> 'archived' AND c.deleted_at IS NULL ORDER BY t.value COLLATE NOCASE`);

  const columnsOf = ({ tags: tagList, ssh, pool, lease, readOnly, settings, ...rest }: NewConnection) => ({
    ...rest,
    tags: JSON.stringify(tagList),
    ssh: JSON.stringify(ssh),
    pool: JSON.stringify(pool),
    lease: lease === null ? null : JSON.stringify(lease),
    readOnly: readOnly ? 1 : 0,
    settings: JSON.stringify(settings),
    searchText: searchTextOf({ ...rest, tags: tagList, ssh, pool, lease, readOnly, settings }),
  });
  const conditionsOf = (filter: ConnectionFilter): { where: string; values: unknown[] } => {
    const parts: string[] = ['deleted_at IS NULL'];
    const values: unknown[] = [];
    const add = (part: string, value: unknown): void => {
      parts.push(part);
      values.push(value);
    };
    if (filter.state === undefined) parts.push("state <> 'archived'");
    else add('state = ?', filter.state);
    if (filter.engine !== undefined) add('engine = ?', filter.engine);
    if (filter.lands !== undefined) {
      const fitting = engineTypes.filter((type) => engineTraits[type].lands === filter.lands);
      add('engine IN (SELECT value FROM json_each(?))', JSON.stringify(fitting));
    }
    if (filter.environment !== undefined) add('environment = ?', filter.environment);
    if (filter.health !== undefined) add('health_state = ?', filter.health);
    if (filter.onboarding !== undefined) add('onboarding = ?', filter.onboarding);
    if (filter.folder !== undefined) add('folder = ?', filter.folder);
    if (filter.tag !== undefined) add('EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)', filter.tag);
    for (const word of foldText(filter.search ?? '')
      .split(/\s+/)
      .filter((each) => each !== '')) {
      add("search_text LIKE ? ESCAPE '\\'", pattern(word));
    }
    return { where: parts.join(' AND '), values };
  };

  /** The fields a change of which makes what the last test said worthless. */
  const addressOf = (item: NewConnection): string => {
    const { host, hostAddress, port, database, settings, signIn, tlsMode, tlsCa, tlsCert, ssh, readOnly } =
      item;
    const insisted = item.superuserReason !== '';
    return JSON.stringify([
      ...[
        host,
        hostAddress,
        port,
        database,
        settings,
        signIn,
        tlsMode,
        tlsCa,
        tlsCert,
        ssh,
        readOnly,
        insisted,
      ],
    ]);
  };

  /** The fields a change of which makes it lead elsewhere: what the first test found was found there. */
  const placeOf = ({ host, hostAddress, port, database, settings, ssh }: NewConnection): string =>
    JSON.stringify([host, hostAddress, port, database, settings, ssh.map((hop) => [hop.host, hop.port])]);

  return {
    /** Those that fit, by name, a page of them; and counts of all that fit. */
    page(
      filter: ConnectionFilter,
      offset: number,
      limit: number,
    ): { items: StoredConnection[]; total: number; health: ConnectionPage['health'] } {
      const { where, values } = conditionsOf(filter);
      const items = db
        .prepare(
          `SELECT ${summaryColumns}, ${usedBy} FROM database_connections c WHERE ${where}
           ORDER BY name COLLATE NOCASE, environment LIMIT ? OFFSET ?`,
        )
        .all(...values, limit, offset) as Row[];
      const counts = db
        .prepare(
          `SELECT health_state AS state, count(*) AS n FROM database_connections WHERE ${where} GROUP BY health_state`,
        )
        .all(...values) as { state: HealthState; n: number }[];
      const health = Object.fromEntries(healthStates.map((state) => [state, 0])) as ConnectionPage['health'];
      for (const { state, n } of counts) health[state] = n;
      return { items: items.map(read), total: counts.reduce((sum, { n }) => sum + n, 0), health };
    },
    /** Every one, archived ones too, by name. */
    all: (): StoredConnection[] =>
      (
        db
          .prepare(
            `SELECT ${summaryColumns}, ${usedBy} FROM database_connections c WHERE deleted_at IS NULL
             ORDER BY name COLLATE NOCASE, environment`,
          )
          .all() as Row[]
      ).map(read),
    /** Those of one database of one server; host names are the same in upper and lower case. */
    at: (host: string, port: number, database: string): { id: string }[] =>
      at.all(host, port, database) as { id: string }[],
    findNamed: (name: string, environment: string): string | null =>
      (byName.get(name, environment) as { id: string } | undefined)?.id ?? null,
    /** Fails with NAME_TAKEN where another one than `id` has this name in this environment. */
    insistFree(id: string, item: { name: string; environment: string }): void {
      const there = this.findNamed(item.name, item.environment);
      if (there !== null && there !== id) throw new AppError('NAME_TAKEN', taken(item));
    },
    /** Kinds of database that there are connections to, in the order of the contract. */
    engines: (): EngineType[] => {
      const there = new Set((engines.all() as { engine: EngineType }[]).map(({ engine }) => engine));
      return engineTypes.filter((type) => there.has(type));
    },
    folders: (): string[] => (folders.all() as { folder: string }[]).map(({ folder }) => folder),
    tags: (): string[] => (tags.all() as { tag: string }[]).map(({ tag }) => tag),
    find(id: string): StoredDetail | null {
      const row = get.get(id) as Row | undefined;
      return row ? readDetail(row) : null;
    },
    /** Fails with NOT_FOUND. */
    get(id: string): StoredDetail {
      const found = this.find(id);
      if (!found) throw gone();
      return found;
    },
    /** Fails with NAME_TAKEN. */
    create(item: NewConnection, createdBy: string, now: string): StoredDetail {
      uniquely(item, () => insert.run({ ...columnsOf(item), createdBy, now }));
      return this.get(item.id);
    },
    /** Replaces the given fields; one that points somewhere else forgets the last test. Fails with NAME_TAKEN. */
    update: db.transaction((id: string, change: Partial<NewConnection>, now: string): StoredDetail => {
      const row = get.get(id) as Row | undefined;
      if (!row) throw gone();
      const before = readDetail(row);
      const next: NewConnection = { ...before, ...change };
      const {
        health: _,
        usedBy: __,
        onboarding: _______,
        createdAt: ___,
        updatedAt: ____,
        lastTest: _____,
        rotation: ______,
        ...fields
      } = next as StoredDetail;
      uniquely(next, () => update.run({ ...columnsOf(fields), now }));
      if (addressOf(before) !== addressOf(next)) forgetTest.run(id);
      if (placeOf(before) !== placeOf(next)) beginAnew.run(id);
      return readDetail(get.get(id) as Row);
    }).immediate,
    recordTest: (id: string, test: ConnectionTest): void =>
      void setTest.run({ id, test: JSON.stringify(test), ok: test.ok ? 1 : 0 }),
    /** A first test begins; another one after it changes nothing before its end. */
    beginFirstTest: (id: string): void => void beginFirst.run(id),
    /** First tests that ended without an answer, of one connection or of all: as they were before. */
    dropFirstTest: (id: string | null): void => void endFirst.run(id),
    /** What was tested was tested with other secrets than there are now. */
    forgetTest: (id: string): void => void forgetTest.run(id),
    setRotation: (id: string, rotation: StoredRotation | null): void =>
      void setRotation.run(rotation === null ? null : JSON.stringify(rotation), id),
    /** Those whose last rotation can still be undone, or could be until a while ago. */
    rotated: (): { id: string; rotation: StoredRotation }[] =>
      (rotated.all() as { id: string; rotation: string }[]).map(({ id, rotation }) => ({
        id,
        rotation: JSON.parse(rotation) as StoredRotation,
      })),
  };
}
