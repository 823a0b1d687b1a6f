import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DictionaryHit, PastQuery } from '../../../preload/contract/models.ts';
import { type Wanted, wantedBy } from '../../../preload/contract/sql-text.ts';
import { useApi } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { Note } from '../../components/error-notice.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { type KnownTable, nameOf } from './editor/completion.ts';
import { Editor, type EditorHandle } from './editor/editor.tsx';
import { formatted } from './editor/format.ts';
import { type Asked, askedWith } from './editor/parameters.ts';
import { statementAt, statementsOf } from './editor/statements.ts';
import { ExportDialog } from './export-dialog.tsx';
import { History } from './history/history.tsx';
import { NameDialog } from './name-dialog.tsx';
import { Outcome } from './outcome.tsx';
import { ParameterFields } from './parameter-fields.tsx';
import { type AskPlace, type Dialect, idOf } from './place.ts';
import { Pinned, usePinned } from './result/pinned.tsx';
import { placeOf } from './result/problem.tsx';
import { mostAtOnce, runAll } from './run-all.ts';
import { TabStrip, tabName } from './tab-strip.tsx';
import { Tools } from './tools.tsx';
import { useBounds } from './use-bounds.ts';
import { useRun, useRunners } from './use-runners.ts';
import { useTabs } from './use-tabs.ts';

interface WorkbenchProps {
  readonly personId: string;
  readonly place: AskPlace;
  readonly dialect: Dialect;
  /** What can be asked there, as far as it is known. */
  readonly tables: readonly KnownTable[];
  /** Whether the policy lets texts with their values stay on this computer. */
  readonly keepsTexts: boolean;
}

