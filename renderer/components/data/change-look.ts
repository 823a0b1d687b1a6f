import type { Drift } from '../../../preload/contract/models.ts';
import type { IconName } from '../icons.tsx';
import type { Tone } from '../status.tsx';

/** How each kind of change of the tables is shown: always with its word. */
export const changeLook: Record<Drift['kind'], { tone: Tone; icon: IconName }> = {
  table_added: { tone: 'ok', icon: 'plus' },
  column_added: { tone: 'ok', icon: 'plus' },
  table_removed: { tone: 'bad', icon: 'trash' },
  column_removed: { tone: 'bad', icon: 'trash' },
  column_retyped: { tone: 'warn', icon: 'edit' },
};
