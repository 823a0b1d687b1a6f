import type { Job } from '../../../preload/contract/models.ts';
import type { IconName } from '../../components/icons.tsx';
import type { Tone } from '../../components/status.tsx';

/** How each state of a run is shown: always with its word. */
export const jobLook: Record<Job['status'], { tone: Tone; icon: IconName | 'spinner' }> = {
  queued: { tone: 'info', icon: 'clock' },
  running: { tone: 'info', icon: 'spinner' },
  paused: { tone: 'muted', icon: 'pause' },
  completed: { tone: 'ok', icon: 'checkCircle' },
  held: { tone: 'held', icon: 'held' },
  failed: { tone: 'bad', icon: 'failed' },
  cancelled: { tone: 'muted', icon: 'stop' },
};
