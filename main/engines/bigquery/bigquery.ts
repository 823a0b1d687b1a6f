import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { AskingReader, Engine, LadderOptions, Target } from '../engine.ts';
import { type Climbing, climb } from '../ladder/climb.ts';
import { sinceMs } from '../wire/bounded.ts';
import { type BigquerySession, openBigquery } from './bigquery-client.ts';
import { explainBigqueryError } from './bigquery-errors.ts';
import { createReader } from './reader.ts';
import { readServiceAccount } from './service-account.ts';
import { tables } from './tables.ts';

interface Datasets {
  readonly datasets?: readonly { readonly datasetReference: { readonly datasetId: string } }[];
}

/** Nothing to read; what whoever administers the project would run is told. */
class NothingToRead extends AppError {
  readonly fixSql: string;
  constructor(account: string, project: string) {
    const fixSql = `GRANT \`roles/bigquery.dataViewer\` ON SCHEMA \`${project}\`.DATASET TO "serviceAccount:${account}";`;
    super('DB_NO_RIGHT', say('engines.nothingToRead', { user: account, database: project }), {
      advice: say('engine.askDbaRun', { fixSql }),
    });
    this.fixSql = fixSql;
  }
}

/** Lists and a statement that is not run: nothing is billed. */
async function climbOn(
  target: Target,
  session: BigquerySession,
  { rungs, asked, answered }: Climbing<BigquerySession>,
): Promise<void> {
  const { datasets = [] } = await asked((open) => open.get<Datasets>('/datasets', { maxResults: '1000' }));
  answered('BigQuery');
  rungs.ok(say('engine.text', { database: target.database, version: 'BigQuery' }));
  rungs.begin('rights');
  await asked((open) =>
    open.post('/jobs', {
      configuration: { dryRun: true, query: { query: 'SELECT 1', useLegacySql: false } },
      jobReference: { projectId: open.project, ...(open.location && { location: open.location }) },
    }),
  );
  if (datasets.length === 0) throw new NothingToRead(session.account, target.database);
  rungs.ok(say('engines.bigquery.mayRead', { datasets: datasets.length }));
  rungs.skip('write', say('engines.neverWritten'));
}

/** Whom the secret names; what is wrong with it is told where it is used. */
function accountOf(target: Target): string {
  try {
    return readServiceAccount(target.password).email;
  } catch {
    return target.user;
  }
}

const climbBigquery = (target: Target, options: LadderOptions) =>
  climb<BigquerySession>({ ...target, user: accountOf(target) }, options, {
    async open(way) {
      const now = (): number => Date.parse(options.at);
      const session = await openBigquery(target, options.signal, { ...way, now });
      try {
        await session.get('/datasets', { maxResults: '1' });
        return session;
      } catch (error) {
        session.cut();
        throw error;
      }
    },
    tlsOf: ({ tls }) => tls,
    above: (session, climbing) => climbOn(target, session, climbing),
    explain: (error) => explainBigqueryError(error, target),
    remedy: (error) => ({ error, fixSql: error instanceof NothingToRead ? error.fixSql : null }),
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
  });

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const session = await openBigquery(target, signal, { now: Date.now });
  const stop = (): void => session.cut();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await session.get('/datasets', { maxResults: '1' });
    return sinceMs(started);
  } catch (error) {
    throw explainBigqueryError(error, target);
  } finally {
    signal.removeEventListener('abort', stop);
    session.cut();
  }
}

/** BigQuery over its REST interface, as a service account: looked into and asked; data sources are not landed in it. */
export const bigquery: Engine<AskingReader> = {
  type: 'bigquery',
  test: climbBigquery,
  check,
  reader: createReader,
  tables,
};
