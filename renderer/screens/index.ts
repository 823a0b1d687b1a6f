import type { Permission } from '../../preload/contract/permissions.ts';
import type { IconName } from '../components/icons.tsx';
import type { PlainKey } from '../i18n/index.ts';
import { later, type ScreenComponent } from '../later.tsx';
import { Home } from './home/home.tsx';

// Home is there at once; the others come as files of their own, fetched while nothing else is to do.
const files = {
  Activity: later(() => import('./activity/activity.tsx').then((file) => file.Activity)),
  Connections: later(() => import('./connections/connections.tsx').then((file) => file.Connections)),
  Credentials: later(() => import('./credentials/credentials.tsx').then((file) => file.Credentials)),
  Data: later(() => import('./data/data.tsx').then((file) => file.Data)),
  Field: later(() => import('./field/field.tsx').then((file) => file.Field)),
  Dictionary: later(() => import('./dictionary/dictionary.tsx').then((file) => file.Dictionary)),
  Inbox: later(() => import('./inbox/inbox.tsx').then((file) => file.Inbox)),
  People: later(() => import('./people/people.tsx').then((file) => file.People)),
  Projects: later(() => import('./projects/projects.tsx').then((file) => file.Projects)),
  Query: later(() => import('./query/query.tsx').then((file) => file.Query)),
  Settings: later(() => import('./settings/settings.tsx').then((file) => file.Settings)),
  Start: later(() => import('./first-run/start.tsx').then((file) => file.Start)),
  Sources: later(() => import('./sources/sources.tsx').then((file) => file.Sources)),
  Runs: later(() => import('./runs/runs.tsx').then((file) => file.Runs)),
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
  /** Where it stands in the rail; what stands nowhere is reached from the menu of the person, or from another screen. */
  readonly group: 'look' | 'projects' | 'set up' | 'manage' | null;
  /** It has the window for itself, without the rail. */
  readonly alone?: boolean;
  /** What the rail calls it, where that is another name. */
  readonly inRail?: PlainKey;
}

/** One line per screen: its address, name, icon and who may open it. */
export const screens: readonly Screen[] = [
  { path: '', title: 'home.title', icon: 'home', component: Home, permission: 'view', group: 'look' },
  // Where somebody is led to who begins at the view for people in the field.
  { path: 'home', title: 'home.title', icon: 'home', component: Home, permission: 'view', group: null },
  {
    path: 'field',
    title: 'field.title',
    icon: 'checkCircle',
    component: files.Field.Screen,
    permission: 'view',
    group: null,
    alone: true,
  },
  {
    path: 'inbox',
    title: 'inbox.title',
    icon: 'inbox',
    component: files.Inbox.Screen,
    permission: 'view',
    group: 'look',
  },
  {
    path: 'runs',
    title: 'runs.title',
    icon: 'sync',
    component: files.Runs.Screen,
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
    group: null,
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
    group: 'projects',
    inRail: 'shell.allProjects',
  },
  {
    path: 'start',
    title: 'firstRun.title',
    icon: 'play',
    component: files.Start.Screen,
    permission: 'view',
    group: null,
  },
  {
    path: 'credentials',
    title: 'credentials.title',
    icon: 'key',
    component: files.Credentials.Screen,
    permission: 'view',
    group: null,
  },
  {
    path: 'people',
    title: 'people.title',
    icon: 'user',
    component: files.People.Screen,
    permission: 'view',
    group: null,
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
