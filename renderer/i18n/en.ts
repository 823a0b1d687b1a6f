import { activity } from './en/activity.ts';
import { browse } from './en/browse.ts';
import { common } from './en/common.ts';
import { connections } from './en/connections.ts';
import { look } from './en/look.ts';
import { moving } from './en/moving.ts';
import { notices } from './en/notices.ts';
import { palette } from './en/palette.ts';
import { people } from './en/people.ts';
import { query } from './en/query.ts';
import { review } from './en/review.ts';
import { settings } from './en/settings.ts';
import { setup } from './en/setup.ts';

/** Every visible string in English. Another language has exactly these keys; the compiler checks it. */
export const en = {
  ...activity,
  ...browse,
  ...common,
  ...connections,
  ...setup,
  ...look,
  ...moving,
  ...notices,
  ...palette,
  ...people,
  ...query,
  ...review,
  ...settings,
} as const;
