import { initial } from './0001-initial.ts';
import { auditHead } from './0002-audit-head.ts';
import { guarantees } from './0003-guarantees.ts';
import { connections } from './0004-connections.ts';
import { superuserReason } from './0005-superuser-reason.ts';
import { publishingChoices } from './0006-publishing-choices.ts';
import { jobOwners } from './0007-job-owners.ts';
import { keptSchemas } from './0008-kept-schemas.ts';
import { shortRows } from './0009-short-rows.ts';
import { dictionaryRows } from './0010-dictionary-rows.ts';
import { timetable } from './0011-timetable.ts';
import { network } from './0012-network.ts';
import { waysIn } from './0013-ways-in.ts';
import { signIns } from './0014-sign-ins.ts';
import { replaced } from './0015-replaced.ts';
import { handOver } from './0016-hand-over.ts';
import { auditAnchors } from './0017-audit-anchors.ts';
import { notices } from './0018-notices.ts';
import { dictionaryNotes } from './0019-dictionary-notes.ts';
import { queries } from './0020-queries.ts';
import { agentGrants } from './0021-agent-grants.ts';
import { queryScope } from './0022-query-scope.ts';
import { runRecords } from './0023-run-records.ts';
import { deltas } from './0024-deltas.ts';
import { askedConnections } from './0025-asked-connections.ts';
import { sourceKinds } from './0026-source-kinds.ts';
import { engineSettings } from './0027-engine-settings.ts';
import { questionLanguages } from './0028-question-languages.ts';
import { deletedConnections } from './0029-deleted-connections.ts';
import { tableSources } from './0030-table-sources.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /**
   * It drops tables that others refer to and puts new ones in their place. Foreign keys are off meanwhile, or dropping
   * would delete what refers to them; before the commit every reference is checked.
   */
  readonly rebuildsTables?: true;
}

/** Every step the store has ever taken, in order. Forward only; a released step is never edited. */
export const storeMigrations: readonly Migration[] = [
  { version: 1, name: 'initial', sql: initial },
  { version: 2, name: 'audit head', sql: auditHead },
  { version: 3, name: 'guarantees', sql: guarantees, rebuildsTables: true },
  { version: 4, name: 'connections', sql: connections, rebuildsTables: true },
  { version: 5, name: 'superuser reason', sql: superuserReason },
  { version: 6, name: 'publishing choices', sql: publishingChoices },
  { version: 7, name: 'job owners', sql: jobOwners },
  { version: 8, name: 'kept schemas', sql: keptSchemas },
  { version: 9, name: 'short rows', sql: shortRows },
  { version: 10, name: 'dictionary rows', sql: dictionaryRows },
  { version: 11, name: 'timetable', sql: timetable },
  { version: 12, name: 'network', sql: network, rebuildsTables: true },
  { version: 13, name: 'ways in', sql: waysIn },
  { version: 14, name: 'sign-ins', sql: signIns },
  { version: 15, name: 'replaced', sql: replaced },
  { version: 16, name: 'hand-over', sql: handOver },
  { version: 17, name: 'audit anchors', sql: auditAnchors },
  { version: 18, name: 'notices', sql: notices },
  { version: 19, name: 'dictionary notes', sql: dictionaryNotes },
  { version: 20, name: 'queries', sql: queries },
  { version: 21, name: 'agent grants', sql: agentGrants },
  { version: 22, name: 'query scope', sql: queryScope },
  { version: 23, name: 'run records', sql: runRecords },
  { version: 24, name: 'deltas', sql: deltas },
  { version: 25, name: 'asked connections', sql: askedConnections, rebuildsTables: true },
  { version: 26, name: 'source kinds', sql: sourceKinds },
  { version: 27, name: 'engine settings', sql: engineSettings },
  { version: 28, name: 'question languages', sql: questionLanguages },
  { version: 29, name: 'deleted connections', sql: deletedConnections, rebuildsTables: true },
  { version: 30, name: 'table sources', sql: tableSources },
];
