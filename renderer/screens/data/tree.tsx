import { type KeyboardEvent, memo, useCallback, useDeferredValue, useRef, useState } from 'react';
import type { Dataset } from '../../../preload/contract/models.ts';
import { Icon } from '../../components/icons.tsx';
import { formatNumber } from '../../format.ts';
import { useGrowing } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useLanguage } from '../../language.tsx';
import { href } from '../../router.ts';
import { Found } from './found.tsx';
import { type ListedTable, titleOfTable } from './titles.ts';

/** So many datasets are open at first; with more only the one that is looked at. */
const openAtFirst = 6;
/** So many datasets fill the pane. */
const firstBranches = 40;

interface TreeProps {
  readonly datasets: readonly Dataset[];
  readonly titles: ReadonlyMap<string, readonly ListedTable[]>;
  readonly current: string | undefined;
  readonly table: string | undefined;
  readonly onGo: () => void;
}

/** Project, source, tables; above them a field that finds questions, names and paths in all of them. */
export function Tree({ datasets, titles, current, table, onGo }: TreeProps) {
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim());
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = (id: string): boolean =>
    toggled.get(id) ?? (datasets.length <= openAtFirst || id === current);
  // The same for good, so that pressing one heading draws one branch.
  const latest = useRef({ isOpen, onGo });
  latest.current = { isOpen, onGo };
  const toggle = useCallback(
    (id: string) => setToggled((known) => new Map(known).set(id, !latest.current.isOpen(id))),
    [],
  );
  const go = useCallback(() => latest.current.onGo(), []);
  // What is looked at is among them, wherever it stands.
  const upTo = datasets.findIndex(({ id }) => id === current) + 1;
  const drawn = Math.max(upTo, useGrowing(datasets.length, firstBranches, 2 * firstBranches));
  return (
    <nav className="data-tree" aria-label={t('data.tables')} data-pane="tree" tabIndex={-1}>
      {/* Where there is room for this pane alone, the table's own heading is out of sight. */}
      <h1 className="data-tree-title" tabIndex={-1}>
        {t('data.title')}
      </h1>
      <div className="data-find">
        <Icon name="search" />
        <input
          type="search"
          className="input"
          aria-label={t('browse.find')}
          placeholder={t('browse.find')}
          maxLength={200}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && typed !== '') {
              event.preventDefault();
              setTyped('');
            } else if (event.key === 'ArrowDown') {
              event.preventDefault();
              const links = event.currentTarget
                .closest('nav')
                ?.querySelectorAll<HTMLElement>('a, [role="link"]');
              links?.[0]?.focus();
            }
          }}
        />
        <span className="data-slash" aria-hidden="true">
          <kbd>/</kbd>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go from link to link */}
      <div className="data-tree-list" onKeyDown={roam}>
        {text.length >= 2 ? (
          <Found text={text} titles={titles} onGo={onGo} />
        ) : (
          datasets
            .slice(0, drawn)
            .map((dataset, at) => (
              <Branch
                key={dataset.id}
                dataset={dataset}
                tables={titles.get(dataset.id) ?? none}
                isOpen={isOpen(dataset.id)}
                current={dataset.id === current ? table : undefined}
                isStop={dataset.id === current || (current === undefined && at === 0)}
                stop={
                  dataset.id === current
                    ? table
                    : current === undefined && at === 0
                      ? titles.get(dataset.id)?.[0]?.name
                      : undefined
                }
                onToggle={toggle}
                onGo={go}
              />
            ))
        )}
      </div>
    </nav>
  );
}

const none: readonly ListedTable[] = [];

interface BranchProps {
  readonly dataset: Dataset;
  readonly tables: readonly ListedTable[];
  readonly isOpen: boolean;
  /** The table that is looked at, where it is one of these. */
  readonly current: string | undefined;
  /** Tab stops in it, at this table or at its heading: the list is one stop, the arrows do the rest. */
  readonly isStop: boolean;
  readonly stop: string | undefined;
  readonly onToggle: (id: string) => void;
  readonly onGo: () => void;
}

const Branch = memo(function Branch(props: BranchProps) {
  useLanguage();
  const { dataset, tables, isOpen, current, isStop, stop, onToggle, onGo } = props;
  const hasStop = isOpen && tables.some(({ name }) => name === stop);
  return (
    <section className="data-source">
      <h2>
        <button
          type="button"
          aria-expanded={isOpen}
          tabIndex={isStop && !hasStop ? 0 : -1}
          onClick={() => onToggle(dataset.id)}
        >
          <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} size={12} />
          <span>{t('dataset.name', { project: dataset.projectName, source: dataset.sourceName })}</span>
        </button>
      </h2>
      {isOpen && (
        <ul>
          {tables.map((each) => (
            <TableLink
              key={each.name}
              dataset={dataset.id}
              table={each}
              isCurrent={each.name === current}
              isStop={each.name === stop}
              onGo={onGo}
            />
          ))}
        </ul>
      )}
    </section>
  );
});

interface TableLinkProps {
  readonly dataset: string;
  readonly table: ListedTable;
  readonly isCurrent: boolean;
  /** Whether Tab stops here: the list is one stop, the arrows do the rest. */
  readonly isStop: boolean;
  readonly onGo: () => void;
}

function TableLink({ dataset, table, isCurrent, isStop, onGo }: TableLinkProps) {
  const title = titleOfTable(table, table.name);
  return (
    <li>
      <a
        className={`data-table data-depth-${Math.min(table.depth, 3)}`}
        href={href('data', dataset, table.name)}
        aria-current={isCurrent ? 'true' : undefined}
        tabIndex={isStop ? 0 : -1}
        title={table.name}
        onClick={onGo}
      >
        <span className="data-table-name">
          {table.depth > 0 && <span aria-hidden="true">{'↳ '.repeat(Math.min(table.depth, 3))}</span>}
          <span
            className={table.title === null ? 'code' : undefined}
            lang={table.lang}
            translate={table.title === null ? 'no' : undefined}
          >
            {title}
          </span>
          {table.isTwin && table.title !== null && (
            <span className="cell-note code" translate="no">
              {table.name}
            </span>
          )}
        </span>
        <span className="number muted">{formatNumber(table.rows)}</span>
      </a>
    </li>
  );
}

/** Up and down through the links and headings of a list, to its ends with Home and End. */
export function roam(event: KeyboardEvent<HTMLElement>): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('a, h2 button')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  if (step === -1 && at === 0) {
    event.currentTarget.closest('nav')?.querySelector<HTMLElement>('input')?.focus();
    return;
  }
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}
