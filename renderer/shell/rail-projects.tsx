import { memo } from 'react';
import { useCall } from '../api.ts';
import { Hint } from '../components/button.tsx';
import { Icon, type IconName, Spinner } from '../components/icons.tsx';
import type { Tone } from '../components/status.tsx';
import { t } from '../i18n/index.ts';
import { useLanguage } from '../language.tsx';
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
        return (
          <li key={id}>
            <ProjectLink
              {...{ id, name }}
              isCurrent={id === current}
              tone={look?.tone}
              icon={look?.icon}
              word={look?.word}
              count={wanting(id)}
            />
          </li>
        );
      })}
    </>
  );
}

interface ProjectLinkProps {
  /** Undefined until it is known. */
  readonly tone: Look['tone'] | undefined;
  readonly icon: Look['icon'] | undefined;
  readonly word: string | undefined;
  readonly id: string;
  readonly name: string;
  readonly isCurrent: boolean;
  /** Of its links, those that need somebody. */
  readonly count: number;
}

/** Drawn anew only when it says something else. */
const ProjectLink = memo(function ProjectLink(props: ProjectLinkProps) {
  useLanguage();
  const { id, name, isCurrent, tone, icon, word, count } = props;
  return (
    <Hint
      text={word === undefined ? name : t('shell.navHint', { title: name, state: word })}
      side="right"
      described={false}
    >
      <a className="nav-link" href={href('projects', id)} aria-current={isCurrent ? 'page' : undefined}>
        <span className={`nav-state tone-${tone ?? 'muted'}`}>
          {icon === 'spinner' ? <Spinner size={14} /> : <Icon name={icon ?? 'dashed'} size={14} />}
        </span>
        <span className="nav-title" translate="no">
          {name}
        </span>
        {word !== undefined && <span className="visually-hidden">{word}</span>}
        {count > 0 && (
          <span className={`nav-mark tone-${tone ?? 'bad'}`}>
            <span aria-hidden="true">{count}</span>
            <span className="visually-hidden">{t('shell.needsYou', { count })}</span>
          </span>
        )}
      </a>
    </Hint>
  );
});
