import type { Connection, Dataset, DictionaryHit, Project, Source } from '../../preload/contract/models.ts';
import type { Access } from '../access.ts';
import type { IconName } from '../components/icons.tsx';
import { t } from '../i18n/index.ts';
import { href, hrefToColumn } from '../router.ts';
import { screens } from '../screens/index.ts';
import { shortPlaceOf } from '../source-kinds.ts';
import { themes } from '../theme.tsx';
import type { Findable } from './rank.ts';
import { goLetters } from './shortcuts.ts';

/** What choosing an entry does. */
export type Act =
  | { readonly kind: 'go'; readonly to: string }
  | { readonly kind: 'sync'; readonly dataset: Dataset }
  | { readonly kind: 'theme'; readonly theme: (typeof themes)[number] }
  | { readonly kind: 'lock' | 'sheet' };

export interface Entry extends Findable {
  readonly icon: IconName;
  readonly act: Act;
  /** The keys that do the same. */
  readonly keys?: readonly string[];
  /** Where Enter with Ctrl leads. */
  readonly second?: string;
}

function keysTo(path: string): { readonly keys?: readonly string[] } {
  const letter = Object.keys(goLetters).find((each) => goLetters[each] === path);
  return letter === undefined ? {} : { keys: ['G', letter.toUpperCase()] };
}

const to = (address: string): Act => ({ kind: 'go', to: address });

/** The screens that this person may open. */
export const screenEntries = (access: Access): Entry[] =>
  screens
    .filter(({ permission }) => access.may(permission))
    .map(({ path, title, icon }) => ({
      ...{ id: `screen ${path}`, title: t(title), detail: '', icon, act: to(href(path)) },
      ...keysTo(path),
    }));

export const projectEntries = (projects: readonly Project[]): Entry[] =>
  projects.map(({ id, name }) => ({
    ...{ id: `project ${id}`, title: name, detail: t('palette.project'), icon: 'project' as const },
    act: to(href('projects', id)),
  }));

export const sourceEntries = (sources: readonly Source[]): Entry[] =>
  sources.map(({ id, name, settings, ...place }) => ({
    id: `source ${id}`,
    title: name,
    detail: t('palette.source', { host: [shortPlaceOf(place), ...Object.values(settings)].join(' · ') }),
    icon: 'source',
    act: to(`${href('sources')}?show=${id}`),
  }));

export const connectionEntries = (connections: readonly Connection[]): Entry[] =>
  connections.map(({ id, name, host, database }) => ({
    id: `connection ${id}`,
    title: name,
    detail: t('palette.connection', { host: `${host} · ${database}` }),
    icon: 'database',
    act: to(href('connections', id)),
  }));

/** What was found in the questions, descriptions and names of all tables that this person may see. */
export const hitEntries = (hits: readonly DictionaryHit[]): Entry[] =>
  hits.map(({ datasetId, table, column, label, lang, description, projectName, sourceName, sourcePath }) => {
    const place = { table, project: projectName, source: sourceName };
    return {
      id: `hit ${datasetId} ${table} ${column ?? ''}`,
      title: description ?? label ?? sourcePath ?? column ?? table,
      lang: description === null && label !== null ? lang : undefined,
      detail: column === null ? t('palette.tableOf', place) : t('palette.columnOf', { ...place, column }),
      icon: column === null ? 'table' : 'book',
      ...(column === null
        ? { act: to(href('data', datasetId, table)) }
        : {
            act: to(hrefToColumn(column, 'data', datasetId, table)),
            second: hrefToColumn(column, 'dictionary', datasetId, table),
          }),
    };
  });

/** What can be done from anywhere. */
export function actionEntries(access: Access, datasets: readonly Dataset[], lockable: boolean): Entry[] {
  const add = (path: string, title: string): Entry => ({
    ...{ id: `add ${path}`, title, detail: '', icon: 'plus', act: to(`${href(path)}?add`) },
  });
  return [
    ...(access.may('run_syncs')
      ? datasets
          // What waits for review is not thrown away from here, and nothing is begun that could only fail.
          .filter(({ job, held, signIn }) => job === null && held === null && signIn === 'valid')
          .map((dataset): Entry => {
            const of = { project: dataset.projectName, source: dataset.sourceName };
            return {
              id: `sync ${dataset.linkId}`,
              title: t('palette.sync', of),
              detail: '',
              icon: 'sync',
              act: { kind: 'sync', dataset },
            };
          })
      : []),
    ...(access.may('manage_database_connections') ? [add('connections', t('connections.add'))] : []),
    ...(access.may('manage_sources') ? [add('sources', t('sources.add'))] : []),
    ...(access.may('manage_projects') ? [add('projects', t('projects.add'))] : []),
    ...themes.map((theme): Entry => {
      const icon = theme === 'light' ? 'sun' : theme === 'dark' ? 'moon' : 'monitor';
      const title = t('palette.theme', { theme: t(`theme.${theme}`) });
      return { id: `theme ${theme}`, title, detail: '', icon, act: { kind: 'theme', theme } };
    }),
    { id: 'sheet', title: t('keys.title'), detail: '', icon: 'info', act: { kind: 'sheet' } },
    ...(lockable
      ? [{ id: 'lock', title: t('lock.now'), detail: '', icon: 'lock', act: { kind: 'lock' } } as const]
      : []),
  ];
}
