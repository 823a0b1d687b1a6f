import { memo } from 'react';
import { useAccess } from '../access.ts';
import { useCall } from '../api.ts';
import { Hint } from '../components/button.tsx';
import { Icon, Mark } from '../components/icons.tsx';
import { t } from '../i18n/index.ts';
import { useLanguage } from '../language.tsx';
import { later } from '../later.tsx';
import { PaletteDesk } from '../palette/desk.tsx';
import { href, type Route } from '../router.ts';
import { type Screen, screens } from '../screens/index.ts';
import { useWatched } from '../watch/use-watched.tsx';
import { type NavMark, useMarks } from './marks.ts';
import { RailProjects } from './rail-projects.tsx';
import type { Rail } from './use-rail.ts';

// Menus are not of the first drawing; its place is kept.
const { Screen: Menu } = later(() => import('./person-menu.tsx').then((file) => file.PersonMenu));

/** The rail: search, what one looks at, the projects with their state, what one sets up, and who one is. */
export function Navigation({ route, rail }: { readonly route: Route; readonly rail: Rail }) {
  const access = useAccess();
  const shown = screens.filter((screen) => access.may(screen.permission));
  // Once for all of the rail: it is reckoned anew with each step of a sync.
  const watched = useWatched().data;
  const marks = useMarks(watched ?? []);
  const info = useCall('app.info', {}).data;
  const current = route.parts[0] ?? '';
  const project = current === 'projects' ? route.parts[1] : undefined;
  const links = (group: Screen['group']) =>
    shown
      .filter((screen) => screen.group === group)
      .map((screen) => (
        <li key={screen.path}>
          <NavLink
            screen={screen}
            current={screen.path === current && project === undefined}
            mark={marks.get(screen.path)}
          />
        </li>
      ));
  return (
    <header className="side">
      <a className="brand" href={href()} aria-label={t('shell.brandLabel')}>
        <Mark />
        <span className="nav-title">{t('app.name')}</span>
      </a>
      <PaletteDesk small={rail.small} onRail={rail.toggle} />
      <nav aria-label={t('shell.navigation')}>
        <ul>{links('look')}</ul>
        <h2 className="nav-heading" id="nav-projects">
          {t('projects.title')}
        </h2>
        <ul aria-labelledby="nav-projects">
          <RailProjects current={project} watched={watched} />
          {links('projects')}
        </ul>
        <h2 className="nav-heading" id="nav-set-up">
          {t('shell.setUp')}
        </h2>
        <ul aria-labelledby="nav-set-up">{links('set up')}</ul>
        <ul className="nav-foot">{links('manage')}</ul>
      </nav>
      <div className="person-place">
        {info && <Menu person={info.person} mark={marks.get('credentials')} />}
      </div>
    </header>
  );
}

interface NavLinkProps {
  readonly screen: Screen;
  readonly current: boolean;
  readonly mark: NavMark | undefined;
}

/** Drawn anew only when it says something else: going to another screen alters two of them. */
const NavLink = memo(
  function NavLink({ screen, current, mark }: NavLinkProps) {
    useLanguage();
    const title = t(screen.inRail ?? screen.title);
    return (
      <Hint
        text={mark ? t('shell.navHint', { title, state: mark.text }) : title}
        side="right"
        described={false}
      >
        <a className="nav-link" href={href(screen.path)} aria-current={current ? 'page' : undefined}>
          <Icon name={screen.icon} />
          <span className="nav-title">{title}</span>
          {mark && (
            <span className={`nav-mark tone-${mark.tone}`}>
              <span aria-hidden="true">{mark.count}</span>
              <span className="visually-hidden">{mark.text}</span>
            </span>
          )}
        </a>
      </Hint>
    );
  },
  (before, after) =>
    before.screen === after.screen &&
    before.current === after.current &&
    before.mark?.tone === after.mark?.tone &&
    before.mark?.text === after.mark?.text,
);
