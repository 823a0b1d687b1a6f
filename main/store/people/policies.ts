import type { Db } from '../db.ts';

/** What the workspace's managers decided, by name; what the names mean is `access/policy.ts`'s business. */
export function policyRepository(db: Db) {
  const all = db.prepare('SELECT name, value FROM policies').raw();
  const put = db.prepare(
    'INSERT INTO policies (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    all: (): Record<string, unknown> =>
      Object.fromEntries((all.all() as [string, string][]).map(([name, value]) => [name, JSON.parse(value)])),
    put(name: string, value: unknown): void {
      put.run(name, JSON.stringify(value));
    },
  };
}
