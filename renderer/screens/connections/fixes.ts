import { isOfUser, secretOf } from '../../../preload/contract/engines.ts';
import type { Connection, ConnectionTest, Rung } from '../../../preload/contract/models.ts';

/** A field of the form where what broke can be put right. */
export const fixFields = ['host', 'port', 'database', 'user', 'password', 'tlsMode', 'ssh'] as const;
export type FixField = (typeof fixFields)[number];

/** Where the rung that broke is put right. Rights are the server's to give: nothing in the form helps. */
const fieldOfRung: Readonly<Partial<Record<Rung['name'], FixField>>> = {
  ...{ name: 'host', tcp: 'host', ssh: 'ssh', tls: 'tlsMode', login: 'password', database: 'database' },
};

/** Where a secret that is missing is entered: it begins with whose it is. */
export const secretField = ({ engine, settings }: Pick<Connection, 'engine' | 'settings'>): FixField =>
  isOfUser[secretOf(engine, settings)] ? 'user' : 'password';

type Climbed = readonly Pick<Rung, 'name' | 'state'>[];

export const brokenRung = (rungs: Climbed): Rung['name'] | undefined =>
  rungs.find(({ state }) => state === 'failed')?.name;

/** Which of the fields that there are the broken rung is about; undefined where none of them helps. */
export function fixOf<F extends FixField>(rungs: Climbed, fields: readonly F[]): F | undefined {
  const broken = brokenRung(rungs);
  return fields.find((field) => broken !== undefined && field === fieldOfRung[broken]);
}

/** Nothing between the two can listen. */
export const isThisComputer = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('/') || /^127(\.\d{1,3}){3}$/.test(host);

/** Whether going on without encryption helps, and nobody could listen. */
export const mayGoPlain = (test: Pick<ConnectionTest, 'rungs'>, host: string): boolean =>
  brokenRung(test.rungs) === 'tls' && isThisComputer(host);
