import type { ReactNode } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Connection, Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { ReviewHeld } from '../../components/data/held-review.tsx';
import { SyncNow } from '../../components/data/sync-now.tsx';
import { ErrorCode } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { Card } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { adviceOf, messageOf, sentence } from '../../i18n/sentence.ts';
import { href, hrefShowing } from '../../router.ts';
import { currentError, freshness, wantsSomebody } from '../../state.ts';

interface AttentionProps {
  readonly datasets: readonly Dataset[];
  readonly now: number;
}

/** What somebody has to do, most urgent first, each with the way to it. Nothing to do: nothing shown. */
export function Attention({ datasets, now }: AttentionProps) {
  const { failing, more } = useFailing();
  const wanting = datasets.filter((each) => wantsSomebody.includes(freshness(each, now)));
  if (failing.length + wanting.length === 0) return null;
  return (
    <Card title={t('home.attention')} flush>
      <ul className="lines">
        {failing.map((connection) => (
          <Item
            key={connection.id}
            title={t('home.connectionFails', { name: connection.name })}
            text={connection.health.message ?? undefined}
            link={{
              href: href('connections', connection.id),
              label: t('home.openConnection'),
              say: t('home.openConnectionOf', { name: connection.name }),
            }}
          />
        ))}
        {more > 0 && (
          <Item
            title={t('home.connectionsMore', { count: more })}
            link={{
              href: href('connections'),
              label: t('home.openConnections'),
              say: t('home.openConnections'),
            }}
          />
        )}
        {wanting.map((dataset) => (
          <DatasetItem key={dataset.id} dataset={dataset} />
        ))}
      </ul>
    </Card>
  );
}

/** So many failing connections are named on the first page; whoever has more looks at the list of them. */
const named = 5;

function useFailing(): { failing: readonly Connection[]; more: number } {
  const refused = useCall('connections.list', { state: 'active', health: 'fails', limit: named }).data;
  const away = useCall('connections.list', { state: 'active', health: 'unreachable', limit: named }).data;
  const failing = [...(refused?.items ?? []), ...(away?.items ?? [])].slice(0, named);
  return { failing, more: (refused?.total ?? 0) + (away?.total ?? 0) - failing.length };
}

function DatasetItem({ dataset }: { dataset: Dataset }) {
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  const itself = {
    href: hrefShowing(dataset.linkId, 'projects', dataset.projectId),
    label: t('home.openLink'),
    say: t('home.openLinkOf', { name }),
  };
  if (dataset.signIn !== 'valid') {
    return (
      <Item
        title={t('home.signInWanted', { name })}
        text={dataset.signIn === 'expired' ? t('sentence.signInExpired') : t('sentence.signInMissing')}
        link={
          dataset.personId === null
            ? itself
            : {
                href: `${href('sources')}?signIn=${dataset.sourceId}`,
                label: dataset.signIn === 'expired' ? t('signIn.again') : t('signIn.start'),
                say: t(dataset.signIn === 'expired' ? 'signIn.againOf' : 'signIn.startOf', {
                  name: dataset.sourceName,
                }),
              }
        }
      />
    );
  }
  if (dataset.held) {
    return (
      <Item
        tone="warn"
        title={t('held.wanted', { name })}
        text={[
          sentence(dataset.held.reasons[0]?.said, dataset.held.reasons[0]?.message),
          ...(dataset.held.reasons.length > 1
            ? [t('held.more', { count: dataset.held.reasons.length - 1 })]
            : []),
        ].join(' ')}
        action={<ReviewHeld dataset={dataset} />}
        link={itself}
      />
    );
  }
  const error = currentError(dataset);
  return (
    <Item
      title={t('home.datasetFails', { name })}
      text={
        error
          ? t('home.withAdvice', { message: messageOf(error), advice: adviceOf(error) })
          : t('sentence.failed')
      }
      code={error && <ErrorCode error={error} />}
      action={
        error?.kind === 'config' ? undefined : (
          <SyncNow linkId={dataset.linkId} of={name} dataset={dataset} again />
        )
      }
      link={whereToFix(dataset, error) ?? itself}
    />
  );
}

/** The screen where the cause can be put right, where that is not the dataset itself. */
function whereToFix(dataset: Dataset, error: WireError | null): ItemProps['link'] | undefined {
  if (error?.kind !== 'config') return undefined;
  if (/^DB_|^SSH_|^CONNECTION_|^SECRET_MISSING$/.test(error.code)) {
    return {
      href: href('connections', dataset.connectionId),
      label: t('home.openConnection'),
      say: t('home.openConnectionOf', { name: dataset.connectionName }),
    };
  }
  if (['INPUT_INVALID', 'SOURCE_NO_SUCH_SPACE', 'SOURCE_NOT_AUTHORISED'].includes(error.code)) {
    return {
      href: hrefShowing(dataset.sourceId, 'sources'),
      label: t('home.openSource'),
      say: t('home.openSourceOf', { name: dataset.sourceName }),
    };
  }
  return undefined;
}

interface ItemProps {
  /** `warn` for what can wait until somebody has time for it. */
  readonly tone?: 'bad' | 'warn';
  readonly title: string;
  readonly text?: string | undefined;
  readonly code?: ReactNode;
  readonly action?: ReactNode;
  /** `say` names what it opens, for those who hear the label without its line. */
  readonly link: { readonly href: string; readonly label: string; readonly say: string };
}

function Item({ tone = 'bad', title, text, code, action, link }: ItemProps) {
  return (
    <li className="line">
      <span className={`line-mark tone-${tone}`}>
        <Icon name={tone === 'warn' ? 'warning' : 'hand'} size={18} />
      </span>
      <div className="line-text">
        <strong className="line-name">{title}</strong>
        {text !== undefined && <span>{text}</span>}
        {code}
      </div>
      <div className="actions">
        {action}
        <a className="button button-plain button-small" href={link.href} aria-label={link.say}>
          {link.label}
        </a>
      </div>
    </li>
  );
}
