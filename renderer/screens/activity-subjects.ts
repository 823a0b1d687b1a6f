import type { AuditEntry } from '../../preload/contract/models.ts';
import { useCall } from '../api.ts';
import { t } from '../i18n/index.ts';

const fields = /(?:^| )(?:id|name|linkId|sourceId|projectId|connectionId)=/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `linkId=5f0c…` as the names that people gave: an entry keeps ids, because names change. */
export function subjectText(subject: string, names: ReadonlyMap<string, string>): string {
  const values = subject.split(fields).filter((part) => part !== '');
  const said = values.map((value) =>
    uuid.test(value) ? (names.get(value) ?? t('activity.someId', { id: value.slice(0, 8) })) : value,
  );
  return [...new Set(said)].join(' · ');
}

/** Says what an entry is about, by the names things have now; what is gone keeps the beginning of its id. */
export function useSubjects(): (entry: AuditEntry) => string {
  const named = [
    useCall('connections.list', {}).data,
    useCall('sources.list', {}).data,
    useCall('projects.list', {}).data,
  ];
  const datasets = useCall('datasets.list', {}).data ?? [];
  const jobs = useCall('syncs.list', {}).data ?? [];
  const credentials = useCall('credentials.list', {}).data ?? [];
  const names = new Map<string, string>();
  for (const list of named) for (const each of list ?? []) names.set(each.id, each.name);
  for (const each of credentials) names.set(each.id, each.sourceName);
  for (const each of datasets) {
    const name = t('dataset.name', { project: each.projectName, source: each.sourceName });
    names.set(each.linkId, name).set(each.id, name);
  }
  for (const job of jobs) {
    names.set(job.id, t('dataset.name', { project: job.projectName, source: job.sourceName }));
  }
  return (entry) => subjectText(entry.subject, names);
}