/** Editor, result and history of one place. */
export function Workbench({ personId, place, dialect, tables, keepsTexts }: WorkbenchProps) {
  const { client } = useApi();
  const notify = useNotify();
  const open = useTabs(personId, idOf(place), keepsTexts);
  const runners = useRunners(place);
  const editor = useRef<EditorHandle>(null);
  const historyButton = useRef<HTMLButtonElement>(null);
  const { current } = open;
  const statements = useMemo(() => statementsOf(current.sql), [current.sql]);
  const runner = runners.of(current.id);
  const run = useRun(runner);
  const pins = usePinned();
  const [bounds, changeBounds] = useBounds(personId);
  const [hasHistory, setHasHistory] = useState(false);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [closing, setClosing] = useState<string | null>(null);
  const [exported, setExported] = useState<Asked | null>(null);
  const [wanted, setWanted] = useState<Wanted>(nothingWanted);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const panel = useRef<HTMLDivElement>(null);
  const latestTab = useRef(current.id);
  latestTab.current = current.id;
  const [ran, setRan] = useState(0);
  const busy = run.kind === 'running' || (run.kind === 'rows' && run.fetching);

  const failed = run.kind === 'failed' ? run : null;
  // What is wrong is marked where it stands, and no longer than it does.
  useEffect(() => {
    editor.current?.mark(failed && placeOf(failed.error, failed.statement));
  }, [failed]);
  const isOver = run.kind !== 'running' && run.kind !== 'idle';
  useEffect(() => {
    if (isOver) setRan((times) => times + 1);
  }, [isOver]);

  const lookAtStatement = () => {
    const next = dialect.isProject ? wantedBy(editor.current?.statement()?.sql ?? '') : nothingWanted;
    setWanted((was) => (isSame(was, next) ? was : next));
  };
  /** With the values for its places; where one is missing, its field is asked for. */
  const withStatement = (act: (asked: Asked) => void): boolean => {
    const statement = editor.current?.statement() ?? null;
    if (!statement) {
      notify.done(t('query.nothingToRun'));
      return true;
    }
    const found = dialect.isProject ? askedWith(statement, current.values ?? {}) : { asked: statement };
    setMissing('missing' in found ? found.missing : []);
    if ('asked' in found) act(found.asked);
    else {
      panel.current?.querySelector<HTMLElement>(`[data-parameter="${found.missing[0]}"]`)?.focus();
    }
    return true;
  };
  const runNow = (): boolean =>
    withStatement((statement) => {
      pins.show(null);
      runner.run(statement, bounds);
    });
  /** Every statement of the text, each with a result of its own. */
  const runEach = async (): Promise<void> => {
    if (statements.length > mostAtOnce)
      return notify.done(t('query.tooManyStatements', { count: mostAtOnce }));
    const asked: Asked[] = [];
    for (const statement of statements) {
      const found = dialect.isProject ? askedWith(statement, current.values ?? {}) : { asked: statement };
      if ('missing' in found) {
        // Its fields are shown where the cursor is.
        editor.current?.goTo(statement.from);
        setMissing(found.missing);
        return;
      }
      asked.push(found.asked);
    }
    setMissing([]);
    pins.show(null);
    pins.dropOfRun();
    const stopped = await runAll(
      (statement) => runner.ask(statement, bounds),
      asked,
      (run, at) => pins.add(t('query.statementOf', { n: at + 1 }), run, true),
    );
    if (stopped) notify.done(t('query.stoppedAt', { n: stopped.at + 1, count: asked.length }));
  };
  const runAllNow = (): boolean => {
    if (statements.length < 2) return runNow();
    void runEach();
    return true;
  };
  const cancel = (): boolean => {
    if (!busy) return false;
    runner.cancel();
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && cancel()) event.preventDefault();
  };

  const format = (): boolean => {
    if (!dialect.isProject) return true;
    const id = current.id;
    const part = editor.current?.toFormat();
    if (!part || part.text.trim() === '') return true;
    const put = async (): Promise<void> => {
      const text = await formatted(part.text).catch(() => null);
      const now = editor.current?.toFormat();
      // Whoever went on writing meanwhile keeps what they wrote.
      const stands = latestTab.current === id && now?.from === part.from && now.text === part.text;
      if (text === null) notify.done(t('query.formatFailed'));
      else if (stands && text !== part.text) editor.current?.replace(part.from, part.to, text);
    };
    void put();
    return true;
  };

  /** Into the tab that is shown if it is empty, else into a new one. */
  const openText = (sql: string, name: string | null = null): string | null => {
    if (current.sql.trim() === '') {
      editor.current?.replace(0, current.sql.length, sql);
      if (name !== null) open.change(current.id, { name });
      return current.id;
    }
    const id = open.add(sql, name);
    if (id === null) notify.done(t('query.tooManyTabs', { count: open.tabs.tabs.length }));
    return id;
  };
  const runPast = (past: PastQuery) => {
    const id = openText(past.sql, past.name);
    const statement = statementAt(past.sql, 0, 0);
    const found = statement && (dialect.isProject ? askedWith(statement, {}) : { asked: statement });
    // What wants values has its fields then, and is run from there.
    if (id !== null && found && 'asked' in found) runners.of(id).run(found.asked, bounds);
  };
  const close = (id: string) => {
    runners.drop(id);
    open.close(id);
    setClosing(null);
    requestAnimationFrame(() => editor.current?.focus());
  };
  const askClose = (id: string) => {
    const tab = open.tabs.tabs.find((each) => each.id === id);
    if (tab && tab.sql.trim() !== '') setClosing(id);
    else close(id);
  };
  const search = useCallback(
    async (text: string, signal: AbortSignal) =>
      (
        await client.dictionary
          .search({ text, projectId: idOf(place), limit: 50 }, { signal })
          .catch(() => null)
      )?.hits ?? [],
    [client, place],
  );
  const renamed = open.tabs.tabs.find(({ id }) => id === renaming);
  const closed = open.tabs.tabs.find(({ id }) => id === closing);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape ends what runs wherever the focus is; the button beside Run does the same
    <div className={hasHistory ? 'query query-with-history' : 'query'} onKeyDown={onKeyDown}>
      <div className="query-main">
        <TabStrip
          tabs={open.tabs}
          running={runners.running}
          onShow={open.show}
          onAdd={() => {
            if (open.add() === null) notify.done(t('query.tooManyTabs', { count: open.tabs.tabs.length }));
            else requestAnimationFrame(() => editor.current?.focus());
          }}
          onClose={askClose}
          onRename={setRenaming}
          onDuplicate={(id) => open.add(open.tabs.tabs.find((each) => each.id === id)?.sql ?? '')}
        />
        <div
          className="query-panel"
          role="tabpanel"
          id="query-panel"
          ref={panel}
          aria-labelledby={`query-tab-${current.id}`}
        >
          <Editor
            id={current.id}
            text={current.sql}
            handle={editor}
            words={{ label: t('query.editor'), placeholder: t('query.placeholder') }}
            tables={() => tables}
            quote={() => dialect.quote}
            search={dialect.isProject ? search : nothingFound}
            onChange={(sql) => open.change(current.id, { sql })}
            onMove={lookAtStatement}
            onRun={runNow}
            onRunAll={runAllNow}
            onEscape={cancel}
            onFormat={format}
          />
          <ParameterFields
            wanted={wanted}
            values={current.values ?? {}}
            missing={missing}
            onChange={(values) => open.change(current.id, { values })}
            onRun={runNow}
          />
          <Tools
            busy={busy}
            bounds={bounds}
            isSeveral={statements.length > 1}
            hasPlans={dialect.isProject}
            hasHistory={hasHistory}
            historyButton={historyButton}
            onBounds={changeBounds}
            onRun={runNow}
            onRunAll={runAllNow}
            onCancel={cancel}
            onExplain={(measure) => withStatement((statement) => runner.explain(statement, measure))}
            onExport={() => withStatement(setExported)}
            onFormat={format}
            onHistory={() => setHasHistory(!hasHistory)}
          />
          {!keepsTexts && <p className="cell-note query-window-only">{t('query.windowOnly')}</p>}
          {!open.isKept && (
            <Note tone="warn">
              <p>{t('query.notKept')}</p>
            </Note>
          )}
          <section className="query-result" aria-label={t('query.result')}>
            <Pinned
              pins={pins}
              onAgain={(statement) => {
                pins.show(null);
                runner.run(statement, bounds);
              }}
            >
              <Outcome
                key={current.id}
                run={run}
                runner={runner}
                text={current.sql}
                tables={dialect.isProject ? tables : noTables}
                onGo={(at) => editor.current?.goTo(at)}
                onCorrect={({ from, to }, meant) => editor.current?.replace(from, to, corrected(meant))}
                onStart={openText}
                onLimit={(limit) => {
                  changeBounds({ limit });
                  if (run.kind === 'rows') runner.run(run.statement, { ...bounds, limit });
                }}
                onAgain={(statement) => runner.run(statement, bounds)}
                actions={
                  run.kind === 'rows' && (
                    <Button small icon="pin" onClick={() => pins.add(tabName(current), run)}>
                      {t('query.pin')}
                    </Button>
                  )
                }
              />
            </Pinned>
          </section>
        </div>
      </div>
      {hasHistory && (
        <History
          place={place}
          ran={ran}
          onOpen={(past) => openText(past.sql, past.name)}
          onRun={runPast}
          onClose={() => {
            setHasHistory(false);
            historyButton.current?.focus();
          }}
        />
      )}
      {renamed && (
        <NameDialog
          title={t('query.renameTitle')}
          value={renamed.name ?? ''}
          onClose={() => setRenaming(null)}
          onName={(name) => {
            open.change(renamed.id, { name: name === '' ? null : name });
            setRenaming(null);
          }}
        />
      )}
      {closed && (
        <Confirm
          open
          busy={false}
          title={t('query.closeFull', { name: tabName(closed) })}
          safe={t('query.keepTab')}
          confirm={t('query.closeTab')}
          onClose={() => setClosing(null)}
          onConfirm={() => close(closed.id)}
        >
          <p>{t('query.closeFullText')}</p>
        </Confirm>
      )}
      {exported !== null && <ExportDialog place={place} asked={exported} onClose={() => setExported(null)} />}
    </div>
  );
}

const noTables: readonly KnownTable[] = [];
const nothingFound = async (): Promise<readonly DictionaryHit[]> => [];
const nothingWanted: Wanted = { kind: 'none', names: [] };
const isSame = (a: Wanted, b: Wanted): boolean =>
  a.kind === b.kind && a.names.length === b.names.length && a.names.every((name, at) => name === b.names[at]);

/** What was meant may be a column, or a table with its schema; a name that is quoted already stays as it is. */
function corrected(meant: string): string {
  return meant.includes('"') || meant.includes('(')
    ? meant
    : meant
        .split('.')
        .map((part) => nameOf(part))
        .join('.');
}
