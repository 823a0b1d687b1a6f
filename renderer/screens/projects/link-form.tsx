import { useRef, useState } from 'react';
import type { KeptSchema, Link, Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { OldTablesField, useOldTables } from '../../components/data/old-tables.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { CheckField, RadioField, SelectField, TextField } from '../../components/fields.tsx';
import { isGood } from '../../components/session/credential-state.ts';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { formatAbsolute } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import { href } from '../../router.ts';
import { allInWords } from '../../source-words.ts';
import { DatasetPicks } from './dataset-picks.tsx';
import { type AskAs, DatasetsState, useDatasets } from './found-datasets.tsx';
import { chosenOptions, OptionFields, type OptionValues } from './option-fields.tsx';
import { RefreshFields, refreshOf, refreshProblemOf, useRefreshState } from './refresh-fields.tsx';
import {
  chosenOf,
  problemsOf,
  ScheduleFields,
  type ScheduleProblems,
  useScheduleState,
} from './schedule-fields.tsx';

/** One account serves everybody, also those who may not sign in: the usual way comes first. */
const modes = ['project', 'user'] as const;
/** The contract's own; here so that an untouched form shows what it will do. */
const defaultShrink = 30;

interface LinkFormProps {
  readonly link: Link | null;
  readonly projectId: string;
  /** Sources this project has already; each can be linked once. */
  readonly linked: readonly string[];
  /** Schemas that were kept in the project's database. */
  readonly kept: readonly KeptSchema[];
  readonly onClose: () => void;
}

/** Opens once it is known what there is to choose: the focus goes to the first field, and nothing is to push it away. */
export function LinkForm(props: LinkFormProps) {
  const sources = useCall('sources.list', {});
  const types = useCall('sources.types', {});
  const asked = [sources, types].every((call) => call.data !== undefined || call.error !== undefined);
  return asked ? (
    <Form {...props} sources={sources.data} types={types.data && allInWords(types.data)} />
  ) : null;
}

interface FormProps extends LinkFormProps {
  readonly sources: readonly Source[] | undefined;
  readonly types: readonly SourceTypeInfo[] | undefined;
}

function Form({ link, projectId, linked, kept, onClose, sources, types }: FormProps) {
  const notify = useNotify();
  const free = sources?.filter((each) => each.id === link?.sourceId || !linked.includes(each.id)) ?? [];
  const [chosen, setChosen] = useState(link?.sourceId ?? '');
  const sourceId = chosen || (free.length === 1 ? (free[0]?.id ?? '') : '');
  const source = sources?.find((each) => each.id === sourceId);
  const only = types?.length === 1 ? types[0] : undefined;
  const type = types?.find((each) => each.type === source?.sourceType) ?? only;
  const [credentialMode, setMode] = useState<(typeof modes)[number]>(link?.credentialMode ?? 'project');
  // Null until somebody changed it: everything the source offers is the sensible start.
  const [picked, setPicked] = useState<readonly string[] | null>(link?.syncConfig.datasets ?? null);
  const as = useAskAs(source, credentialMode === 'project' ? projectId : undefined);
  const { datasets: offered, state: found } = useDatasets(source, type, as);
  const datasets = picked ?? offered.filter((each) => each.usual).map((each) => each.name);
  const [options, setOptions] = useState<OptionValues>(link?.syncConfig.options ?? {});
  const choices = useChoices(type, as);
  const [keepRaw, setKeepRaw] = useState(link?.syncConfig.keepRaw ?? true);
  const [readers, setReaders] = useState(link?.syncConfig.readerRoles.join(', ') ?? '');
  const [guards, setGuards] = useState(link?.syncConfig.guards ?? true);
  const [shrink, setShrink] = useState(String(link?.syncConfig.shrinkPercent ?? defaultShrink));
  const [refreshViews, setRefreshViews] = useState(link?.syncConfig.refreshViews ?? false);
  const [secondColumn, setSecondColumn] = useState(link?.syncConfig.secondColumn ?? false);
  // The newest that was the same person's, or the project's, as the sign-in is now.
  const stayed = kept.find(
    (each) =>
      each.sourceId === sourceId &&
      each.dataAsOf !== null &&
      (each.personName === null) === (credentialMode === 'project'),
  );
  const [adopts, setAdopts] = useState(true);
  const [schedule, setSchedule] = useScheduleState(link);
  const old = useOldTables(link && link.credentialMode !== credentialMode ? { linkId: link.id } : null);
  const [refresh, setRefresh] = useRefreshState(link);
  const [problems, setProblems] = useState<{
    source?: string;
    datasets?: string;
    readers?: string;
    shrink?: string;
    schedule?: ScheduleProblems;
    refresh?: string;
  }>({});
  const body = useRef<HTMLDivElement>(null);
  const nothingLeft = !link && sources !== undefined && free.length === 0;

  const save = useAction((client) => {
    const readerRoles = readers
      .split(/[,\n]/)
      .map((role) => role.trim())
      .filter(Boolean);
    const syncConfig = {
      datasets: [...datasets],
      keepRaw,
      readerRoles,
      options: chosenOptions(type, datasets, options),
      guards,
      shrinkPercent: Number(shrink),
      refreshViews,
      secondColumn,
      refresh: refreshOf(refresh),
    };
    const times = chosenOf(schedule);
    return link
      ? client.links.update({ id: link.id, credentialMode, syncConfig, ...times, ...old.given })
      : client.links.create({
          ...{ projectId, sourceId, credentialMode, syncConfig, ...times },
          ...(stayed && adopts ? { adopt: stayed.id } : {}),
        });
  });
  const submit = async () => {
    if (nothingLeft) return;
    const times = problemsOf(schedule);
    const wrong = refreshProblemOf(refresh);
    const found = {
      ...(sourceId === '' ? { source: t('links.sourceFirst') } : {}),
      ...(datasets.length === 0 ? { datasets: t('links.datasetsFirst') } : {}),
      ...(isPercent(shrink) ? {} : { shrink: t('links.shrinkInvalid') }),
      ...(Object.keys(times).length === 0 ? {} : { schedule: times }),
      ...(wrong === undefined ? {} : { refresh: wrong }),
    };
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    const saved = await save.run();
    if (!saved) return;
    notify.done(t('links.savedToast', { name: saved.sourceName }));
    onClose();
  };
  const refused = useRefusal(
    save.error,
    {
      sourceId: 'source',
      'syncConfig.datasets': 'datasets',
      'syncConfig.readerRoles': 'readers',
      'syncConfig.shrinkPercent': 'shrink',
    },
    setProblems,
    body,
  );
  return (
    <Panel
      open
      wide
      title={link ? t('links.editTitle', { name: link.sourceName }) : t('links.addTitle')}
      lead={t('links.formLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          {!nothingLeft && (
            <Button tone="primary" type="submit" busy={save.busy}>
              {link ? t('action.save') : t('links.create')}
            </Button>
          )}
        </>
      }
    >
      {nothingLeft ? (
        <Note tone="info">
          <p>{sources.length === 0 ? t('links.noSource') : t('links.noFreeSource')}</p>
          <p>
            <a href={`${href('sources')}?add`}>{t('sources.add')}</a>
          </p>
        </Note>
      ) : (
        <div className="form" ref={body}>
          {refused && <ErrorNotice error={refused} urgent />}
          {!link && (
            <SelectField
              label={t('links.source')}
              value={sourceId}
              onChange={(value) => {
                setChosen(value);
                setPicked(null);
                setProblems({});
              }}
              error={problems.source}
              options={[
                { value: '', label: t('links.sourceChoose') },
                ...free.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          )}
          <RadioField
            legend={t('links.mode')}
            value={credentialMode}
            onChange={setMode}
            options={modes.map((value) => ({
              value,
              label: t(`links.mode.${value}`),
              help: t(`links.modeHelp.${value}`),
            }))}
          />
          <OldTablesField {...old} />
          {!link && stayed && (
            <CheckField
              label={t('kept.adopt', { name: stayed.schemaName })}
              help={t('kept.adoptHelp', { time: formatAbsolute(stayed.dataAsOf ?? '') })}
              checked={adopts}
              onChange={setAdopts}
            />
          )}
          {type && (
            <DatasetPicks
              offered={offered}
              picked={datasets}
              problem={problems.datasets}
              onChange={(next) => {
                setPicked(next);
                setProblems({});
              }}
            />
          )}
          <DatasetsState state={found} />
          {type && (
            <OptionFields
              type={type}
              picked={datasets}
              values={options}
              onChange={setOptions}
              choices={choices}
            />
          )}
          <ScheduleFields state={schedule} problems={problems.schedule ?? {}} onChange={setSchedule} />
          {offered.some(({ name, tellsChanges }) => tellsChanges && datasets.includes(name)) && (
            <RefreshFields link={link} state={refresh} problem={problems.refresh} onChange={setRefresh} />
          )}
          {type?.hasOriginals !== false && (
            <CheckField
              label={t('links.keepRaw')}
              help={t('links.keepRawHelp')}
              checked={keepRaw}
              onChange={setKeepRaw}
            />
          )}
          <CheckField
            label={t('links.guards')}
            help={t('links.guardsHelp')}
            checked={guards}
            onChange={setGuards}
          />
          {guards && (
            <TextField
              label={t('links.shrink')}
              help={t('links.shrinkHelp')}
              inputMode="numeric"
              value={shrink}
              onChange={setShrink}
              error={problems.shrink}
            />
          )}
          <CheckField
            label={t('links.secondColumn')}
            help={t('links.secondColumnHelp')}
            checked={secondColumn}
            onChange={setSecondColumn}
          />
          <CheckField
            label={t('links.refreshViews')}
            help={t('links.refreshViewsHelp')}
            checked={refreshViews}
            onChange={setRefreshViews}
          />
          <TextField
            label={t('links.readers')}
            optional
            help={t('links.readersHelp')}
            translate="no"
            value={readers}
            onChange={setReaders}
            error={problems.readers}
          />
        </div>
      )}
    </Panel>
  );
}

function isPercent(text: string): boolean {
  return /^\d{1,3}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 100;
}

/** As whom a source is asked for what can be chosen: as the project where it is signed in, else as the person. */
function useAskAs(source: Source | undefined, projectId: string | undefined): AskAs {
  const may = useAccess().may('authorise_sources');
  const credentials = useCall('credentials.list', {}).data;
  if (!may || !source) return null;
  const { id } = source;
  const ofProject = credentials?.some(
    (each) => each.sourceId === id && each.projectId === projectId && isGood(each),
  );
  if (projectId !== undefined && ofProject) return { id, projectId };
  return source.credential && isGood(source.credential) ? { id } : null;
}

/** What the source offers for the options; undefined where nobody is signed in whom it would answer. */
function useChoices(type: SourceTypeInfo | undefined, as: AskAs) {
  const input = type?.options.length ? as : null;
  const answer = useCall('sources.choices', input);
  return input === null ? undefined : answer;
}
