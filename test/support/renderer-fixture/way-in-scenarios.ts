import { emptyScenario, type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';

const there = { projectId: uuid(4, 1), sourceId: uuid(2, 1), connectionId: uuid(1, 1) };
const notInBuild = 'The sample workspace is not part of this build.';
const taken = 'The simulated CommCare HQ of the sample did not start.';

/** A build without the servers of the sample. */
export function sampleMissing(): Scenario {
  const why = { message: notInBuild, said: { id: 'sample.notInBuild' } };
  return { ...emptyScenario(), sample: { missing: why } };
}

/** The sample is being made. */
export function sampleMaking(): Scenario {
  return { ...emptyScenario(), sampleWaits: true };
}

/** A day with the sample beside what is one’s own. */
export function sampleThere(): Scenario {
  return { ...busy(), sample: { phase: 'ready', ...there } };
}

/** The sample is there, but another program has its port. */
export function sampleStopped(): Scenario {
  const why = { message: taken, said: { id: 'sample.hqDidNotStart' } };
  return { ...busy(), sample: { phase: 'stopped', trouble: why, ...there } };
}

/** An analyst in a workspace in which nothing is set up. */
export function analystFirst(): Scenario {
  const scenario = emptyScenario();
  return {
    ...scenario,
    info: { ...scenario.info, person: { id: uuid(8, 9), name: 'Musa Bello', roles: ['analyst'] } },
    people: {
      ...scenario.people,
      others: [
        { id: uuid(8, 1), name: 'Asha Rao', roles: ['dba', 'project_admin'], hasPassphrase: true },
        { id: uuid(8, 2), name: 'Chidi Okafor', roles: ['project_admin'], hasPassphrase: true },
      ] as Scenario['people']['others'],
    },
  };
}

/** A computer without a keychain, at the first start. */
export function forgetful(): Scenario {
  const scenario = emptyScenario();
  return {
    ...scenario,
    info: {
      ...scenario.info,
      vault: {
        ...scenario.info.vault,
        ...{ state: 'session_only', available: null, sealedBy: null, protector: '' },
        explanation: 'There is no keychain on this computer.',
      },
    },
  };
}

/** The same with a vault that is shut. */
export function shut(): Scenario {
  const scenario = emptyScenario();
  return {
    ...scenario,
    info: { ...scenario.info, vault: { ...scenario.info.vault, state: 'locked', sealedBy: 'passphrase' } },
  };
}

/** At the first start there is no network. */
export function firstOffline(): Scenario {
  const scenario = emptyScenario();
  return { ...scenario, info: { ...scenario.info, offline: true } };
}

/** Nobody comes back from the browser. */
export function silent(): Scenario {
  return { ...emptyScenario(), signInWaits: true };
}
