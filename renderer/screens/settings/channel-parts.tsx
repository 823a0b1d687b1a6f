import type { EmailView } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';

/** How the last message of a channel went. */
export function LastMessage({ last }: { last: EmailView['last'] }) {
  return (
    <div>
      <dt>{t('channel.last')}</dt>
      <dd>
        {last === null ? (
          <span className="muted">{t('channel.lastNone')}</span>
        ) : (
          <Time
            at={last.at}
            say={(time) =>
              last.problem === null
                ? t('channel.lastSent', { time })
                : t('channel.lastFailed', { time, problem: sentence(last.said, last.problem) })
            }
          />
        )}
      </dd>
    </div>
  );
}

/** Sends a message that says it is a test; what was the matter stands under the button. */
export function TestButton({ channel }: { channel: 'webhook' | 'email' }) {
  const notify = useNotify();
  const test = useAction((client) => client.notices.test({ channel }));
  return (
    <div className="stack">
      <div className="actions">
        <Button
          small
          busy={test.busy}
          aria-label={t(`channel.testOf.${channel}`)}
          onClick={() => void test.run().then((sent) => sent && notify.done(t('channel.testedToast')))}
        >
          {t('channel.test')}
        </Button>
      </div>
      {test.error && <ErrorNotice error={test.error} urgent />}
    </div>
  );
}
