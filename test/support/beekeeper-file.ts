import Database from 'better-sqlite3';

export type Row = Readonly<Record<string, string | number | null>>;

/** Columns of Beekeeper Studio's tables, so far as they are about the way to a server; unknown ones of a row are added. */
const columns: Readonly<Record<string, readonly string[]>> = {
  saved_connection:
    `id name connectionType host port username defaultDatabase url password ssl sslCaFile sslCertFile
    sslKeyFile sslRejectUnauthorized sshEnabled sshHost sshPort sshMode sshUsername sshKeyfile sshBastionHost
    sshBastionHostPort sshBastionMode sshBastionUsername socketPath socketPathEnabled readOnlyMode connectionFolderId options
    bigQueryOptions redshiftOptions rememberPassword`.split(/\s+/),
  connection_folder: ['id', 'name'],
  connection_ssh_config: ['id', 'connectionId', 'sshConfigId', 'position'],
  ssh_config: ['id', 'host', 'port', 'mode', 'username', 'password', 'keyfile'],
};

/** An app.db with these rows, in base64; `journal` is what Beekeeper Studio keeps its log in. */
export function beekeeperFile(
  tables: Readonly<Record<string, readonly Row[]>>,
  { journal = 'DELETE', further = '' }: { journal?: 'DELETE' | 'WAL'; further?: string } = {},
): string {
  using db = opened();
  for (const [table, rows] of Object.entries(tables)) {
    const all = [...new Set([...(columns[table] ?? []), ...rows.flatMap((row) => Object.keys(row))])];
    db.base.exec(`CREATE TABLE "${table}" (${all.map((column) => `"${column}"`).join(', ')})`);
    for (const row of rows) {
      const insert = db.base.prepare(`INSERT INTO "${table}" VALUES (${all.map(() => '?').join(', ')})`);
      insert.run(all.map((column) => row[column] ?? null));
    }
  }
  if (further !== '') db.base.exec(further);
  const bytes = db.base.serialize();
  // A database in memory has no log; a file says by these two bytes that it has one.
  if (journal === 'WAL') bytes[18] = bytes[19] = 2;
  return bytes.toString('base64');
}

const opened = () => {
  const base = new Database(':memory:');
  return { base, [Symbol.dispose]: () => void base.close() };
};
