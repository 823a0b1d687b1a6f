import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { openTcp } from '../../main/engines/wire/tcp.ts';
import { areOffline, needsNetwork, osAddresses } from '../../main/net/addresses.ts';
import { stateOfFailure } from '../../main/services/connections/connection-tests.ts';
import { createNetwork } from '../../main/services/network.ts';
import { createNetworkWatch, type NetworkWatch } from '../../main/services/network-watch.ts';
import { codeOf, keptLog } from '../support/parts.ts';
import { movedClock } from '../support/seat.ts';

const open: NetworkWatch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.close();
});

/** A computer whose addresses a test decides. */
function computer(addresses: string[]) {
  const seen = { doubts: 0, told: [] as boolean[], addresses, says: true };
  const clock = movedClock();
  const { log } = keptLog();
  const host = {
    ...{ clock, log, addresses: () => seen.addresses, maybeOnline: () => seen.says },
    proxyFor: () => Promise.reject(new Error('the settings can not be read')),
  };
  const network = createNetwork({ host, proxy: { waysTo: host.proxyFor } });
  const doubt = (): void => {
    seen.doubts += 1;
  };
  const watch = createNetworkWatch({
    ...{ host, network, readers: { doubt } },
    onOffline: (offline) => void seen.told.push(offline),
  });
  open.push(watch);
  return { seen, clock, network, watch };
}

it('what is open is doubted once when the computer is on another network, and not before', () => {
  const { seen, watch } = computer(['10.0.0.5', 'fe80::1']);
  watch.look();
  expect(seen.doubts).toBe(0);
  seen.addresses = ['192.168.7.2'];
  watch.look();
  watch.look();
  expect(seen.doubts).toBe(1);
  expect(seen.told).toEqual([]);
});

it('a computer without a network is told of once, and looked at until it has one again', async () => {
  const { seen, clock, watch } = computer(['10.0.0.5']);
  expect(watch.look()).toBe(false);
  expect(clock.sleeping).toBe(0);
  seen.addresses = ['fe80::1', '169.254.3.4'];
  expect(watch.look()).toBe(true);
  expect(watch.look()).toBe(true);
  await clock.pass(60_000);
  expect(seen.told).toEqual([true]);
  seen.addresses = ['192.168.7.2'];
  await clock.pass(3000);
  expect(seen.told).toEqual([true, false]);
  expect(clock.sleeping).toBe(0);
  // The system may know better than the addresses, of which some lead nowhere.
  seen.says = false;
  expect(watch.look()).toBe(true);
  watch.close();
  await turn();
  expect(clock.sleeping).toBe(0);
});

it('only what is not this computer needs a network', () => {
  const own = ['10.0.0.5', 'fd00::5'];
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '/run/postgresql',
    'fe80::1%eth0',
    '10.0.0.5',
    '[fd00::5]',
  ])
    expect(needsNetwork(host, own), host).toBe(false);
  for (const host of ['db.example.org', '10.0.0.6', '[fd00::6]', '128.0.0.1'])
    expect(needsNetwork(host, own), host).toBe(true);
  const { network } = computer([]);
  expect(network.mustWait(['localhost', '127.0.0.1'])).toBe(false);
  expect(network.mustWait(['localhost', 'db.example.org'])).toBe(true);
  expect(computer(['10.0.0.5']).network.mustWait(['db.example.org'])).toBe(false);
});

it('a system that can not say where its proxy is has none', async () => {
  const { network } = computer([]);
  const route = { ways: [{ kind: 'direct' }], ca: null };
  expect(await network.routeTo({ baseUrl: 'https://hq.example.org', tlsCa: null })).toEqual(route);
});

it('a database that is not here is not to be had offline, which says nothing of the database', async () => {
  const place = {
    ...{ host: 'no-such-host.invalid', port: 5432, prefix: '' },
    ...({ unknown: 'DB_HOST_UNKNOWN', refused: 'DB_REFUSED', silent: 'DB_TIMEOUT' } as const),
  };
  const to = (host: string, own: string[], signal = new AbortController().signal) =>
    codeOf(() => openTcp({ ...place, host, port: 1 }, { signal, ms: 5000, watch: {}, own: () => own }));
  expect(await to(place.host, [])).toBe('OFFLINE');
  expect(await to(place.host, ['10.0.0.5'])).toBe('DB_HOST_UNKNOWN');
  expect(await to('127.0.0.1', [])).toBe('DB_REFUSED');
  expect(await to(place.host, [], AbortSignal.abort())).toBe('CANCELLED');
  expect(stateOfFailure('OFFLINE')).toBe('unknown');
});

it('the addresses of this computer leave out those that only it can reach', () => {
  expect(osAddresses()).not.toContain('127.0.0.1');
  expect(osAddresses()).toEqual([...osAddresses()].sort());
  expect(areOffline([])).toBe(true);
  expect(areOffline(['fe80::1', '2001:db8::1'])).toBe(false);
});
