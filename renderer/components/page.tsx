import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { WireError } from '../../preload/contract/errors.ts';
import { useCall } from '../api.ts';
import { t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { Icon, type IconName } from './icons.tsx';

interface PageProps {
  readonly title: string;
  /** What is drawn in the place of the title, which names the window all the same. */
  readonly heading?: ReactNode;
  readonly lead?: string | undefined;
  readonly action?: ReactNode;
  /** Where this page belongs to, as a link above its title. */
  readonly back?: { readonly href: string; readonly label: string };
  /** Tables of data use the whole window. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** Calls the window by a title, and begins the reading at it: for the first heading of a screen. */
export function useHeading(title: string): RefObject<HTMLHeadingElement | null> {
  const top = useRef<HTMLHeadingElement>(null);
  // How much is unread is said where the window is seen although it is not in front.
  const unread = useCall('notices.list', {}).data?.unread ?? 0;
  useEffect(() => {
    const page = unread > 0 ? t('inbox.windowTitle', { count: unread, page: title }) : title;
    document.title = t('app.windowTitle', { page });
  }, [title, unread]);
  useEffect(() => {
    // The reading starts at the title. From the navigation the focus stays: the next screen is one key away.
    if (document.activeElement?.closest('nav')) return;
    top.current?.focus({ preventScroll: true });
  }, []);
  return top;
}

export function Page({ title, heading, lead, action, back, wide, children }: PageProps) {
  const top = useHeading(title);
  return (
    <div className={wide ? 'page page-wide' : 'page'}>
      <header className="page-header">
        <div className="page-heading">
          {back && (
            <a className="page-back" href={back.href}>
              {back.label}
              <Icon name="chevronRight" size={12} />
            </a>
          )}
          <h1 ref={top} tabIndex={-1}>
            {heading ?? title}
          </h1>
          {lead !== undefined && <p className="page-lead">{lead}</p>}
        </div>
        {action !== undefined && <div className="page-action">{action}</div>}
      </header>
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: string;
  readonly action?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Card({ title, action, flush, children }: CardProps) {
  return (
    <section
      className={flush ? 'card card-flush' : 'card'}
      {...(title === undefined ? {} : { 'aria-label': title })}
    >
      {title !== undefined && (
        <header className="card-header">
          <h2>{title}</h2>
          {action}
        </header>
      )}
      {children}
    </section>
  );
}

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** Nothing here yet: says what belongs here, why one wants it, and leads to the next step. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** Rows of the height the data will have, so that nothing jumps when it comes. */
export function SkeletonRows({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <div className="skeleton-rows" role="status" aria-busy="true">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div className="skeleton-row" key={row}>
          <span className="skeleton" />
          <span className="skeleton" />
          <span className="skeleton" />
        </div>
      ))}
    </div>
  );
}

interface LoadedProps<T> {
  readonly call: { data: T | undefined; error: WireError | undefined; reload: () => void };
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}

/** One of three: placeholders, the error with "Try again", the data (with the error above it when it is old). */
export function Loaded<T>({ call, rows = 4, children }: LoadedProps<T>) {
  const retry = (
    <Button small icon="sync" onClick={call.reload}>
      {t('action.tryAgain')}
    </Button>
  );
  if (call.data === undefined) {
    if (call.error) return <ErrorNotice error={call.error} actions={retry} />;
    return <SkeletonRows rows={rows} label={t('state.loading')} />;
  }
  return (
    <>
      {call.error && <ErrorNotice error={call.error} stillWorks={t('error.showingOld')} actions={retry} />}
      {children(call.data)}
    </>
  );
}
