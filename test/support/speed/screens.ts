import { uuid } from '../renderer-fixture/scenario.ts';

/** Every screen of the rail, and a project with its tabs, by name and address. */
export function screensOf(): Record<string, string> {
  const project = `#/projects/${uuid(4, 1)}`;
  return {
    ...{ home: '#/', inbox: '#/inbox', runs: '#/runs', data: '#/data', query: '#/query' },
    ...{ dictionary: '#/dictionary', connections: '#/connections', sources: '#/sources' },
    ...{ projects: '#/projects', project, credentials: '#/credentials', people: '#/people' },
    ...{ activity: '#/activity', settings: '#/settings' },
  };
}

/** The grid with a million rows. */
export const longGrid = {
  hash: `#/data/${uuid(6, 1)}/forms`,
  selector: '.data-panes [role="grid"]',
} as const;
