import { Button, IconButton } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';
import { href } from '../../router.ts';
import type { TestAll } from './test-all.ts';

/** So many of those that failed are named; the list below shows them all. */
const named = 8;

/** How far a test of many is, and what it found. */
export function TestAllBar({ test }: { test: TestAll }) {
  const { progress, action } = test;
  if (!progress) return null;
  const { all, done, ok, failed } = progress;
  const finished = !action.busy && all !== undefined && done >= all;
  const text = action.busy
    ? all === undefined
      ? t('testAll.collecting')
      : t('testAll.running', { done, all })
    : all === 0
      ? t('testAll.none')
      : finished
        ? t('testAll.done', { ok, all: done })
        : t(action.error ? 'testAll.stopped' : 'testAll.cancelled', { ok, done });
  const tone = failed.length > 0 ? 'bad' : finished && all !== 0 ? 'ok' : 'info';
  return (
    <section className={`notice test-all tone-${tone}`} aria-label={t('testAll.label')}>
      <Icon name={tone === 'ok' ? 'checkCircle' : tone === 'bad' ? 'failed' : 'info'} size={18} />
      <div className="notice-body">
        <div className="test-all-head">
          <p className="notice-title" role="status">
            {text}
            {failed.length > 0 && ` · ${t('testAll.failing', { count: failed.length })}`}
          </p>
          {action.busy ? (
            <Button small icon="stop" onClick={action.cancel}>
              {t('testAll.cancel')}
            </Button>
          ) : (
            <IconButton icon="close" label={t('action.close')} onClick={test.close} />
          )}
        </div>
        {action.busy && (
          <div
            className={all === undefined ? 'gauge gauge-unknown' : 'gauge'}
            role="progressbar"
            aria-label={t('testAll.label')}
            aria-valuetext={text}
            {...(all === undefined
              ? {}
              : { 'aria-valuemin': 0, 'aria-valuemax': all, 'aria-valuenow': done })}
          >
            <span className="gauge-level" style={{ inlineSize: `${all ? (done / all) * 100 : 100}%` }} />
          </div>
        )}
        {failed.length > 0 && (
          <ul className="test-all-failed">
            {failed.slice(0, named).map(({ id, name, error }) => (
              <li key={id}>
                <a href={href('connections', id)}>{name}</a> {messageOf(error)}
              </li>
            ))}
            {failed.length > named && <li>{t('testAll.left', { count: failed.length - named })}</li>}
          </ul>
        )}
        {action.error && <ErrorNotice error={action.error} urgent />}
      </div>
    </section>
  );
}
