import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { TextField } from '../../components/fields.tsx';
import { hasWords } from '../../fold.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

/** A section as the index names it. */
export interface Indexed {
  readonly id: string;
  readonly title: string;
}

/** The element of a section on the page. */
export const sectionId = (id: string): string => `settings-${id}`;

/** Brings a section into view and lets the reading begin there. */
export function goToSection(id: string): void {
  const section = document.getElementById(sectionId(id));
  section?.scrollIntoView({ block: 'start' });
  section?.focus({ preventScroll: true });
}

/** So far below the top edge a section still counts as the one that is read, in pixels. */
const readingLine = 120;

const elementOf = ({ id }: Indexed): HTMLElement | null => document.getElementById(sectionId(id));

/** The section that is read now: the last that begins above the reading line, the last of all at the end of the page. */
export function useReadSection(sections: readonly Indexed[], wanted: string | undefined): string | undefined {
  const [read, setRead] = useState<string>();
  const latest = useRef(sections);
  latest.current = sections;
  // What was gone to is what is read, also where the page is too short to bring it to the top; until one scrolls.
  const goingTo = useRef<string | undefined>(undefined);
  useEffect(() => {
    goingTo.current = wanted;
    if (wanted !== undefined) setRead(wanted);
    const frame = requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        goingTo.current = undefined;
      }),
    );
    return () => cancelAnimationFrame(frame);
  }, [wanted]);
  useEffect(() => {
    const look = (): void => {
      if (goingTo.current !== undefined) return;
      const { scrollY, innerHeight } = window;
      const begun = latest.current.filter(
        (each) => (elementOf(each)?.getBoundingClientRect().top ?? readingLine) < readingLine,
      );
      const atEnd = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      setRead((atEnd ? latest.current.at(-1) : (begun.at(-1) ?? latest.current[0]))?.id);
    };
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);
  return read ?? sections[0]?.id;
}

/** The sections that have every word somewhere in what stands in them; all of them without words. */
export function sectionsWith<S extends Indexed>(sections: readonly S[], search: string): readonly S[] {
  if (search.trim() === '') return sections;
  return sections.filter((each) => hasWords(`${each.title} ${elementOf(each)?.textContent ?? ''}`, search));
}

interface IndexProps {
  readonly sections: readonly Indexed[];
  readonly current: string | undefined;
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

/** The sections at the side: one tab stop, walked with the arrow keys, with the one that is read marked. */
export function SettingsIndex({ sections, current, search, onSearch }: IndexProps) {
  const list = useRef<HTMLUListElement>(null);
  const [at, setAt] = useState<string>();
  const stop = sections.some(({ id }) => id === at)
    ? at
    : (sections.find(({ id }) => id === current) ?? sections[0])?.id;
  return (
    <div className="settings-index">
      <TextField label={t('settings.find')} type="search" data-search value={search} onChange={onSearch} />
      <p className="visually-hidden" role="status">
        {search.trim() === '' ? '' : t('settings.found', { count: sections.length })}
      </p>
      <nav aria-label={t('settings.index')}>
        <ul ref={list} onKeyDown={(event) => walk(event, list)}>
          {sections.map(({ id, title }) => (
            <li key={id}>
              <a
                href={href('settings', id)}
                tabIndex={id === stop ? 0 : -1}
                aria-current={id === current ? 'true' : undefined}
                onClick={() => goToSection(id)}
                onFocus={() => setAt(id)}
                onBlur={() => setAt(undefined)}
              >
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  );
}

/** Arrows, Home and End walk the list; at its ends they stay. */
function walk(event: KeyboardEvent, list: RefObject<HTMLUListElement | null>): void {
  const links: Element[] = [...(list.current?.querySelectorAll('a') ?? [])];
  const here = document.activeElement ? links.indexOf(document.activeElement) : -1;
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? links.length - 1 : step && here + step;
  if (here < 0 || to === undefined) return;
  event.preventDefault();
  const next = links[Math.max(0, Math.min(links.length - 1, to))];
  if (next instanceof HTMLElement) next.focus();
}
