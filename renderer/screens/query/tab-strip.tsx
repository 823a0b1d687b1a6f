import { type KeyboardEvent, useRef } from 'react';
import { IconButton } from '../../components/button.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { t } from '../../i18n/index.ts';
import type { QueryTab, Tabs } from './tabs.ts';

export const tabName = ({ name, number }: QueryTab): string => name ?? t('query.tab', { n: number });

interface TabStripProps {
  readonly tabs: Tabs;
  /** Tabs in which something runs. */
  readonly running: ReadonlySet<string>;
  readonly onShow: (id: string) => void;
  readonly onAdd: () => void;
  readonly onClose: (id: string) => void;
  readonly onRename: (id: string) => void;
  readonly onDuplicate: (id: string) => void;
}

/** The queries that are open: arrows go from one to the next, Delete closes, F2 renames. */
export function TabStrip({ tabs, running, onShow, onAdd, onClose, onRename, onDuplicate }: TabStripProps) {
  const list = useRef<HTMLDivElement>(null);
  const current = tabs.tabs.find(({ id }) => id === tabs.current);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.tabs.findIndex(({ id }) => id === tabs.current);
    const last = tabs.tabs.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      const next = tabs.tabs[(to + tabs.tabs.length) % tabs.tabs.length];
      if (!next) return;
      onShow(next.id);
      list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
    } else if (event.key === 'Delete') onClose(tabs.current);
    else if (event.key === 'F2') onRename(tabs.current);
    else return;
    event.preventDefault();
  };
  return (
    <div className="query-tabs">
      <div
        className="query-tab-list"
        role="tablist"
        aria-label={t('query.tabs')}
        ref={list}
        onKeyDown={onKeyDown}
      >
        {tabs.tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            className="tab query-tab"
            id={`query-tab-${tab.id}`}
            data-tab={tab.id}
            aria-selected={tab.id === tabs.current}
            aria-controls="query-panel"
            aria-busy={running.has(tab.id) || undefined}
            tabIndex={tab.id === tabs.current ? 0 : -1}
            title={tabName(tab)}
            onClick={() => onShow(tab.id)}
            onAuxClick={({ button }) => button === 1 && onClose(tab.id)}
          >
            {running.has(tab.id) && <span className="query-tab-dot" aria-hidden="true" />}
            <span>{tabName(tab)}</span>
          </button>
        ))}
      </div>
      <IconButton icon="plus" label={t('query.newTab')} onClick={onAdd} />
      {current && (
        <RowMenu
          label={t('query.tabMenu', { name: tabName(current) })}
          entries={[
            { label: t('query.rename'), icon: 'edit', onSelect: () => onRename(current.id) },
            { label: t('query.duplicate'), icon: 'copy', onSelect: () => onDuplicate(current.id) },
            { label: t('query.closeTab'), icon: 'close', onSelect: () => onClose(current.id) },
          ]}
        />
      )}
    </div>
  );
}
