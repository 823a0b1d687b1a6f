import { useEffect, useState } from 'react';
import { useCall } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { copyText } from '../../components/copy.tsx';
import { useHistories } from '../../components/data/day-strip.tsx';
import { Mark } from '../../components/icons.tsx';
import { LanguageSelect } from '../../components/language-choice.tsx';
import { Loaded } from '../../components/page.tsx';
import { useLock } from '../../components/session/use-lock.ts';
import { useNotify } from '../../components/toasts.tsx';
import { formatMoment, formatNumber, formatToday } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { useWatched } from '../../watch/use-watched.tsx';
import { type FieldRow, type FieldSummary, fieldRows, fieldSummary } from './rows.ts';

const kept = 'headgate.field-size';
const sizes: readonly number[] = [1, 1.15, 1.3, 1.5, 1.75];

const marks = { upToDate: '✓', late: '!', none: '–', gone: '–' } as const;
const tones = { upToDate: 'ok', late: 'warn', none: 'muted', gone: 'muted' } as const;

/** `#/field?project=…`: whether the numbers of a project are up to date, for people who need nothing else. */
export function Field({ route }: { route: Route }) {
  const projects = useCall('projects.list', {});
  const links = useWatched();
  const asked = route.query.get('project');
  const withLinks = (projects.data ?? []).filter(({ id }) =>
    links.data?.some(({ link }) => link.projectId === id),
  );
  const project = withLinks.find(({ id }) => id === asked) ?? withLinks[0];
  const [size, setSize] = useState(() => Math.max(0, sizes.indexOf(Number(localStorage.getItem(kept)))));
  const resize = (by: number): void => {
    const next = Math.min(sizes.length - 1, Math.max(0, size + by));
    localStorage.setItem(kept, String(sizes[next]));
    setSize(next);
  };
  const offline = useCall('app.info', {}).data?.offline ?? false;
  const lock = useLock();
  return (
    <div className="field-page" style={{ fontSize: `${sizes[size]}em` }}>
      <header className="field-top">
        <Mark size={22} />
        {withLinks.length > 1 && project ? (
          <label className="field-project">
            <span className="visually-hidden">{t('home.project')}</span>
            <select
              className="input"
              value={project.id}
              onChange={({ target }) =>
                go(`${href('field')}?project=${encodeURIComponent(target.value)}`, true)
              }
            >
              {withLinks.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <strong>{project?.name ?? t('app.name')}</strong>
        )}
        <div className="field-tools">
          <LanguageSelect />
          <IconButton
            icon="minus"
            label={t('field.smaller')}
            disabled={size === 0}
            onClick={() => resize(-1)}
          />
          <IconButton
            icon="plus"
            label={t('field.larger')}
            disabled={size === sizes.length - 1}
            onClick={() => resize(1)}
          />
          {lock && (
            <IconButton
              icon="lock"
              label={t('lock.now')}
              aria-busy={lock.busy}
              onClick={() => void lock.run()}
            />
          )}
          <a className="field-more" href={href('home')}>
            {t('field.more')}
          </a>
        </div>
      </header>
      {!links.data && (
        <h1 className="field-sentence" tabIndex={-1}>
          {t('field.title')}
        </h1>
      )}
      <Loaded call={links}>
        {(all) => (
          <Numbers
            projectId={project?.id}
            project={project?.name ?? ''}
            watched={all.filter(({ link }) => link.projectId === project?.id)}
            offline={offline}
          />
        )}
      </Loaded>
    </div>
  );
}

function headline({ kind, asOf }: FieldSummary, now: number): string {
  if (kind === 'none' || asOf === null) return t('field.none');
  return t(`field.${kind}`, { time: formatMoment(asOf, now) });
}

function lineOf({ asOf, records, fresh, reason, state }: FieldRow, now: number): string[] {
  return [
    asOf === null ? t('field.nothing') : t('field.upTo', { time: formatMoment(asOf, now) }),
    ...(records === null
      ? []
      : [
          fresh !== null && fresh > 0
            ? t('field.recordsNew', { count: records, fresh: formatNumber(fresh) })
            : t('field.records', { count: records }),
        ]),
    ...(reason === null
      ? []
      : [t(state === 'upToDate' ? 'field.reason.updating' : `field.reason.${reason}`)]),
  ];
}

interface NumbersProps {
  readonly projectId: string | undefined;
  readonly project: string;
  readonly watched: ReturnType<typeof useWatched>['data'] & {};
  readonly offline: boolean;
}

function Numbers({ projectId, project, watched, offline }: NumbersProps) {
  const now = useNow();
  const notify = useNotify();
  const titles = useCall('datasets.titles', projectId === undefined ? null : { projectId }).data ?? [];
  const histories = useHistories(watched.flatMap(({ dataset }) => dataset?.id ?? []));
  const rows = fieldRows(watched, titles, histories);
  const summary = fieldSummary(rows);
  const said = headline(summary, now);
  const next = watched.flatMap(({ dataset }) => dataset?.outlook.at ?? []).sort()[0];
  useEffect(() => {
    document.title = t('app.windowTitle', { page: said });
  }, [said]);
  const message = (): string =>
    [
      project,
      said,
      ...rows.map(
        (row) =>
          `${marks[row.state]} ${t('message.line', { name: row.name, sentence: lineOf(row, now).join(' ') })}`,
      ),
      t('message.asOf', { time: formatToday(now) }),
    ].join('\n');
  const copy = async (text: string, done: string): Promise<void> => {
    if (await copyText(text)) notify.done(done);
  };
  return (
    <>
      <h1 className="field-sentence" tabIndex={-1} aria-live="polite">
        {said}
      </h1>
      <p className="field-next">
        {[
          ...(next !== undefined && Date.parse(next) > now
            ? [t('field.next', { time: formatMoment(next, now) })]
            : []),
          ...(summary.kind === 'some' ? [t('field.someLate', { count: summary.late })] : []),
        ].join(' ')}
      </p>
      {rows.length > 0 && (
        <ul className="field-rows">
          {rows.map((row) => (
            <li key={row.key} className={`tone-${tones[row.state]}`}>
              <span className="field-mark" aria-hidden="true">
                {marks[row.state]}
              </span>
              <div>
                <h2 lang={row.lang}>{row.name}</h2>
                <p>
                  <span className="visually-hidden">{t(`dataState.${row.state}`)}: </span>
                  {lineOf(row, now).map((sentence, at) => (
                    <span key={sentence} className={at === 0 ? undefined : 'muted'}>
                      {sentence}{' '}
                    </span>
                  ))}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div className="field-actions">
        <Button tone="primary" icon="copy" onClick={() => void copy(message(), t('field.copied'))}>
          {t('home.copyMessage')}
        </Button>
        <Button
          icon="copy"
          onClick={() =>
            void copy(`${t('field.question', { project })}\n\n${message()}`, t('field.questionCopied'))
          }
        >
          {t('field.ask')}
        </Button>
        <Button icon="external" onClick={() => window.print()}>
          {t('field.print')}
        </Button>
        {offline && (
          <p className="field-offline" role="status">
            {t('field.offline')}
          </p>
        )}
      </div>
    </>
  );
}
