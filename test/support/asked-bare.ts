import pg from 'pg';
import { vi } from 'vitest';

/** A message that brings its own transaction, or its own settings, with it; or is itself a setting of the whole session. */
const brings = /^\s*(BEGIN|SET TRANSACTION|ROLLBACK)\b|set_config\('idle_session_timeout'/i;

/**
 * What sessions of this process ask outside of a transaction, where a role's own time limits, names and formats hold. The
 * server itself says after each answer whether a transaction is open, so this is told by no clock.
 */
export function askedBare(): { readonly statements: readonly string[]; [Symbol.dispose](): void } {
  const statements: string[] = [];
  const open = new WeakMap<pg.Client, boolean>();
  const { query: through } = pg.Client.prototype;
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  spy.mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    if (!open.has(this)) {
      open.set(this, false);
      // The types of the library leave out the session's own line of messages.
      const { connection } = this as unknown as { connection: NodeJS.EventEmitter };
      connection.on('readyForQuery', ({ status }: { status: string }) => open.set(this, status !== 'I'));
    }
    const [asked] = args as [string | { text?: string; cursor?: { text: string } }];
    const text = typeof asked === 'string' ? asked : (asked.text ?? asked.cursor?.text ?? '');
    if (open.get(this) === false && !brings.test(text)) statements.push(text);
    return Reflect.apply(through, this, args) as unknown;
  } as typeof through);
  return { statements, [Symbol.dispose]: () => spy.mockRestore() };
}
