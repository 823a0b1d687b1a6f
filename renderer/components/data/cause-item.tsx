import type { ReactNode } from 'react';
import { useAccess } from '../../access.ts';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { adviceOf, messageOf, sentence } from '../../i18n/sentence.ts';
import { href, hrefShowing } from '../../router.ts';
import type { Grouped } from '../../watch/causes.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { Button } from '../button.tsx';
import { ErrorCode } from '../error-notice.tsx';
import { Icon } from '../icons.tsx';
import { SignInHere } from '../session/sign-in-here.tsx';
import { useNotify, useToldAction } from '../toasts.tsx';
import { ReviewHeld } from './held-review.tsx';
import { SyncNow } from './sync-now.tsx';

/** So many names are told of what a cause stops. */
const named = 3;

function stopsText(stops: readonly Watched[]): string {
  const names = stops.map(({ link }) => nameOf(link));
  return names.length <= named + 1
    ? t('home.stops', { names: formatList(names) })
    : t('home.stopsMore', { names: names.slice(0, named).join(', '), count: names.length - named });
}

const nameOf = ({ projectName, sourceName }: Watched['link']): string =>
  t('dataset.name', { project: projectName, source: sourceName });

/** One thing that somebody has to do, with what it stops and the one thing to press. */
export function CauseItem({ group: { cause, stops } }: { group: Grouped }) {
  const first = stops[0];
  if (cause.kind === 'database') {
    return (
      <Item
        title={t('home.databaseFails', { name: cause.name })}
        text={cause.message ?? undefined}
        stops={stops}
        action={<TestAgain id={cause.connectionId} name={cause.name} />}
        link={{
          href: href('connections', cause.connectionId),
          label: t('home.openConnection'),
          say: t('home.openConnectionOf', { name: cause.name }),
        }}
      />
    );
  }
  if (!first) return null;
  const { link, dataset } = first;
  const name = nameOf(link);
  if (cause.kind === 'signIn') {
    const source = link.sourceName;
    const title = cause.expired
      ? t('home.signInEnded', { name: source })
      : cause.projectId === null
        ? t('home.signInMissing', { name: source })
        : t('home.projectSignInMissing', { name: source, project: link.projectName });
    return (
      <Item
        title={title}
        stops={stops}
        action={<SignInHere links={stops.map((each) => each.link)} expired={cause.expired} />}
      />
    );
  }
  if (cause.kind === 'start') {
    return (
      <Item
        tone="warn"
        title={t('home.startWanted', { name })}
        action={<SyncNow linkId={link.id} of={name} dataset={null} />}
      />
    );
  }
  if (cause.kind === 'review') {
    const reasons = dataset?.held?.reasons ?? [];
    return (
      <Item
        tone="warn"
        title={t('held.wanted', { name })}
        text={[
          sentence(reasons[0]?.said, reasons[0]?.message),
          ...(reasons.length > 1 ? [t('held.more', { count: reasons.length - 1 })] : []),
        ].join(' ')}
        action={dataset && <ReviewHeld dataset={dataset} />}
      />
    );
  }
  const { error } = cause;
  return (
    <Item
      title={
        stops.length === 1 ? t('home.datasetFails', { name }) : t('home.sourcesFail', { count: stops.length })
      }
      text={
        error
          ? t('home.withAdvice', { message: messageOf(error), advice: adviceOf(error) })
          : t('sentence.failed')
      }
      stops={stops.length > 1 ? stops : []}
      code={error && <ErrorCode error={error} />}
      action={<SyncAll stops={stops} />}
      link={error?.kind === 'config' ? whereToFix(error.code, first) : undefined}
    />
  );
}

/** The screen where the cause can be put right, where that can't be done here. */
function whereToFix(code: string, { link }: Watched): ItemProps['link'] {
  const name = nameOf(link);
  return ['INPUT_INVALID', 'SOURCE_NO_SUCH_SPACE', 'SOURCE_NOT_AUTHORISED'].includes(code)
    ? {
        href: hrefShowing(link.sourceId, 'sources'),
        label: t('home.openSource'),
        say: t('home.openSourceOf', { name: link.sourceName }),
      }
    : {
        href: hrefShowing(link.id, 'projects', link.projectId),
        label: t('home.openLink'),
        say: t('home.openLinkOf', { name }),
      };
}

/** Tests the connection where one stands; what went before is on its page. */
function TestAgain({ id, name }: { id: string; name: string }) {
  const notify = useNotify();
  const blocked = useAccess().reason('use_connections');
  const test = useToldAction(async (client) => {
    const result = await client.connections.test({ id });
    if (result.error) notify.failed(result.error);
    else notify.done(t('home.testedToast', { name }));
  });
  return (
    <Button
      small
      icon="sync"
      busy={test.busy}
      blocked={blocked}
      aria-label={t('home.testAgainOf', { name })}
      onClick={() => void test.run()}
    >
      {t('home.testAgain')}
    </Button>
  );
}

/** Tries all again that one cause stopped. */
function SyncAll({ stops }: { stops: readonly Watched[] }) {
  const blocked = useAccess().reason('run_syncs');
  const start = useToldAction(async (client) => {
    for (const { link } of stops) await client.syncs.start({ linkId: link.id });
  });
  return (
    <Button
      small
      icon="sync"
      busy={start.busy}
      blocked={blocked}
      aria-label={t('home.syncAllOf', { name: formatList(stops.map(({ link }) => nameOf(link))) })}
      onClick={() => void start.run()}
    >
      {t('home.tryAgainAll', { count: stops.length })}
    </Button>
  );
}

interface ItemProps {
  /** `warn` for what can wait until somebody has time for it. */
  readonly tone?: 'bad' | 'warn';
  readonly title: string;
  readonly text?: string | undefined;
  readonly stops?: readonly Watched[];
  readonly code?: ReactNode;
  /** What is done here. */
  readonly action?: ReactNode;
  /** Where more is told. `say` names what it opens, for those who hear the label without its line. */
  readonly link?: { readonly href: string; readonly label: string; readonly say: string } | undefined;
}

/** A line that asks for something. */
export function Item({ tone = 'bad', title, text, stops = [], code, action, link }: ItemProps) {
  return (
    <li className="line">
      <span className={`line-mark tone-${tone}`}>
        <Icon name={tone === 'warn' ? 'warning' : 'hand'} size={18} />
      </span>
      <div className="line-text">
        <strong className="line-name">{title}</strong>
        {text !== undefined && text !== '' && <span>{text}</span>}
        {stops.length > 0 && <span>{stopsText(stops)}</span>}
        {code}
      </div>
      <div className="actions">
        {link && (
          <a className="line-more" href={link.href} aria-label={link.say}>
            {link.label}
          </a>
        )}
        {action}
      </div>
    </li>
  );
}
