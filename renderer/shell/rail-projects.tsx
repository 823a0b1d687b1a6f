import { useCall } from '../api.ts';
import { Hint } from '../components/button.tsx';
import { Icon, type IconName, Spinner } from '../components/icons.tsx';
import type { Tone } from '../components/status.tsx';
import { t } from '../i18n/index.ts';
import { href } from '../router.ts';
import { isFresh, needsAttention, type Watched } from '../watch/dataset-state.ts';
import { dataLook, noteLook, noteOf } from '../watch/state.ts';

/** So many projects stand in the rail; the others are found on their page and by the palette. */
const mostInRail = 8;

interface Look {
  readonly tone: Tone;
  readonly icon: IconName | 'spinner';
  readonly word: string;
}

/** The state of a project is that of the link which needs somebody most; `watched` has the most urgent first. */
function lookOf(watched: readonly Watched[]): Look {
  const worst = watched.find(({ state }) => !isFresh(state) || state.doing === 'running') ?? watched[0];
  if (!worst) return { tone: 'muted', icon: 'dashed', word: t('shell.projectEmpty') };
  const note = noteOf(worst.state);
  if (note !== null) return { ...noteLook[note], word: t(`note.${note}`) };
  const { data } = worst.state;
  return { ...dataLook[data], word: t(`dataState.${data}`) };
}

interface RailProjectsProps {
  readonly current: string | undefined;
  /** The most urgent first; undefined until they are known. */
  readonly watched: readonly Watched[] | undefined;
}

/** The projects, each with its state in form, colour and word; those that need somebody first, then by name. */
export function RailProjects({ current, watched }: RailProjectsProps) {
  const projects = useCall('projects.list', {}).data;
  if (!projects || projects.length === 0) return null;
  const of = Map.groupBy(watched ?? [], ({ link }) => link.projectId);
  const wanting = (id: string): number =>
    (of.get(id) ?? []).filter(({ state }) => needsAttention(state)).length;
  const order = projects.toSorted(
    (a, b) => Number(wanting(b.id) > 0) - Number(wanting(a.id) > 0) || a.name.localeCompare(b.name),
  );
  const open = order.find(({ id }) => id === current);
  const shown = order.slice(0, mostInRail);
  // The project that one looks at is there, wherever it stands in the order.
  if (open && !shown.includes(open)) shown.splice(-1, 1, open);
  return (
    <>
      {shown.map(({ id, name }) => {
        const look = watched ? lookOf(of.get(id) ?? []) : null;
        const count = wanting(id);
        return (
          <li key={id}>
            <Hint
              text={look ? t('shell.navHint', { title: name, state: look.word }) : name}
              side="right"
              described={false}
            >
              <a
                className="nav-link"
                href={href('projects', id)}
                aria-current={id === current ? 'page' : undefined}
              >
                <span className={`nav-state tone-${look?.tone ?? 'muted'}`}>
                  {look?.icon === 'spinner' ? (
                    <Spinner size={14} />
                  ) : (
                    <Icon name={look?.icon ?? 'dashed'} size={14} />
                  )}
                </span>
                <span className="nav-title" translate="no">
                  {name}
                </span>
                {look && <span className="visually-hidden">{look.word}</span>}
                {count > 0 && (
                  <span className={`nav-mark tone-${look?.tone ?? 'bad'}`}>
                    <span aria-hidden="true">{count}</span>
                    <span className="visually-hidden">{t('shell.needsYou', { count })}</span>
                  </span>
                )}
              </a>
            </Hint>
          </li>
        );
      })}
    </>
  );
}
