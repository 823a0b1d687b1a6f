import type { Browser } from './browser.ts';
import type { CdpSession } from './cdp.ts';

export interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
  readonly openerId?: string;
  readonly browserContextId?: string;
}

export interface Target {
  readonly targetId: string;
  readonly session: CdpSession;
}

export interface Targets {
  /** A new page, stopped before its first step; `Runtime.runIfWaitingForDebugger` lets it go. */
  create(options: { browserContextId?: string | undefined; width: number; height: number }): Promise<Target>;
  close(targetId: string): Promise<void>;
  /** Pages that a page opened, stopped before their first step. */
  onOpened(listener: (info: TargetInfo, session: CdpSession) => void): void;
  onGone(listener: (targetId: string) => void): void;
}

/** Keeps apart the pages this process made from those a page tried to open. */
export async function createTargets(browser: Browser): Promise<Targets> {
  const { root } = browser.connection;
  const opened: ((info: TargetInfo, session: CdpSession) => void)[] = [];
  const gone: ((targetId: string) => void)[] = [];
  /** Attached, and not yet known to be ours or a page's. */
  const unclaimed = new Map<string, { info: TargetInfo; session: CdpSession }>();
  const claims = new Map<string, (session: CdpSession) => void>();
  let creating = 0;

  const sort = (): void => {
    for (const [targetId, entry] of unclaimed) {
      const claim = claims.get(targetId);
      if (claim) {
        claims.delete(targetId);
        unclaimed.delete(targetId);
        claim(entry.session);
      } else if (creating === 0) {
        unclaimed.delete(targetId);
        for (const listener of opened) listener(entry.info, entry.session);
      }
    }
  };

  root.handle<{ sessionId: string; targetInfo: TargetInfo; waitingForDebugger: boolean }>(
    'Target.attachedToTarget',
    ({ sessionId, targetInfo, waitingForDebugger }) => {
      const session = browser.connection.session(sessionId);
      if (targetInfo.type !== 'page') {
        if (waitingForDebugger) session.tell('Runtime.runIfWaitingForDebugger');
        root.tell('Target.detachFromTarget', { sessionId });
        return;
      }
      unclaimed.set(targetInfo.targetId, { info: targetInfo, session });
      sort();
    },
  );
  root.handle<{ targetId: string }>('Target.targetDestroyed', ({ targetId }) => {
    for (const listener of gone) listener(targetId);
  });
  await root.send('Target.setDiscoverTargets', { discover: true });
  await root.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });

  return {
    async create({ browserContextId, width, height }) {
      creating += 1;
      try {
        const { targetId } = await root.send<{ targetId: string }>('Target.createTarget', {
          url: 'about:blank',
          newWindow: true,
          width,
          height,
          ...(browserContextId ? { browserContextId } : {}),
        });
        const attached = new Promise<CdpSession>((resolve) => claims.set(targetId, resolve));
        sort();
        return { targetId, session: await attached };
      } finally {
        creating -= 1;
        sort();
      }
    },
    async close(targetId) {
      await root.send('Target.closeTarget', { targetId });
    },
    onOpened: (listener) => void opened.push(listener),
    onGone: (listener) => void gone.push(listener),
  };
}
