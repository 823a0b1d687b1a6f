import { activity } from './en/activity.ts';
import { browse } from './en/browse.ts';
import { common } from './en/common.ts';
import { connections } from './en/connections.ts';
import { density } from './en/density.ts';
import { field } from './en/field.ts';
import { home } from './en/home.ts';
import { look } from './en/look.ts';
import { moving } from './en/moving.ts';
import { notices } from './en/notices.ts';
import { palette } from './en/palette.ts';
import { people } from './en/people.ts';
import { project } from './en/project.ts';
import { query } from './en/query.ts';
import { review } from './en/review.ts';
import { runs } from './en/runs.ts';
import { settings } from './en/settings.ts';
import { setup } from './en/setup.ts';
import { shell } from './en/shell.ts';
import { sources } from './en/sources.ts';
import { wayin } from './en/wayin.ts';

/** Every visible string in English. Another language has exactly these keys; the compiler checks it. */
export const en = {
  ...activity,
  ...browse,
  ...common,
  ...connections,
  ...density,
  ...setup,
  ...field,
  ...home,
  ...look,
  ...moving,
  ...notices,
  ...palette,
  ...people,
  ...project,
  ...query,
  ...review,
  ...runs,
  ...settings,
  ...shell,
  ...sources,
  ...wayin,
} as const;
