import { useState } from 'react';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { formatInterval, formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { inWords } from '../../source-words.ts';
import { DatasetPicks } from '../projects/dataset-picks.tsx';
import { DatasetsState, useDatasets } from '../projects/found-datasets.tsx';
import type { ChosenSource } from './source-step.tsx';
import type { Step } from './steps.tsx';

const intervals = [1, 4, 6, 12, 24, 168] as const;

interface Props {
  /** Null before a source was chosen. */
  readonly chosen: ChosenSource | null;
  /** A project that is there keeps its name. */
  readonly isNew: boolean;
  readonly onStarted: (projectId: string) => void;
  readonly onClose: () => void;
}

/** What is read, when, and go. Everything is as it should be already: one press begins. */
export function useStartStep({ chosen, isNew, onStarted, onClose }: Props): Step {
  const source = useCall('sources.list', {}).data?.find((each) => each.id === chosen?.sourceId);
  const known = useCall('sources.types', {}).data?.find((each) => each.type === source?.sourceType);
  const type = known && inWords(known);
  const choices = useCall(
    'sources.choices',
    chosen === null ? null : { id: chosen.sourceId, projectId: chosen.projectId },
  ).data;
  const [name, setName] = useState<string | null>(null);
  const [picked, setPicked] = useState<readonly string[] | null>(null);
  const [hours, setHours] = useState('24');
  const { datasets: offered, state: found } = useDatasets(
    source,
    type,
    chosen === null ? null : { id: chosen.sourceId, projectId: chosen.projectId },
  );
  const usual = offered.filter((each) => each.usual).map((each) => each.name);
  const datasets = picked ?? usual;
  // What a source has of its own is chosen by name: what comes later is not among it.
  const isEverything = picked === null && type?.discovers !== true;
  const start = useAction(async (client) => {
    if (chosen === null) return null;
    const { projectId, sourceId } = chosen;
    const wished = (name ?? chosen.title).trim();
    if (isNew && wished !== '') await client.projects.update({ id: projectId, name: wished });
    const link = await client.links.create({
      ...{ projectId, sourceId, credentialMode: 'project' },
      syncConfig: { datasets: [...datasets] },
      schedule: { kind: 'every', hours: Number(hours) },
    });
    await client.syncs.start({ linkId: link.id });
    return projectId;
  });
  const submit = async () => {
    const projectId = await start.run();
    if (projectId) onStarted(projectId);
  };
  const picks = type && offered.length > 0 && (
    <DatasetPicks offered={offered} picked={datasets} problem={undefined} onChange={setPicked} />
  );
  const labels = offered.filter((each) => datasets.includes(each.name)).map((each) => each.label);
  return {
    submit: () => void submit(),
    footer: (
      <>
        <Button tone="quiet" onClick={onClose}>
          {t('setup.later')}
        </Button>
        <Button
          tone="primary"
          type="submit"
          icon="sync"
          busy={start.busy}
          blocked={datasets.length === 0 ? t('links.datasetsFirst') : undefined}
        >
          {t('setup.start')}
        </Button>
      </>
    ),
    body: (
      <>
        {start.error && <ErrorNotice error={start.error} urgent />}
        {isNew && (
          <TextField
            label={t('setup.projectName')}
            help={t('setup.projectNameHelp')}
            value={name ?? chosen?.title ?? ''}
            onChange={setName}
          />
        )}
        <div className="setup-card">
          <p className="setup-what">
            <strong>
              {isEverything ? t('setup.everything') : t('setup.chosen', { count: datasets.length })}
            </strong>
          </p>
          <p>{formatList(labels)}</p>
          <DatasetsState state={found} />
          {Object.entries(choices ?? {}).map(([option, list]) => {
            const label = type?.options.find((each) => each.name === option && each.kind === 'list')?.label;
            return label !== undefined && list.length > 0 ? (
              <p className="cell-note" key={option}>
                {t('setup.seen', { what: label, count: list.length })}
              </p>
            ) : null;
          })}
          {usual.length === 0 ? (
            picks
          ) : (
            <details>
              <summary>{t('setup.lessThanAll')}</summary>
              {picks}
            </details>
          )}
        </div>
        <SelectField
          label={t('links.interval')}
          value={hours}
          onChange={setHours}
          options={intervals.map((each) => ({ value: String(each), label: formatInterval(each) }))}
        />
      </>
    ),
  };
}
