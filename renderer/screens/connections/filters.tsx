import { useEffect, useState } from 'react';
import { type EngineType, engineTraits } from '../../../preload/contract/engines.ts';
import type { Input } from '../../../preload/contract/methods.ts';
import type { ConnectionPage, HealthState, OnboardingState } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';
import { healthLook } from './health.tsx';
import {
  type ConnectionState,
  connectionStates,
  type Environment,
  environments,
  healthStates,
  onboardingStates,
} from './options.ts';

/** What the list is narrowed to; '' leaves it open. */
export interface Filter {
  readonly search: string;
  readonly engine: EngineType | '';
  readonly environment: Environment | '';
  readonly health: HealthState | '';
  readonly onboarding: OnboardingState | '';
  readonly folder: string;
  readonly tag: string;
  readonly state: ConnectionState | '';
}

export const noFilter: Filter = {
  ...{ search: '', engine: '', environment: '', health: '', onboarding: '', folder: '', tag: '', state: '' },
};

/** The longest search that the contract takes. */
const longestSearch = 200;

type Asked = Pick<
  Input<'connections.list'>,
  'search' | 'engine' | 'environment' | 'health' | 'onboarding' | 'folder' | 'tag' | 'state'
>;

/** As the contract asks for it. */
export function asked(filter: Filter): Asked {
  const { search, engine, environment, health, onboarding, folder, tag, state } = filter;
  const words = search.trim().slice(0, longestSearch);
  return {
    ...(words === '' ? {} : { search: words }),
    ...(engine === '' ? {} : { engine }),
    ...(environment === '' ? {} : { environment }),
    ...(health === '' ? {} : { health }),
    ...(onboarding === '' ? {} : { onboarding }),
    ...(folder === '' ? {} : { folder }),
    ...(tag === '' ? {} : { tag }),
    ...(state === '' ? {} : { state }),
  };
}

export function isNarrowed(filter: Filter): boolean {
  return Object.keys(asked(filter)).length > 0;
}

/** What was typed, once the typing pauses. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
  /** Of all, for the folders and tags there are. */
  readonly page: ConnectionPage;
  /** Of what fits apart from the health that was chosen. */
  readonly counts: ConnectionPage['health'];
}

export function Filters({ filter, onChange, page, counts }: FiltersProps) {
  const set = (change: Partial<Filter>) => onChange({ ...filter, ...change });
  const all = { value: '', label: t('filter.all') };
  const named = (values: readonly string[], chosen: string) => [
    all,
    // One that nothing carries any more is still what was chosen.
    ...[...new Set([...values, ...(chosen === '' ? [] : [chosen])])].map((value) => ({
      value,
      label: value,
    })),
  ];
  return (
    <search className="connection-filters">
      <div className="toolbar">
        <TextField
          label={t('filter.search')}
          type="search"
          placeholder={t('filter.searchHelp')}
          value={filter.search}
          onChange={(search) => set({ search })}
        />
        <SelectField
          label={t('filter.environment')}
          value={filter.environment}
          onChange={(value) => set({ environment: value as Filter['environment'] })}
          options={[all, ...environments.map((value) => ({ value, label: t(`environment.${value}`) }))]}
        />
        {(page.engines.length > 1 || filter.engine !== '') && (
          <SelectField
            label={t('connections.engine')}
            value={filter.engine}
            onChange={(value) => set({ engine: value as Filter['engine'] })}
            options={[all, ...page.engines.map((value) => ({ value, label: engineTraits[value].title }))]}
          />
        )}
        {(page.folders.length > 0 || filter.folder !== '') && (
          <SelectField
            label={t('filter.folder')}
            value={filter.folder}
            onChange={(folder) => set({ folder })}
            options={named(page.folders, filter.folder)}
          />
        )}
        {(page.tags.length > 0 || filter.tag !== '') && (
          <SelectField
            label={t('filter.tag')}
            value={filter.tag}
            onChange={(tag) => set({ tag })}
            options={named(page.tags, filter.tag)}
          />
        )}
        <SelectField
          label={t('onboarding.label')}
          value={filter.onboarding}
          onChange={(value) => set({ onboarding: value as Filter['onboarding'] })}
          options={[all, ...onboardingStates.map((value) => ({ value, label: t(`onboarding.${value}`) }))]}
        />
        <SelectField
          label={t('filter.state')}
          value={filter.state}
          onChange={(value) => set({ state: value as Filter['state'] })}
          options={[
            { value: '', label: t('filter.notArchived') },
            ...connectionStates.map((value) => ({ value, label: t(`connectionState.${value}`) })),
          ]}
        />
      </div>
      <fieldset className="health-counts" aria-label={t('filter.health')}>
        {healthStates
          .filter((state) => counts[state] > 0 || filter.health === state)
          .map((state) => (
            <button
              key={state}
              type="button"
              className={`health-count tone-${healthLook[state].tone}`}
              aria-pressed={filter.health === state}
              onClick={() => set({ health: filter.health === state ? '' : state })}
            >
              <Icon name={healthLook[state].icon} size={14} />
              <span>{t('filter.healthCount', { state: t(`health.${state}`), count: counts[state] })}</span>
            </button>
          ))}
        {isNarrowed(filter) && (
          <Button small tone="quiet" icon="close" onClick={() => onChange(noFilter)}>
            {t('filter.clear')}
          </Button>
        )}
      </fieldset>
    </search>
  );
}
