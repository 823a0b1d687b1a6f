import { fakeAgents } from './fake-agents.ts';
import { fakeBrowse } from './fake-browse.ts';
import { fakeConnections } from './fake-connections.ts';
import { fakeHistory } from './fake-history.ts';
import { fakeKept } from './fake-kept.ts';
import { fakeMoving } from './fake-moving.ts';
import { fakeNotices } from './fake-notices.ts';
import { fakePeople } from './fake-people.ts';
import { fakeQuery } from './fake-query.ts';
import { fakeRuns } from './fake-runs.ts';
import { fakeSample } from './fake-sample.ts';
import { fakeScope } from './fake-scope.ts';
import { fakeTimetable } from './fake-timetable.ts';
import type { Fake } from './fake-tools.ts';

/** One file each; a later one may answer a call in another way than one before it. */
export const fakes: readonly Fake[] = [
  fakeAgents,
  fakeBrowse,
  fakeConnections,
  fakeHistory,
  fakeKept,
  fakeMoving,
  fakeNotices,
  fakePeople,
  fakeQuery,
  fakeRuns,
  fakeScope,
  fakeSample,
  fakeTimetable,
];
