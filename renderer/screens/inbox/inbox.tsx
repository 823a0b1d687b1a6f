import type { Notice } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { Card, Empty, Loaded, Page } from '../../components/page.tsx';
import { Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { looks, placeOf, textOf, titleOf } from './words.ts';

/** What the person was told: what goes on first, then what is over. */
export function Inbox() {
  const inbox = useCall('notices.list', {});
  const notify = useNotify();
  const readAll = useAction((client) => client.notices.readAll());
  const unread = inbox.data?.unread ?? 0;
  const all = async (): Promise<void> => {
    if (await readAll.run()) notify.done(t('inbox.allReadToast'));
  };
  return (
    <Page
      title={t('inbox.title')}
      lead={t('inbox.lead')}
      action={
        unread > 0 && (
          <Button icon="check" busy={readAll.busy} onClick={() => void all()}>
            {t('inbox.readAll')}
          </Button>
        )
      }
    >
      {readAll.error && <ErrorNotice error={readAll.error} urgent />}
      <Loaded call={inbox} rows={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="inbox" title={t('inbox.emptyTitle')}>
              {t('inbox.emptyText')}
            </Empty>
          ) : (
            <Lists items={items} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Lists({ items }: { items: readonly Notice[] }) {
  const open = items.filter(({ closedAt }) => closedAt === null);
  const over = items.filter(({ closedAt }) => closedAt !== null);
  return (
    <div className="stack">
      <p className="visually-hidden" role="status">
        {t('inbox.openCount', { count: open.length })}
      </p>
      <Card title={t('inbox.open')} flush>
        {open.length === 0 ? (
          <p className="muted inbox-none">{t('inbox.nothingOpen')}</p>
        ) : (
          <List items={open} />
        )}
      </Card>
      {over.length > 0 && (
        <Card title={t('inbox.closed')} flush>
          <List items={over} />
        </Card>
      )}
    </div>
  );
}

function List({ items }: { items: readonly Notice[] }) {
  return (
    <ul className="inbox-list">
      {items.map((notice) => (
        <Item key={notice.id} notice={notice} />
      ))}
    </ul>
  );
}

function Item({ notice }: { notice: Notice }) {
  const now = useNow();
  const read = useAction((client) => client.notices.read({ ids: [notice.id] }));
  const look = notice.closedAt === null ? looks[notice.event] : ({ tone: 'ok', icon: 'check' } as const);
  const title = titleOf(notice, now);
  const text = textOf(notice);
  const place = placeOf(notice);
  return (
    <li className={notice.isRead ? 'inbox-item' : 'inbox-item inbox-unread'}>
      <span className={`inbox-icon tone-${look.tone}`}>
        <Icon name={look.icon} size={16} />
      </span>
      <div className="inbox-words">
        <p className="inbox-title">
          <span>{title}</span>
          {!notice.isRead && <Tag tone="info">{t('inbox.new')}</Tag>}
        </p>
        {text !== '' && <p className="muted">{text}</p>}
        <p className="cell-note">
          <Time at={notice.openedAt} say={(time) => t('inbox.since', { time })} />
          {notice.closedAt !== null && (
            <>
              {' · '}
              <Time at={notice.closedAt} say={(time) => t('inbox.overSince', { time })} />
            </>
          )}
        </p>
        {read.error && <ErrorNotice error={read.error} urgent />}
      </div>
      <div className="inbox-actions">
        {notice.closedAt === null && (
          <a className="button button-plain button-small" href={place.href}>
            <span>{t('inbox.goTo', { place: place.name })}</span>
          </a>
        )}
        {!notice.isRead && (
          <Button
            small
            tone="quiet"
            busy={read.busy}
            aria-label={t('inbox.readOf', { title })}
            onClick={() => void read.run()}
          >
            {t('inbox.read')}
          </Button>
        )}
      </div>
    </li>
  );
}
