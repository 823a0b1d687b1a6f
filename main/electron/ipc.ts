import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { callNames, cancelChannel } from '../../preload/contract/channels.ts';
import type { Envelope } from '../../preload/contract/errors.ts';
import { say } from '../../preload/messages/said.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { origin } from './constants.ts';
import type { Windows } from './window.ts';

interface Deps {
  readonly app: Pick<App, 'call' | 'cancel' | 'onEvent'>;
  readonly ipcMain: IpcMain;
  readonly windows: Pick<Windows, 'owns' | 'send'>;
  readonly log: Logger;
}

/** More calls than any screen makes at once; a page that loops is stopped here. */
const mostCalls = 200;
const longestCallId = 100;

function refused(error: AppError): Envelope<never> {
  return { ok: false, error: error.toWire() };
}

/** Answers the bridge: who asks, is it well formed, then on to the core. No handler ever throws. */
export function registerIpc({ app, ipcMain, windows, log }: Deps): () => void {
  let running = 0;

  /** Only the page itself, in a window of ours; the frame is null once the page that asked has gone. */
  const trusted = (event: IpcMainInvokeEvent | IpcMainEvent): boolean => {
    const frame = event.senderFrame;
    if (
      frame !== null &&
      frame === event.sender.mainFrame &&
      frame.origin === origin &&
      windows.owns(event.sender)
    ) {
      return true;
    }
    log.warn('ipc.sender_refused', { origin: frame?.origin ?? null, url: frame?.url ?? null });
    return false;
  };

  const isCallId = (value: unknown): value is string =>
    typeof value === 'string' && value.length > 0 && value.length <= longestCallId;

  const answer = async (
    name: string,
    event: IpcMainInvokeEvent,
    input: unknown,
    callId: unknown,
  ): Promise<Envelope<unknown>> => {
    if (!trusted(event)) {
      return refused(
        new AppError('PERMISSION_DENIED', say('desktop.pageMayNotCall'), {
          advice: say('desktop.pageMayNotCall.advice'),
        }),
      );
    }
    if (!isCallId(callId)) return refused(new AppError('INPUT_INVALID', say('desktop.callNoValidId')));
    if (running >= mostCalls) {
      log.warn('ipc.too_many_calls', { name });
      return refused(new AppError('INTERNAL', say('desktop.tooManyCallsRunning')));
    }
    running += 1;
    try {
      return await app.call(name, input, callId);
    } catch (error) {
      log.error('ipc.call_threw', { name, error });
      return refused(new AppError('INTERNAL', say('desktop.callFailedWayNobody')));
    } finally {
      running -= 1;
    }
  };

  for (const name of callNames) {
    ipcMain.handle(name, (event, input: unknown, callId: unknown) => answer(name, event, input, callId));
  }
  ipcMain.on(cancelChannel, (event, callId: unknown) => {
    if (trusted(event) && isCallId(callId)) app.cancel(callId);
  });
  return app.onEvent((name, payload) => windows.send(name, payload));
}
