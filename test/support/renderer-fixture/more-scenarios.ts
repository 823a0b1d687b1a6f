import {
  connection,
  credential,
  dataset,
  jobOf,
  linkOf,
  outlook,
  project,
  source,
  testOf,
} from './builders.ts';
import {
  asideConnections,
  connections,
  engines,
  manyConnections,
  superusers,
} from './connection-scenarios.ts';
import { browsing, browsingGone, browsingHuge } from './data-scenarios.ts';
import { elsewhere, expiring } from './elsewhere-scenarios.ts';
import { kept } from './kept-scenarios.ts';
import { crew, cutOff, guessing, typing } from './people-scenarios.ts';
import { review } from './review-scenarios.ts';
import { manyRuns, runs } from './runs-scenarios.ts';
import { emptyScenario, minutes, type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';
import * as wayIn from './way-in-scenarios.ts';

/** Nothing there yet: the first start on a new computer. */
export function firstRun(): Scenario {
  return emptyScenario();
}

/** In the middle of the way: database and source are there, the sync is not. */
export function halfWay(): Scenario {
  return {
    ...emptyScenario(),
    connections: [connection(1)],
    sources: [source(1)],
    credentials: [credential(1)],
  };
}

/** What was told of each kind is in the inbox, some of it over, some unread. */
export function told(): Scenario {
  return { ...busy(), hasNotices: true };
}

/** The computer is on no network: what was paused for anything else waits for that. */
export function offline(): Scenario {
  const base = review();
  const waiting = { pausedBy: 'network', waitingUntil: null } as const;
  return {
    ...base,
    info: { ...base.info, offline: true },
    datasets: base.datasets.map((each) => (each.job ? { ...each, job: { ...each.job, ...waiting } } : each)),
    jobs: base.jobs.map((each) => (each.status === 'paused' ? { ...each, ...waiting } : each)),
  };
}

/** Past the first run, but with every list empty. */
export function nothing(): Scenario {
  const scenario = emptyScenario();
  return { ...scenario, info: { ...scenario.info, firstRun: false } };
}

export function loading(): Scenario {
  return { ...busy(), behaviour: 'never' };
}

export function unreadable(): Scenario {
  return { ...busy(), behaviour: 'fails' };
}

/** Everything that can want somebody's attention at once. */
export function troubled(): Scenario {
  const base = busy();
  const expired = dataset(1, {
    signIn: 'expired',
    dataAsOf: minutes(-60 * 50),
    outlook: outlook(minutes(-60 * 40)),
  });
  const held = dataset(2, {
    projectName: 'Nutrition screening',
    sourceName: 'Nutrition HQ',
    personId: null,
    status: 'error',
    error: {
      code: 'PUBLISH_HELD',
      kind: 'config',
      message:
        'The view reporting.weekly_nutrition can not be rebuilt on the new tables: column "muac_mm" changed from bigint to text.',
      advice: 'The old data stays. Change or drop the views named in the message, then start the sync again.',
    },
  });
  const failed = dataset(3, {
    projectName: 'Water points',
    sourceName: 'WASH survey',
    status: 'error',
    error: {
      code: 'SYNC_FAILED',
      kind: 'system',
      message: 'The sync stopped unexpectedly.',
      advice: 'Start the sync again; it continues from the last saved page.',
      correlationId: 'c41b7720',
    },
  });
  const datasets = [
    expired,
    held,
    failed,
    dataset(4, {
      sourceName: 'Supervision',
      projectId: uuid(4, 1),
      status: 'pending',
      dataAsOf: null,
      outlook: outlook(null),
      rowCounts: {},
    }),
  ].map((each) => ({ ...each, targetFails: true }));
  return {
    ...base,
    info: {
      ...base.info,
      person: { ...base.info.person, roles: ['analyst'] },
      vault: {
        state: 'locked',
        protector: 'GNOME Keyring / Secret Service',
        sealedBy: 'os_keyring',
        available: 'os_keyring',
        keyVersion: 3,
        secrets: 9,
        explanation:
          'The keyring “login” is locked. Unlock it and restart Headgate, or start with a passphrase.',
      },
    },
    connections: base.connections.map((each, n) =>
      n === 0
        ? {
            ...each,
            may: 'use' as const,
            health: {
              state: 'fails' as const,
              since: minutes(-42),
              checkedAt: minutes(-2),
              latencyMs: null,
              message: 'Name and network are fine; the server refused the user.',
            },
            lastTest: testOf(
              {
                at: minutes(-2),
                error: {
                  code: 'DB_LOGIN_REFUSED',
                  kind: 'config',
                  message: 'Name and network are fine; the server refused the user.',
                  advice: 'Enter the user and password again; the password may have been rotated.',
                },
              },
              'login',
            ),
          }
        : { ...each, may: 'use' as const },
    ),
    sources: base.sources.map((each, n) =>
      n === 0
        ? { ...each, credential: credential(1, { state: 'expired' }) }
        : n === 1
          ? { ...each, credential: null }
          : each,
    ),
    credentials: [credential(1, { state: 'expired' }), ...base.credentials.slice(1)],
    datasets,
    links: datasets.map((each) => linkOf(each)),
    jobs: [
      jobOf(1, failed, { status: 'failed', rowCounts: {}, error: failed.error }),
      jobOf(2, held, { status: 'failed', rowCounts: {}, error: held.error }),
    ],
  };
}

const french =
  'Programme national de distribution de moustiquaires imprégnées d’insecticide – région du Centre-Nord, campagne 2026';
const hindi = 'राष्ट्रीय मलेरिया उन्मूलन कार्यक्रम – ग्रामीण स्वास्थ्य सर्वेक्षण एवं आशा कार्यकर्ता मासिक प्रतिवेदन';

/** Names as long as people make them, in French and Hindi. */
export function longNames(): Scenario {
  return lengthen(busy());
}

export function longConnections(): Scenario {
  return lengthen(connections());
}

export function longReview(): Scenario {
  return lengthen(review());
}

export function longRuns(): Scenario {
  return lengthen(runs());
}

export function longKept(): Scenario {
  return lengthen(kept());
}

function lengthen(base: Scenario): Scenario {
  const datasets = base.datasets.map((each, n) => ({
    ...each,
    projectName: n % 2 === 0 ? french : hindi,
    sourceName: n % 2 === 0 ? hindi : french,
    job: each.job && {
      ...each.job,
      projectName: n % 2 === 0 ? french : hindi,
      sourceName: n % 2 === 0 ? hindi : french,
    },
  }));
  return {
    ...base,
    info: {
      ...base.info,
      person: { ...base.info.person, name: 'Marie-Françoise Ouédraogo-Kaboré de la Fontaine' },
    },
    connections: base.connections.map((each, n) => ({
      ...each,
      name: n === 0 ? french : hindi,
      host: 'entrepot-de-donnees-production-region-centre-nord.postgres.database.example.org',
      usedBy: [
        { id: uuid(4, 1), name: french },
        { id: uuid(4, 2), name: hindi },
      ],
    })),
    sources: base.sources.map((each, n) => ({ ...each, name: n % 2 === 0 ? french : hindi })),
    credentials: base.credentials.map((each) => ({
      ...each,
      sourceName: hindi,
      account: 'marie-francoise.ouedraogo-kabore@sante-publique.region-centre-nord.example.org',
    })),
    projects: [
      project(1, { name: french, connectionName: hindi }),
      project(2, { name: hindi, connectionName: french }),
    ],
    datasets,
    links: datasets.map((each) => linkOf(each)),
    jobs: base.jobs.map((each) => ({ ...each, projectName: french, sourceName: hindi })),
    kept: base.kept.map((each) => ({
      ...each,
      ...{ projectName: french, sourceName: hindi, connectionName: french },
      personName: each.personName && hindi,
    })),
    audit: base.audit.map((each) => ({ ...each, subject: `${french} · ${hindi}` })),
  };
}

export const scenarios = {
  firstRun,
  halfWay,
  nothing,
  busy,
  troubled,
  longNames,
  crew,
  typing,
  guessing,
  cutOff,
  review,
  offline,
  told,
  longReview,
  runs,
  longRuns,
  manyRuns,
  elsewhere,
  expiring,
  kept,
  longKept,
  connections,
  asideConnections,
  engines,
  manyConnections,
  superusers,
  longConnections,
  loading,
  unreadable,
  ...wayIn,
  browsing,
  browsingHuge,
  browsingGone,
} as const;
export type ScenarioName = keyof typeof scenarios;
