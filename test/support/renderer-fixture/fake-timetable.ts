import type { TimetableJob, TimetableView } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** What is done by the clock, as the core would answer. */
export function fakeTimetable({ changed, stamp }: FakeTools): FakeHandlers {
  const minutes = (n: number): string => new Date(Date.parse(stamp()) + n * 60_000).toISOString();
  const job = (name: string, last: number, next: number, over: Partial<TimetableJob> = {}): TimetableJob => ({
    ...{ name, dueAt: minutes(next), lastAt: minutes(last), outcome: 'did', count: 1 },
    ...{ waiting: 0, error: null, madeUp: false },
    ...over,
  });
  let view: TimetableView = {
    isHeldBack: false,
    jobs: [
      job('resume', -1, 0),
      job('refresh', -1, 0),
      job('activity', -3, 2),
      job('expire', -37, 23, { madeUp: true }),
      job('tokens', -11, 4, { outcome: 'failed', count: 0, error: 'STORE_UNAVAILABLE' }),
      job('health', -1, 0, { lastAt: null, outcome: null, count: 0 }),
    ],
  };
  return {
    'timetable.get': () => view,
    'timetable.hold': (input) => {
      view = { ...view, isHeldBack: input['on'] === true };
      changed('datasets');
      return view;
    },
  };
}
