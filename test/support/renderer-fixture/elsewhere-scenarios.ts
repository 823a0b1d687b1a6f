import { minutes, type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';

/** A sync that another Headgate runs, on a computer with a name as clouds give them. */
export function elsewhere(): Scenario {
  const base = busy();
  const runner = {
    id: uuid(9, 3),
    host: 'ip-10-20-30-40.region-centre-nord.compute.internal.example.org',
    pid: 47_110,
  };
  for (const { job } of base.datasets) if (job?.status === 'running') job.runner = runner;
  return { ...base, syncStands: true };
}

/** Tables that go within hours because nobody uses them. */
export function expiring(): Scenario {
  const base = busy();
  const quiet = base.datasets.find(({ job, status }) => job === null && status === 'ready');
  if (quiet) quiet.expiresAt = minutes(120);
  return base;
}
