import type { EventEmitter } from 'node:events';
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { createCodec } from './codec.ts';
import type { WebContents } from './contents.ts';
import type { Outgoing } from './page-scripts.ts';
import { strictEmitter } from './strict.ts';

type Listener = Parameters<IpcMain['handle']>[1];

/** Takes what a preload script sent and hands it to the app. */
export type IpcRouter = (contents: WebContents, message: Outgoing, sentFrom: string) => void;

const codec = createCodec();
const IpcBase = strictEmitter('ipcMain');

class DoubleIpcMain extends IpcBase implements Pick<IpcMain, 'handle' | 'handleOnce' | 'removeHandler'> {
  readonly handlers = new Map<string, Listener>();

  handle(channel: string, listener: Listener): void {
    if (this.handlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    if (typeof listener !== 'function') {
      throw new Error(`Expected handler to be a function, but found type '${typeof listener}'`);
    }
    this.handlers.set(channel, listener);
  }

  handleOnce(channel: string, listener: Listener): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return listener(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }
}

export function createIpc(): { ipcMain: EventEmitter & DoubleIpcMain; router: IpcRouter } {
  const ipcMain = new DoubleIpcMain();

  const answer = async (
    contents: WebContents,
    message: Outgoing,
    sentFrom: string,
    event: object,
  ): Promise<void> => {
    const { channel, id } = message;
    const reply = (outcome: { args: string } | { error: string }): void => {
      // The document that asked may have gone; the next one did not ask.
      if (contents.isDestroyed() || contents.documentId !== sentFrom) return;
      contents.push({ kind: 'reply', id: id ?? 0, channel, ...outcome });
    };
    try {
      const handler = ipcMain.handlers.get(channel);
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      reply({
        args: codec.encode(
          await handler(event as IpcMainInvokeEvent, ...(codec.decode(message.args) as unknown[])),
        ),
      });
    } catch (error) {
      console.error(`Error occurred in handler for '${channel}':`, error);
      reply({ error: String(error) });
    }
  };

  const router: IpcRouter = (contents, message, sentFrom) => {
    const event = {
      type: 'frame',
      sender: contents,
      // Null once the document that sent has gone, like the frame itself.
      get senderFrame() {
        return !contents.isDestroyed() && contents.documentId === sentFrom ? contents.mainFrame : null;
      },
      processId: contents.mainFrame.processId,
      frameId: contents.mainFrame.routingId,
      ports: [],
      reply: (channel: string, ...args: unknown[]) => contents.send(channel, ...args),
    };
    if (message.kind === 'invoke') answer(contents, message, sentFrom, event).catch(() => {});
    else ipcMain.emit(message.channel, event, ...(codec.decode(message.args) as unknown[]));
  };
  return { ipcMain, router };
}
