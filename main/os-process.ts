import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, networkInterfaces, uptime } from 'node:os';

/**
 * Names one process among all that there ever were: a process id alone is given out again, after each boot in the same
 * order. Nothing in it comes from the clock, which may be set at any time.
 */
export interface ProcessStamp {
  readonly host: string;
  /** The machine, and in a container its space of process ids; a process id means something only inside of one. */
  readonly machine: string;
  /** The boot of the machine, where the system names it (Linux); else empty. */
  readonly boot: string;
  readonly pid: number;
  /** When it was started, counted from the boot: in ticks of the system on Linux, in whole seconds elsewhere. */
  readonly start: number;
}

/** `own`: it is this process. `unknown`: only its signs of life can tell. */
export type Fate = 'own' | 'alive' | 'gone' | 'unknown';

/** What is asked of the operating system. */
export interface ProcessSystem {
  readonly pid: number;
  readonly host: string;
  /** The text of a file; null when there is none, or it can't be read. */
  read(file: string): string | null;
  /** Where a symbolic link points; null when there is none. */
  link(file: string): string | null;
  /** The hardware addresses of the network cards. */
  cards(): readonly string[];
  /** Seconds since the boot, of the machine and of this process. */
  uptime(): number;
  ownUptime(): number;
  /** Whether there is a process of that number, whosever it is. */
  exists(pid: number): boolean;
}

export interface ProcessTable {
  own(): ProcessStamp;
  /** When a process of this machine was started; null when there is none. Undefined where the system does not say. */
  startOf(pid: number): number | null | undefined;
  /** What is known of a process without having heard from it. */
  fateOf(stamp: ProcessStamp): Fate;
}

/** The start in seconds is worked out from two counters that are not read at the same moment. */
const secondsTolerance = 2;

/** Cards made by software count up, come and go; theirs are "locally administered" (IEEE 802, the second bit). */
const isMade = (card: string): boolean => (Number.parseInt(card.slice(0, 2), 16) & 2) === 2;

export function processTable(system: ProcessSystem): ProcessTable {
  const bootId = (): string => system.read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

  /** State and start of a process as Linux tells them (proc(5), fields 3 and 22); the name before may hold anything. */
  const statOf = (pid: number | 'self'): { state: string; start: number } | null => {
    const text = system.read(`/proc/${pid}/stat`);
    if (text === null) return null;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: Number(fields[19]) };
  };

  const startOf = (pid: number): number | null | undefined => {
    const told = bootId() === '' ? null : statOf(pid);
    // A process that only waits to be counted by its parent does nothing any more.
    if (told) return told.state === 'Z' || told.state === 'X' ? null : told.start;
    return system.exists(pid) ? undefined : null;
  };

  const own = (): ProcessStamp => {
    const boot = bootId();
    const machineId = system.read('/etc/machine-id')?.trim() ?? '';
    const hardware = boot === '' ? system.cards().filter((card) => !isMade(card)) : [machineId || boot];
    const told = boot === '' ? null : statOf('self');
    return {
      host: system.host,
      machine: createHash('sha256')
        .update([system.host, system.link('/proc/self/ns/pid') ?? '', ...[...hardware].sort()].join('\n'))
        .digest('hex')
        .slice(0, 16),
      boot,
      pid: system.pid,
      start: told?.start ?? Math.round(system.uptime() - system.ownUptime()),
    };
  };

  return {
    own,
    startOf,
    fateOf(stamp) {
      const us = own();
      if (stamp.machine !== us.machine) return 'unknown';
      if (stamp.boot !== us.boot) return stamp.boot === '' || us.boot === '' ? 'unknown' : 'gone';
      const same =
        us.boot === '' ? Math.abs(stamp.start - us.start) <= secondsTolerance : stamp.start === us.start;
      if (stamp.pid === us.pid) return same ? 'own' : 'gone';
      // Where no boot is named: one that began later after its boot than it is now since ours is of an earlier one.
      if (us.boot === '' && stamp.start > system.uptime() + secondsTolerance) return 'gone';
      const start = startOf(stamp.pid);
      if (start === null) return 'gone';
      if (start === undefined) return 'unknown';
      return start === stamp.start ? 'alive' : 'gone';
    },
  };
}

const orNull = (read: () => string): string | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

/** The processes of this operating system. */
export const osProcesses: ProcessTable = processTable({
  pid: process.pid,
  host: hostname(),
  read: (file) => orNull(() => readFileSync(file, 'utf8')),
  link: (file) => orNull(() => readlinkSync(file)),
  cards: () =>
    Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal }) => !internal)
      .map(({ mac }) => mac),
  uptime,
  ownUptime: () => process.uptime(),
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
});
