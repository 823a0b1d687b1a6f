import type { AuditEntry } from '../../../preload/contract/models.ts';
import { roles } from '../../../preload/contract/permissions.ts';
import { useCall } from '../../api.ts';
import { formatList } from '../../format.ts';
import { maybe, t } from '../../i18n/index.ts';
import { useEveryConnection } from '../connections/use-every.ts';

/** The fields that an entry names things by; the reason comes last, in quotes, so that nothing in it passes for a field. */
const fields =
  /(?:^| )(id|name|linkId|sourceId|projectId|connectionId|personId|table|field|level|format|ids|also|roles)=/;
const reasonAtEnd = /(?:^| )reason=("(?:[^"\\]|\\.)*")$/s;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A name with signs that could pass for a field stands in quotes in the log, as JSON. */
function plain(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** One value as people say it. */
function valueText(field: string, written: string, names: ReadonlyMap<string, string>): string {
  const value = plain(written);
  if (uuid.test(value)) return names.get(value) ?? t('activity.someId', { id: value.slice(0, 8) });
  if (field === 'field') return maybe(`reveal.field.${value}`) ?? value;
  if (field === 'level') return maybe(`activity.level.${value}`) ?? value;
  if (field === 'format') return value.toUpperCase();
  if (field === 'ids' && /^\d+$/.test(value)) return t('activity.ids', { count: Number(value) });
  if (field === 'also' && /^\d+$/.test(value)) return t('activity.also', { count: Number(value) });
  if (field === 'roles') {
    return formatList(
      value.split(',').map((given) => {
        const role = roles.find((each) => each === given);
        return role ? t(`role.${role}`) : given;
      }),
    );
  }
  return value;
}

function reasonText(quoted: string): string {
  try {
    return t('activity.reason', { reason: String(JSON.parse(quoted)) });
  } catch {
    return quoted;
  }
}

/** `linkId=5f0c…` as the names that people gave: an entry keeps ids, because names change. */
export function subjectText(subject: string, names: ReadonlyMap<string, string>): string {
  const [whole, quoted] = reasonAtEnd.exec(subject) ?? [];
  const [before = '', ...rest] = subject.slice(0, subject.length - (whole?.length ?? 0)).split(fields);
  const said = before === '' ? [] : [valueText('', before, names)];
  for (let at = 0; at < rest.length; at += 2) {
    const value = rest[at + 1] ?? '';
    if (value !== '') said.push(valueText(rest[at] ?? '', value, names));
  }
  if (quoted !== undefined) said.push(reasonText(quoted));
  return [...new Set(said)].join(' · ');
}

/** What came of it, as people say it; a code stays as it is. What was made is named by the subject already. */
export function detailsText(details: string): string {
  const said = details.split(' ').map((part) => {
    const [, field = '', value = ''] = /^(made|count|changed|created|replaced)=(.+)$/.exec(part) ?? [];
    if (field === '') return part;
    return field === 'made' ? '' : t(`activity.result.${field as 'count'}`, { count: Number(value) });
  });
  return maybe(`activity.cause.${details}`) ?? said.filter((part) => part !== '').join(' ');
}

/** The names that things have now, by their ids; what is gone is not among them. */
export function useNames(): ReadonlyMap<string, string> {
  const named = [
    useEveryConnection(),
    // They are out of the way, not gone.
    useEveryConnection('archived'),
    useCall('sources.list', {}).data,
    useCall('projects.list', {}).data,
    useCall('people.list', {}).data,
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
  return names;
}

/** Says what an entry is about, by the names things have now; what is gone keeps the beginning of its id. */
export function entrySubject(entry: AuditEntry, names: ReadonlyMap<string, string>): string {
  return subjectText(entry.subject, names);
}

/** The longest part of a subject that is looked for. */
const longestToken = 200;
const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** What a list is narrowed to by a subject: the thing it names, by the name it has now where it has one. */
export function subjectToken(subject: string, names: ReadonlyMap<string, string>): string {
  const [id] = anyId.exec(subject) ?? [];
  if (id !== undefined) return names.get(id) ?? id;
  return subject.slice(0, longestToken);
}
