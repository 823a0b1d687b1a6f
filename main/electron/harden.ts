import type { Session, WebContents } from 'electron';
import type { Logger } from '../log.ts';
import { origin } from './constants.ts';

/** What the windows load: the app's own files, and what shows a developer the page. */
const isOwn = (url: string, from: string): boolean =>
  url.startsWith(`${from}/`) || url.startsWith('devtools:');

/**
 * Refuses whatever a page of this app never needs: permissions, devices, capture, downloads, and the network, also where
 * the page's own policy does not reach. Sources and databases are asked by the main process, which has its own ways.
 */
export function hardenSession(session: Session, from = origin): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOwn(url, from) }));
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
}

/** Keeps a window where it is: no navigation, no redirect, no new window, no embedded guest. */
export function hardenContents(contents: WebContents, log: Logger): void {
  const refuse = (what: string) => (event: { preventDefault(): void; url?: string }) => {
    event.preventDefault();
    log.warn('window.navigation_refused', { what, url: event.url ?? '' });
  };
  // Its packets would pass by every request that is looked at.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  contents.on('will-navigate', refuse('navigate'));
  contents.on('will-frame-navigate', refuse('frame'));
  contents.on('will-redirect', refuse('redirect'));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    log.warn('window.open_refused', { url });
    return { action: 'deny' };
  });
}
