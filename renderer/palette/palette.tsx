import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { Dataset } from '../../preload/contract/models.ts';
import { useAccess } from '../access.ts';
import { useCall } from '../api.ts';
import { Icon } from '../components/icons.tsx';
import { useLock } from '../components/session/use-lock.ts';
import { useNotify, useToldAction } from '../components/toasts.tsx';
import { useKept } from '../hooks.ts';
import { t } from '../i18n/index.ts';
import { go } from '../router.ts';
import { useTheme } from '../theme.tsx';
import {
  actionEntries,
  connectionEntries,
  type Entry,
  hitEntries,
  projectEntries,
  screenEntries,
  sourceEntries,
} from './entries.ts';
import { rank } from './rank.ts';
import { isMac } from './use-shortcuts.ts';

/** So many of each group are shown; who looks for another types one more letter. */
const most = { recent: 5, questions: 8, places: 8, actions: 6, screens: 6 } as const;
type GroupName = keyof typeof most;

interface Shown {
  readonly name: GroupName;
  readonly items: readonly Entry[];
}

interface PaletteProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** Where this person went from here, the latest first. */
  readonly recent: readonly Entry[];
  readonly onWent: (entry: Entry) => void;
  readonly onSheet: () => void;
}

/** One field that finds everything: questions, tables, places, and what can be done. */
export function Palette({ open, onClose, recent, onWent, onSheet }: PaletteProps) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="palette" aria-label={t('palette.title')} initialFocus={field}>
          <Finder field={field} onClose={onClose} recent={recent} onWent={onWent} onSheet={onSheet} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Finder({
  field,
  onClose,
  recent,
  onWent,
  onSheet,
}: Omit<PaletteProps, 'open'> & { readonly field: React.RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState('');
  const { groups, searching } = useGroups(text, recent);
  const act = useAct(onSheet);
  const highlighted = useRef<Entry | undefined>(undefined);
  const choose = (entry: Entry, second: boolean): void => {
    onClose();
    if (second && entry.second !== undefined) go(entry.second);
    else act(entry);
    if (entry.act.kind === 'go') onWent(entry);
  };
  const count = groups.reduce((sum, { items }) => sum + items.length, 0);
  const typed = text.trim();
  const hasSecond = groups.some(({ items }) => items.some(({ second }) => second !== undefined));
  return (
    <Autocomplete.Root
      inline
      open
      items={groups}
      filter={null}
      value={text}
      onValueChange={setText}
      autoHighlight="always"
      keepHighlight
      itemToStringValue={(entry: Entry) => entry.title}
      onItemHighlighted={(entry) => {
        highlighted.current = entry;
      }}
    >
      <div className="palette-field">
        <Icon name="search" />
        <Autocomplete.Input
          ref={field}
          aria-label={t('palette.title')}
          placeholder={t('palette.field')}
          maxLength={200}
          onKeyDown={(event) => {
            const entry = highlighted.current;
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !entry) return;
            event.preventDefault();
            choose(entry, true);
          }}
        />
      </div>
      <p className="visually-hidden" role="status">
        {searching ? t('palette.searching') : t('palette.count', { count })}
      </p>
      {count === 0 && typed !== '' && (
        <p className="palette-nothing">
          {searching ? t('palette.searching') : t('palette.nothing', { text: typed })}
        </p>
      )}
      <Autocomplete.List className="palette-list">
        {(group: Shown) => (
          <Autocomplete.Group key={group.name} items={group.items} className="palette-group">
            <Autocomplete.GroupLabel className="palette-label">
              {t(`palette.group.${group.name}`)}
            </Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(entry: Entry) => (
                <Autocomplete.Item
                  key={entry.id}
                  value={entry}
                  className="palette-item"
                  onClick={(event) => choose(entry, event.ctrlKey || event.metaKey)}
                >
                  <Icon name={entry.icon} />
                  <span className="palette-title" lang={entry.lang}>
                    {entry.title}
                  </span>
                  {entry.detail !== '' && (
                    <span className="palette-detail" translate="no">
                      {entry.detail}
                    </span>
                  )}
                  {entry.keys !== undefined && <Shortcut keys={entry.keys} />}
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      <p className="palette-hint">
        {hasSecond
          ? t('palette.hintRows', { second: isMac() ? '⌘ Enter' : 'Ctrl Enter' })
          : t('palette.hint')}
      </p>
    </Autocomplete.Root>
  );
}

/** What fits what is typed, by group. What the core finds follows; what was found before stays until then. */
function useGroups(text: string, recent: readonly Entry[]): { groups: Shown[]; searching: boolean } {
  const access = useAccess();
  const lockable = useLock() !== null;
  const wanted = useDeferredValue(text.trim());
  const projects = useCall('projects.list', {}).data;
  const sources = useCall('sources.list', {}).data;
  const datasets = useCall('datasets.list', {}).data;
  const asked = wanted.length >= 2;
  const connections = useCall('connections.list', asked ? { search: wanted, limit: most.places } : null);
  const hits = useCall(
    'dictionary.search',
    asked && access.may('read_data') ? { text: wanted, limit: most.questions } : null,
  );
  const known = useKept(hits.data);
  const reached = useKept(connections.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a person may do is another object each time
  const fixed = useMemo(
    () => ({
      screens: screenEntries(access),
      actions: actionEntries(access, datasets ?? [], lockable),
      places: [...projectEntries(projects ?? []), ...sourceEntries(sources ?? [])],
    }),
    [datasets, projects, sources, lockable, access.may('run_syncs')],
  );
  const groups = useMemo((): Shown[] => {
    if (wanted === '') {
      return [
        { name: 'recent', items: recent.slice(0, most.recent) },
        { name: 'screens', items: fixed.screens },
        { name: 'places', items: fixed.places.slice(0, most.places) },
      ];
    }
    const places = [...fixed.places, ...connectionEntries(asked ? (reached?.items ?? []) : [])];
    return [
      // The core ranks them, by more than is shown.
      { name: 'questions', items: hitEntries(asked ? (known?.hits ?? []) : []) },
      { name: 'places', items: rank(places, wanted, most.places) },
      { name: 'actions', items: rank(fixed.actions, wanted, most.actions) },
      { name: 'screens', items: rank(fixed.screens, wanted, most.screens) },
    ];
  }, [wanted, asked, fixed, recent, known, reached]);
  return {
    groups: groups.filter(({ items }) => items.length > 0),
    searching: text.trim() !== wanted || (asked && (hits.loading || connections.loading)),
  };
}

/** Does what an entry is for, and says what came of it. */
function useAct(onSheet: () => void): (entry: Entry) => void {
  const notify = useNotify();
  const lock = useLock();
  const [, chooseTheme] = useTheme();
  const sync = useToldAction(async (client, _, { linkId, projectName, sourceName }: Dataset) => {
    await client.syncs.start({ linkId });
    notify.done(t('palette.syncStarted', { project: projectName, source: sourceName }));
  });
  return ({ act }) => {
    if (act.kind === 'go') go(act.to);
    else if (act.kind === 'theme') chooseTheme(act.theme);
    else if (act.kind === 'sheet') onSheet();
    else if (act.kind === 'sync') void sync.run(act.dataset);
    else void lock?.run();
  };
}

/** Seen, not said: the list of shortcuts says them. */
function Shortcut({ keys }: { keys: readonly string[] }) {
  return (
    <span className="palette-keys" aria-hidden="true">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
