import { expect, it } from 'vitest';
import { osAddresses } from '../../main/net/addresses.ts';
import { createNetworkWatch } from '../../main/services/network-watch.ts';
import { keptLog } from '../support/parts.ts';

it('what is open is doubted once when the computer is on another network, and not before', async () => {
  let addresses = ['10.0.0.5', 'fe80::1'];
  let doubts = 0;
  const watch = createNetworkWatch(
    { addresses: () => addresses, log: keptLog().log },
    {
      doubt: () => {
        doubts += 1;
      },
    },
  );
  await watch.look();
  expect(doubts).toBe(0);
  addresses = ['192.168.7.2'];
  await watch.look();
  await watch.look();
  expect(doubts).toBe(1);
});

it('the addresses of this computer leave out those that only it can reach', () => {
  expect(osAddresses()).not.toContain('127.0.0.1');
  expect(osAddresses()).toEqual([...osAddresses()].sort());
});
