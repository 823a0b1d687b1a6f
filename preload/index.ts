import { contextBridge, ipcRenderer } from 'electron';
import { callNames, cancelChannel, type EventName, eventNames } from './contract/channels.ts';
import type { Envelope } from './contract/errors.ts';

/**
 * The bridge: one function per call, one `cancel`, one `on`. No channel name, event object or `ipcRenderer`
 * ever reaches the page.
 */
const calls: Record<string, (input: unknown, callId: string) => Promise<Envelope<unknown>>> = {};
for (const name of callNames) {
  calls[name] = (input, callId) => ipcRenderer.invoke(name, input, callId) as Promise<Envelope<unknown>>;
}

contextBridge.exposeInMainWorld('headgate', {
  calls,
  cancel: (callId: string): void => ipcRenderer.send(cancelChannel, callId),
  /** Returns a function that stops listening. */
  on: (name: EventName, listener: (payload: unknown) => void): (() => void) => {
    if (!eventNames.includes(name)) throw new Error(`no such event: ${name}`);
    const handler = (_event: unknown, payload: unknown): void => listener(payload);
    ipcRenderer.on(name, handler);
    return () => void ipcRenderer.removeListener(name, handler);
  },
});
