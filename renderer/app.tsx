import { useEffect } from 'react';
import { useAccess } from './access.ts';
import { useCall } from './api.ts';
import { Button, Hint } from './components/button.tsx';
import { ErrorNotice, Note } from './components/error-notice.tsx';
import { Icon, Mark } from './components/icons.tsx';
import { Page } from './components/page.tsx';
import { isGood } from './components/session/credential-state.ts';
import { SignedIn } from './components/session/lock-button.tsx';
import { LockScreen } from './components/session/lock-screen.tsx';
import { useSeat, useTouch } from './components/session/lock-session.tsx';
import { VaultState } from './components/session/vault-state.tsx';
import { ThemeChoice } from './components/theme-choice.tsx';
import { t } from './i18n/index.ts';
import { PaletteDesk } from './palette/desk.tsx';
import { href, useRoute } from './router.ts';
import { SampleBanner } from './screens/first-run/sample-banner.tsx';
import { prefetchScreens, type Screen, screens } from './screens/index.ts';
import { connectionCounts, connectionOverview } from './state.ts';
import { useWatched } from './use-watched.ts';

/** The door while nobody is signed in or the session is locked; behind it the workspace. */
export function App() {
  const { session, open, error, reload } = useSeat();
  useTouch();
  if (open) return <Workspace />;
  if (session) return <LockScreen session={session} />;
  if (!error) return null;
  return (
    <main className="door">
      <div className="door-card">
        <h1>{t('app.name')}</h1>
        <ErrorNotice
          error={error}
          actions={
            <Button small icon="sync" onClick={reload}>
              {t('action.tryAgain')}
            </Button>
          }
        />
      </div>
    </main>
  );
}

function Workspace() {
  const route = useRoute();
  const path = route.parts[0] ?? '';
  const screen = screens.find((each) => each.path === path);
  useEffect(prefetchScreens, []);
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={focusMain}>
        {t('shell.skip')}
      </button>
      <Navigation current={path} />
      <main id="main" className="main" tabIndex={-1}>
        <Offline />
        <SampleBanner />
        {screen ? <Guarded key={path} screen={screen} /> : <Nowhere />}
      </main>
    </div>
  );
}

/** One line while there is no network: what waits for it, and that it is nobody's fault. */
function Offline() {
  const { data: info, reload } = useCall('app.info', {});
  useEffect(() => {
    // The browser hears of it at once; whether it is so the core says.
    for (const name of ['online', 'offline']) window.addEventListener(name, reload);
    return () => {
      for (const name of ['online', 'offline']) window.removeEventListener(name, reload);
    };
  }, [reload]);
  return (
    <p className={info?.offline ? 'offline' : 'visually-hidden'} role="status">
      {info?.offline && (
        <>
          <Icon name="clock" size={16} />
          <span>{t('shell.offline')}</span>
        </>
      )}
    </p>
  );
}

/** A button, not a link: the hash of the address belongs to the router. */
function focusMain(): void {
  document.getElementById('main')?.focus();
}

function Guarded({ screen }: { screen: Screen }) {
  const route = useRoute();
  const reason = useAccess().reason(screen.permission);
  if (reason === undefined) return <screen.component route={route} />;
  return (
    <Page title={t(screen.title)}>
      <Note tone="info">
        <p className="notice-title">{t('access.screenHidden')}</p>
        <p>{reason}</p>
      </Note>
    </Page>
  );
}

function Nowhere() {
  return (
    <Page title={t('shell.nowhere')}>
      <p>
        <a href={href()}>{t('shell.toHome')}</a>
      </p>
    </Page>
  );
}

function Navigation({ current }: { current: string }) {
  const access = useAccess();
  const shown = screens.filter((screen) => access.may(screen.permission));
  const groups = ['look', 'set up', 'manage'] as const;
  const marks = useMarks();
  const info = useCall('app.info', {}).data;
  return (
    <div className="side">
      <a className="brand" href={href()} aria-label={t('shell.brandLabel')}>
        <Mark />
        <span className="side-text">{t('app.name')}</span>
      </a>
      <PaletteDesk />
      <nav aria-label={t('shell.navigation')}>
        {groups.map((group) => (
          <ul key={group}>
            {shown
              .filter((screen) => screen.group === group)
              .map((screen) => (
                <li key={screen.path}>
                  <NavLink screen={screen} current={screen.path === current} mark={marks.get(screen.path)} />
                </li>
              ))}
          </ul>
        ))}
      </nav>
      <div className="side-foot">
        <VaultState />
        <ThemeChoice />
        {info && <SignedIn person={info.person} />}
      </div>
    </div>
  );
}

interface NavMark {
  readonly tone: 'bad' | 'warn' | 'info';
  readonly count: number;
  readonly text: string;
}

function NavLink({ screen, current, mark }: { screen: Screen; current: boolean; mark: NavMark | undefined }) {
  return (
    <Hint
      text={mark ? t('shell.navHint', { title: t(screen.title), state: mark.text }) : t(screen.title)}
      side="right"
      described={false}
    >
      <a className="nav-link" href={href(screen.path)} aria-current={current ? 'page' : undefined}>
        <Icon name={screen.icon} />
        <span className="side-text">{t(screen.title)}</span>
        {mark && (
          <span className={`nav-mark tone-${mark.tone}`}>
            <span aria-hidden="true">{mark.count}</span>
            <span className="visually-hidden">{mark.text}</span>
          </span>
        )}
      </a>
    </Hint>
  );
}

/** Small counts beside the screens that want a look: failing connections, syncs that failed, want a review or run, sign-ins that ran out. */
function useMarks(): ReadonlyMap<string, NavMark> {
  const overview = useCall('connections.list', connectionOverview).data;
  const failing = overview === undefined ? 0 : connectionCounts(overview).failing;
  const states = (useWatched().data ?? []).map(({ state }) => state);
  const running = states.filter(({ doing }) => doing === 'running').length;
  const held = states.filter(({ need }) => need === 'review').length;
  // What waits for a sign-in is among the credentials, a database among the connections.
  const failed = states.filter(({ doing }) => doing === 'failed').length;
  const expired = useCall('credentials.list', {}).data?.filter((each) => !isGood(each)).length ?? 0;
  const unread = useCall('notices.list', {}).data?.unread ?? 0;
  const marks = new Map<string, NavMark>();
  if (unread > 0)
    marks.set('inbox', { tone: 'warn', count: unread, text: t('inbox.unread', { count: unread }) });
  if (failing > 0) {
    marks.set('connections', { tone: 'bad', count: failing, text: t('shell.failing', { count: failing }) });
  }
  if (failed > 0)
    marks.set('sync', { tone: 'bad', count: failed, text: t('shell.failedSyncs', { count: failed }) });
  else if (held > 0) marks.set('sync', { tone: 'warn', count: held, text: t('shell.held', { count: held }) });
  else if (running > 0)
    marks.set('sync', { tone: 'info', count: running, text: t('shell.running', { count: running }) });
  if (expired > 0) {
    marks.set('credentials', { tone: 'bad', count: expired, text: t('shell.expired', { count: expired }) });
  }
  return marks;
}
