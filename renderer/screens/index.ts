import type { Permission } from '../../preload/contract/permissions.ts';
import type { IconName } from '../components/icons.tsx';
import type { PlainKey } from '../i18n/index.ts';
import { later, type ScreenComponent } from '../later.tsx';
import { Home } from './home/home.tsx';

// Home is there at once; the others come as files of their own, fetched while nothing else is to do.
const files = {
  Activity: later(() => import('./activity.tsx').then((file) => file.Activity)),
  Connections: later(() => import('./connections/connections.tsx').then((file) => file.Connections)),
  Credentials: later(() => import('./credentials/credentials.tsx').then((file) => file.Credentials)),
  Data: later(() => import('./data/data.tsx').then((file) => file.Data)),
  Dictionary: later(() => import('./dictionary/dictionary.tsx').then((file) => file.Dictionary)),
  Inbox: later(() => import('./inbox/inbox.tsx').then((file) => file.Inbox)),
  People: later(() => import('./people/people.tsx').then((file) => file.People)),
  Projects: later(() => import('./projects/projects.tsx').then((file) => file.Projects)),
  Query: later(() => import('./query/query.tsx').then((file) => file.Query)),
  Settings: later(() => import('./settings/settings.tsx').then((file) => file.Settings)),
  Start: later(() => import('./first-run/start.tsx').then((file) => file.Start)),
  Sources: later(() => import('./sources/sources.tsx').then((file) => file.Sources)),
  SyncStatus: later(() => import('./sync/sync-status.tsx').then((file) => file.SyncStatus)),
};

/** Fetches the screens that were not opened yet, so that opening them needs no wait. */
export function prefetchScreens(): void {
  requestIdleCallback(() => {
    // One that can not be fetched now says so when it is opened.
    for (const { load } of Object.values(files)) void load().catch(() => undefined);
  });
}

export interface Screen {
  /** First part of the address; '' is where the window opens. */
  readonly path: string;
  readonly title: PlainKey;
  readonly icon: IconName;
  readonly component: ScreenComponent;
  readonly permission: Permission;
  /** `aside`: reached from elsewhere, not from the list of screens. */
  readonly group: 'look' | 'set up' | 'manage' | 'aside';
}

/** One line per screen: its address, name, icon and who may open it. */
export const screens: readonly Screen[] = [
  { path: '', title: 'home.title', icon: 'home', component: Home, permission: 'view', group: 'look' },
  {
    path: 'inbox',
    title: 'inbox.title',
    icon: 'inbox',
    component: files.Inbox.Screen,
    permission: 'view',
    group: 'look',
  },
  {
    path: 'sync',
    title: 'sync.title',
    icon: 'sync',
    component: files.SyncStatus.Screen,
    permission: 'view',
    group: 'look',
  },
  {
    path: 'data',
    title: 'data.title',
    icon: 'table',
    component: files.Data.Screen,
    permission: 'read_data',
    group: 'look',
  },
  {
    path: 'query',
    title: 'query.title',
    icon: 'query',
    component: files.Query.Screen,
    permission: 'query_data',
    group: 'look',
  },
  {
    path: 'dictionary',
    title: 'dictionary.title',
    icon: 'book',
    component: files.Dictionary.Screen,
    permission: 'read_data',
    group: 'look',
  },
  {
    path: 'connections',
    title: 'connections.title',
    icon: 'database',
    component: files.Connections.Screen,
    permission: 'view',
    group: 'set up',
  },
  {
    path: 'sources',
    title: 'sources.title',
    icon: 'source',
    component: files.Sources.Screen,
    permission: 'view',
    group: 'set up',
  },
  {
    path: 'projects',
    title: 'projects.title',
    icon: 'project',
    component: files.Projects.Screen,
    permission: 'view',
    group: 'set up',
  },
  {
    path: 'start',
    title: 'firstRun.title',
    icon: 'play',
    component: files.Start.Screen,
    permission: 'view',
    group: 'aside',
  },
  {
    path: 'credentials',
    title: 'credentials.title',
    icon: 'key',
    component: files.Credentials.Screen,
    permission: 'view',
    group: 'manage',
  },
  {
    path: 'people',
    title: 'people.title',
    icon: 'user',
    component: files.People.Screen,
    permission: 'view',
    group: 'manage',
  },
  {
    path: 'activity',
    title: 'activity.title',
    icon: 'activity',
    component: files.Activity.Screen,
    permission: 'read_audit',
    group: 'manage',
  },
  {
    path: 'settings',
    title: 'settings.title',
    icon: 'settings',
    component: files.Settings.Screen,
    permission: 'view',
    group: 'manage',
  },
];
