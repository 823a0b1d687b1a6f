import type { ReactNode } from 'react';
import type { Connection, Dataset } from '../../../preload/contract/models.ts';
import { ErrorCode } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { Card } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { freshness } from '../../state.ts';

interface AttentionProps {
  readonly datasets: readonly Dataset[];
  readonly connections: readonly Connection[];
  readonly now: number;
}

/** What somebody has to do, most urgent first, each with the way to it. Nothing to do: nothing shown. */
export function Attention({ datasets, connections, now }: AttentionProps) {
  const failing = connections.filter((each) => each.lastTest?.ok === false);
  const wanting = datasets.filter((each) => ['needs_you', 'failed'].includes(freshness(each, now)));
  if (failing.length + wanting.length === 0) return null;
  return (
    <Card title={t('home.attention')} flush>
      <ul className="lines">
        {failing.map((connection) => (
          <Item
            key={connection.id}
            title={t('home.connectionFails', { name: connection.name })}
            text={connection.lastTest?.error?.message}
            code={connection.lastTest?.error && <ErrorCode error={connection.lastTest.error} />}
            link={{ href: href('connections'), label: t('home.openConnections') }}
          />
        ))}
        {wanting.map((dataset) => (
          <DatasetItem key={dataset.id} dataset={dataset} />
        ))}
      </ul>
    </Card>
  );
}

function DatasetItem({ dataset }: { dataset: Dataset }) {
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  if (dataset.signIn !== 'valid') {
    return (
      <Item
        title={t('home.signInWanted', { name })}
        text={dataset.signIn === 'expired' ? t('sentence.signInExpired') : t('sentence.signInMissing')}
        link={
          dataset.personId === null
            ? { href: href('projects', dataset.projectId), label: t('home.openProject') }
            : {
                href: `${href('sources')}?signIn=${dataset.sourceId}`,
                label: dataset.signIn === 'expired' ? t('signIn.again') : t('signIn.start'),
              }
        }
      />
    );
  }
  return (
    <Item
      title={t('home.datasetFails', { name })}
      text={
        dataset.error
          ? t('home.withAdvice', { message: dataset.error.message, advice: dataset.error.advice })
          : undefined
      }
      code={dataset.error && <ErrorCode error={dataset.error} />}
      link={{ href: href('projects', dataset.projectId), label: t('home.openProject') }}
    />
  );
}

interface ItemProps {
  readonly title: string;
  readonly text?: string | undefined;
  readonly code?: ReactNode;
  readonly link: { readonly href: string; readonly label: string };
}

function Item({ title, text, code, link }: ItemProps) {
  return (
    <li className="line">
      <span className="line-mark tone-bad">
        <Icon name="hand" size={18} />
      </span>
      <div className="line-text">
        <strong className="line-name">{title}</strong>
        {text !== undefined && <span>{text}</span>}
        {code}
      </div>
      <a className="button button-plain button-small" href={link.href}>
        {link.label}
      </a>
    </li>
  );
}
