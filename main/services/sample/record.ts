import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SamplePorts } from '../../host.ts';
import { writeOwn } from '../../own-file.ts';

/** What there is of a sample, written down before it is made: a process that is killed leaves nothing unknown. */
export interface SampleRecord {
  /** Eight hex digits that name its files and its database. */
  readonly tag: string;
  /** `making` and `leaving` are not gone on with: what there is of it is removed. */
  readonly phase: 'making' | 'ready' | 'leaving';
  readonly personId: string;
  readonly connectionId: string;
  readonly projectId: string;
  readonly sourceId: string;
  /** Null before its servers ran. */
  readonly ports: SamplePorts | null;
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isPort = (value: unknown): value is number => Number.isInteger(value) && Number(value) > 0;

/** A file that anybody of this computer's account may have changed: only what has the shape of a record is taken for one. */
function readRecord(text: string): SampleRecord | null {
  const found = JSON.parse(text) as Partial<Record<keyof SampleRecord, unknown>>;
  const { tag, phase, ports } = found;
  if (typeof tag !== 'string' || !/^[0-9a-f]{8}$/.test(tag)) return null;
  if (phase !== 'making' && phase !== 'ready' && phase !== 'leaving') return null;
  const ids = [found.personId, found.connectionId, found.projectId, found.sourceId];
  if (!ids.every((id): id is string => typeof id === 'string' && uuidShape.test(id))) return null;
  const [personId, connectionId, projectId, sourceId] = ids as [string, string, string, string];
  const { database, hq } = (ports ?? {}) as { database?: unknown; hq?: unknown };
  const known = isPort(database) && isPort(hq) ? { database, hq } : null;
  return { tag, phase, personId, connectionId, projectId, sourceId, ports: known };
}

/** The record of a workspace's sample: at most one. */
export function sampleRecords(dataFolder: string) {
  const file = join(dataFolder, 'sample.json');
  return {
    /** Null where there is none, or none that can be read. */
    read(): SampleRecord | null {
      try {
        return readRecord(readFileSync(file, 'utf8'));
      } catch {
        return null;
      }
    },
    write: (record: SampleRecord) => writeOwn(file, JSON.stringify(record)),
    remove: () => rmSync(file, { force: true }),
  };
}
