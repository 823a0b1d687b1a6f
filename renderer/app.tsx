import { useEffect } from 'react';
import type { Person } from '../preload/contract/models.ts';
import { useAccess } from './access.ts';
import { useCall } from './api.ts';
import { Button } from './components/button.tsx';
import { ErrorNotice, Note } from './components/error-notice.tsx';
import { Page } from './components/page.tsx';
import { LockScreen } from './components/session/lock-screen.tsx';
import { useSeat, useTouch } from './components/session/lock-session.tsx';
import { t } from './i18n/index.ts';
import { href, useRoute } from './router.ts';
import { SampleBanner } from './screens/first-run/sample-banner.tsx';
import { prefetchScreens, type Screen, screens } from './screens/index.ts';
import { Navigation } from './shell/navigation.tsx';
import { Offline } from './shell/offline.tsx';
import { useRail } from './shell/use-rail.ts';
import { VaultBar } from './shell/vault-state.tsx';
import { Watching } from './watch/use-watched.tsx';

/** The door while nobody is signed in or the session is locked; behind it the workspace. */
export function App() {
  const { session, open, error, reload } = useSeat();
  useTouch();
  if (open)
    return (
      <Watching>
        <Workspace />
      </Watching>
    );
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

/** Somebody who holds no role but that of a viewer. */
const isReader = (person: Person | undefined): boolean =>
  person?.roles.every((role) => role === 'viewer') ?? false;

function Workspace() {
  const route = useRoute();
  const rail = useRail();
  const asked = route.parts[0] ?? '';
  // Who only wants to know whether the numbers are up to date begins with that.
  const { data: info } = useCall('app.info', {});
  const path = asked === '' && isReader(info?.person) ? 'field' : asked;
  const screen = screens.find((each) => each.path === path);
  useEffect(prefetchScreens, []);
  if (screen?.alone)
    return (
      <main id="main" className="main" tabIndex={-1}>
        <screen.component route={route} />
      </main>
    );
  return (
    <div className={rail.small ? 'shell shell-small' : 'shell'}>
      <button type="button" className="skip" onClick={focusMain}>
        {t('shell.skip')}
      </button>
      <Navigation route={route} rail={rail} />
      <main id="main" className="main" tabIndex={-1}>
        <Offline />
        {path !== '' && path !== 'home' && <VaultBar />}
        <SampleBanner />
        {screen ? <Guarded key={path} screen={screen} /> : <Nowhere />}
      </main>
    </div>
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
