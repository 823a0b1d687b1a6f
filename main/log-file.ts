import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { LogSink } from './log.ts';

export interface LogFile extends LogSink {
  recent(maxBytes: number): string;
  /** Removes files that are full and were written to last before a moment (ms since 1970): how many. */
  forget(before: number): number;
  /** The file that is written to now. */
  readonly path: string;
}

export interface LogFileOptions {
  readonly folder: string;
  /** Without its ending: `headgate` makes headgate.log, headgate.1.log … */
  readonly name: string;
  /** A file is closed before it grows over this. */
  readonly maxBytes?: number;
  /** How many files are kept, the current one included. */
  readonly files?: number;
}

/**
 * A log in a file that only this user can read, rotated by size. It is written at once, so the last lines before
 * a crash are in it; it never throws, because a full disk must not stop what is being logged.
 */
export function createLogFile(options: LogFileOptions): LogFile {
  const maxBytes = options.maxBytes ?? 5 * 1024 * 1024;
  const files = options.files ?? 3;
  const nameOf = (index: number): string =>
    join(options.folder, index === 0 ? `${options.name}.log` : `${options.name}.${index}.log`);
  const path = nameOf(0);
  let size = -1;
  let told = false;

  const open = (): void => {
    closeSync(openSync(path, 'a', 0o600));
    // It may be there from a time with a wider mask.
    chmodSync(path, 0o600);
    size = statSync(path).size;
  };

  const rotate = (): void => {
    rmSync(nameOf(files - 1), { force: true });
    for (let index = files - 2; index >= 0; index -= 1) {
      if (existsSync(nameOf(index))) renameSync(nameOf(index), nameOf(index + 1));
    }
    size = -1;
  };

  /** The last bytes of one file; empty when it is not there. */
  const endOf = (file: string, most: number): Buffer => {
    if (most <= 0 || !existsSync(file)) return Buffer.alloc(0);
    const handle = openSync(file, 'r');
    try {
      const length = statSync(file).size;
      const end = Buffer.alloc(Math.min(most, length));
      const read = readSync(handle, end, 0, end.length, length - end.length);
      return end.subarray(0, read);
    } finally {
      closeSync(handle);
    }
  };

  return {
    path,
    recent(most) {
      try {
        // A file that was just begun says little without the one before it.
        const present = endOf(path, most);
        const text = Buffer.concat([endOf(nameOf(1), most - present.length), present]);
        if (text.length < most) return text.toString();
        return text.subarray(text.indexOf('\n') + 1).toString();
      } catch {
        return '';
      }
    },
    forget(before) {
      let count = 0;
      for (let index = 1; index < files; index += 1) {
        try {
          const file = nameOf(index);
          if (!existsSync(file) || statSync(file).mtimeMs >= before) continue;
          rmSync(file);
          count += 1;
        } catch {
          // Another process may have rotated meanwhile; the next turn looks again.
        }
      }
      return count;
    },
    write(line) {
      try {
        const bytes = Buffer.byteLength(line);
        if (size < 0) open();
        if (size > 0 && size + bytes > maxBytes) {
          rotate();
          open();
        }
        // Another process may have rotated: then this makes the file.
        appendFileSync(path, line, { mode: 0o600 });
        size += bytes;
      } catch (error) {
        size = -1;
        if (!told) process.stderr.write(`The log file ${path} can not be written: ${String(error)}\n`);
        told = true;
      }
    },
  };
}
