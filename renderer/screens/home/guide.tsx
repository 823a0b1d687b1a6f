import type { ConnectionPage, Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { FreshnessText } from '../../components/data/freshness.tsx';
import { NextStep } from '../../components/data/put-right.tsx';
import { Icon } from '../../components/icons.tsx';
import type { Watched } from '../../dataset-state.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { connectionCounts } from '../../state.ts';

interface Step {
  readonly title: string;
  readonly text: string;
  readonly done: boolean;
  readonly link?: { readonly href: string; readonly label: string };
}

interface GuideProps {
  readonly watched: readonly Watched[];
  readonly connections: ConnectionPage | undefined;
}

/** From nothing to the first table in four steps; each knows from the real data whether it is done. */
export function Guide({ watched, connections }: GuideProps) {
  const sources = useCall('sources.list', {}).data ?? [];
  const projects = useCall('projects.list', {}).data ?? [];
  const [first] = watched;
  const dataset = first?.dataset ?? null;
  const steps = [connectionStep(connections), sourceStep(sources), projectStep(projects), syncStep(dataset)];
  const current = steps.findIndex((step) => !step.done);
  return (
    <ol className="guide" aria-label={t('guide.label')}>
      {steps.map((step, index) => (
        <li
          key={step.title}
          className={step.done ? 'guide-step guide-done' : 'guide-step'}
          aria-current={index === current ? 'step' : undefined}
        >
          <span className="guide-number" aria-hidden="true">
            {step.done ? <Icon name="check" /> : index + 1}
          </span>
          <div className="guide-text">
            <h2>
              {step.title}
              {step.done && <span className="guide-state tone-ok">{t('guide.done')}</span>}
            </h2>
            <p>{step.text}</p>
            {index === 3 && dataset?.job && (
              <p>
                <FreshnessText dataset={dataset} />
              </p>
            )}
          </div>
          {!step.done && step.link && (
            <a
              className={`button ${index === current ? 'button-primary' : 'button-plain'}`}
              href={step.link.href}
            >
              {step.link.label}
            </a>
          )}
          {index === 3 && !step.done && first && <NextStep watched={first} primary={index === current} />}
        </li>
      ))}
    </ol>
  );
}

function connectionStep(connections: ConnectionPage | undefined): Step {
  const counts = connections && connectionCounts(connections);
  const works = counts !== undefined && counts.ok > 0;
  const there = counts !== undefined && counts.all > 0;
  return {
    title: t('guide.connection'),
    text: there && !works ? t('guide.connectionUntested') : t('guide.connectionText'),
    done: works,
    link: there
      ? { href: href('connections'), label: t('guide.connectionTest') }
      : { href: `${href('connections')}?add`, label: t('connections.add') },
  };
}

function sourceStep(
  sources: readonly { id: string; name: string; credential: { state: string } | null }[],
): Step {
  const waiting = sources.find((each) => each.credential?.state !== 'valid');
  return {
    title: t('guide.source'),
    text: t('guide.sourceText'),
    done: sources.some((each) => each.credential?.state === 'valid'),
    link: waiting
      ? { href: `${href('sources')}?signIn=${waiting.id}`, label: t('guide.signIn') }
      : { href: `${href('sources')}?add`, label: t('sources.add') },
  };
}

function projectStep(projects: readonly { id: string; links: number }[]): Step {
  const first = projects[0];
  return {
    title: t('guide.project'),
    text: t('guide.projectText'),
    done: projects.some((each) => each.links > 0),
    link: first
      ? { href: `${href('projects', first.id)}?link`, label: t('projects.linkSource') }
      : { href: `${href('projects')}?add`, label: t('projects.add') },
  };
}

function syncStep(dataset: Dataset | null): Step {
  return { title: t('guide.sync'), text: t('guide.syncText'), done: dataset?.dataAsOf != null };
}
