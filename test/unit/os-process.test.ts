import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { osProcesses, type ProcessSystem, processTable } from '../../main/os-process.ts';

/* Whether a process that is named somewhere still runs, and is the same one: without asking any clock. */

const stat = (pid: number, start: number, state = 'S'): string =>
  `${pid} (name) of) ) ${state} ${Array.from({ length: 18 }, () => '0').join(' ')} ${start} 0 0`;

/** A computer with these processes, by number and start. */
const linux = (boot: string, processes: Record<number, string>, change: Partial<ProcessSystem> = {}) =>
  processTable({
    pid: 10,
    host: 'field-laptop',
    read: (file) =>
      ({
        '/proc/sys/kernel/random/boot_id': `${boot}\n`,
        '/etc/machine-id': 'f00d\n',
        '/proc/self/stat': stat(10, 500),
        ...Object.fromEntries(Object.entries(processes).map(([pid, text]) => [`/proc/${pid}/stat`, text])),
      })[file] ?? null,
    link: () => 'pid:[4026531836]',
    cards: () => [],
    uptime: () => 1000,
    ownUptime: () => 3,
    exists: (pid) => Object.hasOwn(processes, pid),
    ...change,
  });
const mac = (change: Partial<ProcessSystem> = {}) =>
  processTable({
    pid: 10,
    host: 'MacBook-Pro.local',
    read: () => null,
    link: () => null,
    cards: () => ['3c:22:fb:00:00:01', '02:42:ac:11:00:02'],
    uptime: () => 1000.4,
    ownUptime: () => 3,
    exists: (pid) => pid === 20,
    ...change,
  });

it('a process is known again by its number and its start; a number that was given out anew is somebody else', () => {
  const then = linux('boot', {});
  const stamp = { ...then.own(), pid: 20, start: 700 };
  expect(linux('boot', { 20: stat(20, 700) }).fateOf(stamp)).toBe('alive');
  expect(linux('boot', { 20: stat(20, 701) }).fateOf(stamp)).toBe('gone');
  expect(linux('boot', { 20: stat(20, 700, 'Z') }).fateOf(stamp)).toBe('gone');
  expect(linux('boot', {}).fateOf(stamp)).toBe('gone');
  expect(then.fateOf(then.own())).toBe('own');
  // The number of this process, in an earlier life.
  expect(then.fateOf({ ...then.own(), start: 499 })).toBe('gone');
  // Other users' processes may be hidden from this one.
  expect(linux('boot', {}, { exists: () => true }).fateOf(stamp)).toBe('unknown');
});

it('after a boot everything from before it is gone, whatever its number', () => {
  const stamp = { ...linux('before', {}).own(), pid: 20, start: 700 };
  expect(linux('after', { 20: stat(20, 700) }).fateOf(stamp)).toBe('gone');
  // Another machine has begun anew for all that is known here.
  expect(linux('after', { 20: stat(20, 700) }, { host: 'other' }).fateOf(stamp)).toBe('unknown');
});

it('where neither boot nor start are told, a dead one is seen and a living one is left to its signs of life', () => {
  const stamp = { ...mac().own(), pid: 20 };
  expect(stamp).toMatchObject({ boot: '', start: 997 });
  expect(mac().fateOf(stamp)).toBe('unknown');
  expect(mac({ exists: () => false }).fateOf(stamp)).toBe('gone');
  // Begun later after its boot than it is now since ours.
  expect(mac({ uptime: () => 60 }).fateOf(stamp)).toBe('gone');
  expect(mac({ uptime: () => 1001, ownUptime: () => 3 }).fateOf(mac().own())).toBe('own');
  expect(mac({ ownUptime: () => 100 }).fateOf(mac().own())).toBe('gone');
  // Two of one name are two machines; a card that software made tells nothing.
  expect(mac({ cards: () => ['3c:22:fb:00:00:02'] }).fateOf({ ...stamp, pid: 99 })).toBe('unknown');
  expect(mac({ cards: () => ['3c:22:fb:00:00:01'] }).fateOf({ ...stamp, pid: 99 })).toBe('gone');
});

it('asks this computer', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  const start = osProcesses.startOf(pid) ?? 0;
  const stamp = { ...osProcesses.own(), pid, start };
  expect(osProcesses.fateOf(stamp)).toBe('alive');
  expect(osProcesses.fateOf({ ...stamp, start: start - 1 })).toBe('gone');
  expect(osProcesses.fateOf(osProcesses.own())).toBe('own');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(osProcesses.fateOf(stamp)).toBe('gone');
});
