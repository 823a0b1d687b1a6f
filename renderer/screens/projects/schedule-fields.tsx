import { useState } from 'react';
import type { Link, PartOfDay, Schedule } from '../../../preload/contract/models.ts';
import { isTimeZone, timeOfDayShape } from '../../../preload/contract/times.ts';
import { CheckField, SelectField, TextField } from '../../components/fields.tsx';
import { formatInterval, formatWeekday } from '../../format.ts';
import { t } from '../../i18n/index.ts';

const intervals = [1, 2, 4, 6, 12, 24, 48, 168] as const;
/** So many hours without use; zero for always. */
const keeping = [24, 72, 168, 720, 0] as const;
const week = [1, 2, 3, 4, 5, 6, 7] as const;
const byTheClock = 'at';

interface State {
  readonly rhythm: string;
  readonly time: string;
  readonly zone: string;
  readonly weekdays: readonly number[];
  readonly isQuiet: boolean;
  readonly from: string;
  readonly to: string;
  readonly keep: string;
}

function stateOf(link: Link | null): State {
  const schedule = link?.schedule ?? { kind: 'every', hours: 24 };
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const at = schedule.kind === 'at' ? schedule : { time: '06:00', zone: here, weekdays: week };
  const quiet = link?.quietHours ?? { from: '08:00', to: '18:00', zone: at.zone };
  return {
    rhythm: schedule.kind === 'every' ? String(schedule.hours) : byTheClock,
    ...{ time: at.time, zone: at.zone, weekdays: at.weekdays },
    ...{ isQuiet: (link?.quietHours ?? null) !== null, from: quiet.from, to: quiet.to },
    keep: String(link === null ? 24 : (link.keepIdleHours ?? 0)),
  };
}

export interface ScheduleProblems {
  readonly time?: string;
  readonly zone?: string;
  readonly weekdays?: string;
  readonly quiet?: string;
}

/** What of the choices is not right yet. */
export function problemsOf(state: State): ScheduleProblems {
  const isAt = state.rhythm === byTheClock;
  return {
    ...(isAt && !timeOfDayShape.test(state.time) ? { time: t('schedule.timeInvalid') } : {}),
    ...((isAt || state.isQuiet) && !isTimeZone(state.zone) ? { zone: t('schedule.zoneInvalid') } : {}),
    ...(isAt && state.weekdays.length === 0 ? { weekdays: t('schedule.weekdaysFirst') } : {}),
    ...(state.isQuiet && !isPart(state) ? { quiet: t('schedule.quietInvalid') } : {}),
  };
}

const isPart = ({ from, to }: State): boolean =>
  timeOfDayShape.test(from) && timeOfDayShape.test(to) && from !== to;

/** The choices as a link has them. */
export function chosenOf(state: State): {
  schedule: Schedule;
  quietHours: PartOfDay | null;
  keepIdleHours: number | null;
} {
  const { rhythm, time, zone, weekdays, isQuiet, from, to, keep } = state;
  return {
    schedule:
      rhythm === byTheClock
        ? { kind: 'at', time, zone, weekdays: [...weekdays] }
        : { kind: 'every', hours: Number(rhythm) },
    quietHours: isQuiet ? { from, to, zone } : null,
    keepIdleHours: keep === '0' ? null : Number(keep),
  };
}

export const useScheduleState = (link: Link | null) => useState(() => stateOf(link));

/** When a link is refreshed by itself, when not, and how long its tables stay unused. */
export function ScheduleFields({
  state,
  problems,
  onChange,
}: {
  readonly state: State;
  readonly problems: ScheduleProblems;
  readonly onChange: (state: State) => void;
}) {
  const set = (change: Partial<State>) => onChange({ ...state, ...change });
  const isAt = state.rhythm === byTheClock;
  const own = Number(state.rhythm);
  const offered = isAt || intervals.some((each) => each === own) ? intervals : [...intervals, own];
  const kept = Number(state.keep);
  const keepings = keeping.some((each) => each === kept) ? keeping : [...keeping, kept];
  return (
    <>
      <SelectField
        label={t('links.interval')}
        help={t('links.intervalHelp')}
        value={state.rhythm}
        onChange={(rhythm) => set({ rhythm })}
        options={[
          ...offered.map((each) => ({ value: String(each), label: formatInterval(each) })),
          { value: byTheClock, label: t('schedule.at') },
        ]}
      />
      {isAt && (
        <>
          <TextField
            label={t('schedule.time')}
            type="time"
            value={state.time}
            onChange={(time) => set({ time })}
            error={problems.time}
          />
          <fieldset className="group" aria-invalid={problems.weekdays === undefined ? undefined : true}>
            <legend>{t('schedule.weekdays')}</legend>
            <div className="picks">
              {week.map((day) => (
                <CheckField
                  key={day}
                  label={formatWeekday(day)}
                  checked={state.weekdays.includes(day)}
                  onChange={(on) =>
                    set({
                      weekdays: week.filter((each) => (each === day ? on : state.weekdays.includes(each))),
                    })
                  }
                />
              ))}
            </div>
            {problems.weekdays !== undefined && <p className="field-error">{problems.weekdays}</p>}
          </fieldset>
        </>
      )}
      <CheckField
        label={t('schedule.quiet')}
        help={t('schedule.quietHelp')}
        checked={state.isQuiet}
        onChange={(isQuiet) => set({ isQuiet })}
      />
      {state.isQuiet && (
        <>
          <TextField
            label={t('schedule.from')}
            type="time"
            value={state.from}
            onChange={(from) => set({ from })}
            error={problems.quiet}
          />
          <TextField label={t('schedule.to')} type="time" value={state.to} onChange={(to) => set({ to })} />
        </>
      )}
      {(isAt || state.isQuiet) && (
        <TextField
          label={t('schedule.zone')}
          help={t('schedule.zoneHelp')}
          translate="no"
          value={state.zone}
          onChange={(zone) => set({ zone: zone.trim() })}
          error={problems.zone}
        />
      )}
      <SelectField
        label={t('schedule.keep')}
        help={t('schedule.keepHelp')}
        value={state.keep}
        onChange={(keep) => set({ keep })}
        options={keepings.map((hours) => ({
          value: String(hours),
          label: hours === 0 ? t('schedule.keepAlways') : formatHours(hours),
        }))}
      />
    </>
  );
}

const formatHours = (hours: number): string =>
  hours % 24 === 0 ? t('schedule.keepDays', { n: hours / 24 }) : t('schedule.keepHours', { n: hours });
