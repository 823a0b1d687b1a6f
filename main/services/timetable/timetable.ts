import type { Timetable } from '../../schedule/timetable.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { heldBack } from './outlook.ts';

/** What is done by the clock. */
export function timetableService(services: Services, timetable: Timetable): Handlers<'timetable'> {
  const { store } = services;
  const view = () => ({ isHeldBack: store.policies.all()[heldBack] === true, jobs: timetable.list() });
  return {
    'timetable.get': view,
    'timetable.hold'({ on }) {
      store.policies.put(heldBack, on);
      emitChanged(services, 'datasets');
      return view();
    },
  };
}
