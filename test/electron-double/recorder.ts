import { EventEmitter } from 'node:events';

/** One thing the app asked of the desktop. */
export interface Recorded {
  /** Such as `shell.openExternal`. */
  readonly what: string;
  readonly details: unknown;
}

/** Remembers what the app asked of the desktop, instead of doing it. Emits `recorded` with each entry. */
export class Recorder extends EventEmitter<{ recorded: [Recorded] }> {
  readonly entries: Recorded[] = [];

  add(what: string, details: unknown): void {
    const entry = { what, details };
    this.entries.push(entry);
    this.emit('recorded', entry);
  }

  /** The details of every entry of that name, oldest first. */
  of(what: string): unknown[] {
    return this.entries.filter((entry) => entry.what === what).map((entry) => entry.details);
  }

  clear(): void {
    this.entries.length = 0;
  }
}
