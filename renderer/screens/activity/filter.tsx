import { useEffect, useId, useState } from 'react';
import { backgroundActions } from '../../../preload/contract/background.ts';
import { callNames } from '../../../preload/contract/channels.ts';
import type { AuditFilter } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { maybe, t } from '../../i18n/index.ts';

export const outcomes = ['ok', 'refused', 'failed'] as const;

/** "connections.create" in words, where the catalogue knows it. */
export function actionText(action: string): string {
  return maybe(`audit.${action}`) ?? action;
}

/** The fields as they are typed; dates as the person's calendar says them, `2026-11-21`. */
export interface TypedFilter {
  readonly person: string;
  /** A call, or the beginning of one with its dot. */
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly from: string;
  readonly to: string;
}
export const noFilter: TypedFilter = { person: '', action: '', subject: '', outcome: '', from: '', to: '' };

/** Midnight of a day here, so many days later. */
export function startOf(day: string, later: number): string | undefined {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** What is asked of the core. A name that something has now stands for its id, which is what the log keeps. */
export function filterOf(typed: TypedFilter, names: ReadonlyMap<string, string>): AuditFilter {
  const person = typed.person.trim();
  const subject = typed.subject.trim();
  const known = [...names].find(([, name]) => name.toLowerCase() === subject.toLowerCase());
  const outcome = outcomes.find((each) => each === typed.outcome);
  const from = typed.from === '' ? undefined : startOf(typed.from, 0);
  const to = typed.to === '' ? undefined : startOf(typed.to, 1);
  return {
    ...(person === '' ? {} : { person }),
    ...(typed.action === '' ? {} : { action: typed.action }),
    ...(subject === '' ? {} : { subject: known?.[0] ?? subject }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** The value as it was a moment ago: nobody asks the core with every key that is pressed. */
export function useSettled<T>(value: T, milliseconds = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

const actions = [...callNames, ...backgroundActions];
const spaces = [...new Set(actions.map((name) => name.slice(0, name.indexOf('.') + 1)))];
/** What is written down has a name in the catalogue. */
const written = () => actions.filter((name) => maybe(`audit.${name}`) !== undefined);
const areasOf = (names: readonly string[]) =>
  spaces.filter((space) => names.some((name) => name.startsWith(space)));

interface FilterProps {
  readonly typed: TypedFilter;
  readonly names: ReadonlyMap<string, string>;
  readonly onChange: (typed: TypedFilter) => void;
}

/** Everything is looked for by the core, in the whole log. */
export function Filters({ typed, names, onChange }: FilterProps) {
  const list = useId();
  const people = useCall('people.list', {}).data ?? [];
  const change = (field: keyof TypedFilter) => (value: string) => onChange({ ...typed, [field]: value });
  const named = written();
  const areas = areasOf(named);
  const area = areas.find((each) => typed.action.startsWith(each)) ?? '';
  const any = Object.values(typed).some((value) => value !== '');
  return (
    <search className="toolbar activity-filter">
      <TextField
        label={t('activity.person')}
        type="search"
        list={`${list}-people`}
        maxLength={200}
        value={typed.person}
        onChange={change('person')}
      />
      <SelectField
        label={t('activity.area')}
        value={area}
        onChange={change('action')}
        options={[
          { value: '', label: t('activity.anyArea') },
          ...areas.map((value) => ({ value, label: maybe(`activity.area.${value.slice(0, -1)}`) ?? value })),
        ]}
      />
      {area !== '' && (
        <SelectField
          label={t('activity.action')}
          value={typed.action}
          onChange={change('action')}
          options={[
            { value: area, label: t('activity.anyAction') },
            ...named
              .filter((name) => name.startsWith(area))
              .map((value) => ({ value, label: actionText(value) })),
          ]}
        />
      )}
      <TextField
        label={t('activity.subject')}
        type="search"
        list={`${list}-names`}
        maxLength={200}
        value={typed.subject}
        onChange={change('subject')}
      />
      <SelectField
        label={t('activity.outcome')}
        value={typed.outcome}
        onChange={change('outcome')}
        options={[
          { value: '', label: t('activity.anyOutcome') },
          ...outcomes.map((value) => ({ value, label: t(`outcome.${value}`) })),
        ]}
      />
      <TextField label={t('activity.from')} type="date" value={typed.from} onChange={change('from')} />
      <TextField label={t('activity.to')} type="date" value={typed.to} onChange={change('to')} />
      <Presets typed={typed} onChange={onChange} />
      {any && (
        <Button tone="quiet" icon="close" data-clear onClick={() => onChange(noFilter)}>
          {t('activity.clear')}
        </Button>
      )}
      <Suggestions id={`${list}-people`} of={people.map(({ name }) => name)} />
      <Suggestions id={`${list}-names`} of={[...names.values()]} />
    </search>
  );
}

/** What is looked for most: one press, and the same again takes it back. */
const presets = {
  secrets: { action: 'secrets.' },
  refused: { outcome: 'refused' },
  failed: { outcome: 'failed' },
} as const satisfies Record<string, Partial<TypedFilter>>;

function Presets({ typed, onChange }: Pick<FilterProps, 'typed' | 'onChange'>) {
  return (
    <fieldset className="activity-presets" aria-label={t('activity.presets')}>
      {(Object.keys(presets) as (keyof typeof presets)[]).map((name) => {
        const wanted: Partial<TypedFilter> = presets[name];
        const fields = Object.keys(wanted) as (keyof TypedFilter)[];
        const on = fields.every((field) => typed[field] === wanted[field]);
        const off = Object.fromEntries(fields.map((field) => [field, '']));
        return (
          <button
            key={name}
            type="button"
            className="health-count"
            aria-pressed={on}
            onClick={() => onChange({ ...typed, ...(on ? off : wanted) })}
          >
            {t(`activity.preset.${name}`)}
          </button>
        );
      })}
    </fieldset>
  );
}

/** So many are offered; the rest is found by typing. */
const mostOffered = 200;

function Suggestions({ id, of }: { id: string; of: readonly string[] }) {
  return (
    <datalist id={id}>
      {[...new Set(of)].slice(0, mostOffered).map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
