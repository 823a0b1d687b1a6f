import { describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { codeOf, filesIn, random, temporaryFolder } from '../support/parts.ts';
import { type KeptDesk, keptDesk } from '../support/seat.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../support/workspace.ts';

/* What opens the vault and bundles, as a window asks for it: outside the page, whatever the page sends. */

const own = 'the passphrase of my profile';
const ofVault = 'gate of the old mill canary';
const ofBundle = 'heron over the weir canary';
const ofPage = 'of the page 1234 canary';

async function atWindow(options: WorkspaceOptions = {}): Promise<{ ws: Workspace; desk: KeptDesk }> {
  const desk = keptDesk(systemClock);
  return { ws: await openWorkspace({ kind: 'electron', desk, ...options }), desk };
}
const connect = (ws: Workspace) =>
  ws.api.connections.create({ name: 'One', host: 'db.example.org', database: 'd', user: 'u', password: 'p' });
const setOwn = async ({ ws, desk }: { ws: Workspace; desk: KeptDesk }): Promise<void> => {
  desk.typing = [own];
  await ws.api.people.setPassphrase({ id: (await ws.api.session.state()).person?.id ?? '' });
};
const paperOf = (desk: KeptDesk): string =>
  desk.saved
    .at(-1)
    ?.text.match(/^ {2}.*$/gm)
    ?.join(' ') ?? '';

describe('the vault', () => {
  it('is protected by what the person types, opened by it, and by the recovery key on a bad day', async () => {
    using folder = temporaryFolder();
    let paper = '';
    {
      const first = await atWindow({ folder: folder.path });
      await using ws = first.ws;
      const { desk } = first;
      await connect(ws);
      const change = { to: 'passphrase', passphrase: ofPage } as const;
      expect(await codeOf(() => ws.api.vault.changeProtector(change))).toBe('CANCELLED');
      expect(await ws.api.vault.status()).toMatchObject({ state: 'key_file' });
      await setOwn(first);
      // The passphrase of the profile first, then the new one: closing either leaves all as it was.
      desk.typing = [own, null];
      expect(await codeOf(() => ws.api.vault.addSlot(change))).toBe('CANCELLED');
      expect(await ws.api.vault.slots()).toHaveLength(1);
      await ws.api.vault.addSlot({ to: 'recovery' });
      paper = paperOf(desk);
      desk.typing = [own, ofVault];
      expect(await ws.api.vault.changeProtector(change)).toMatchObject({ state: 'passphrase' });
      expect(desk.asked.at(-1)).toContain('Then: a passphrase, which you choose here');
      expect(desk.typing).toEqual([]);
    }
    for (const { path, bytes } of filesIn(folder.path))
      for (const typed of [own, ofVault, ofPage]) expect(bytes.includes(typed), path).toBe(false);

    const second = await atWindow({ folder: folder.path, protector: 'none' });
    await using ws = second.ws;
    const { desk } = second;
    const [profile] = (await ws.api.session.state()).profiles;
    desk.typing = [own];
    await ws.api.session.signIn({ personId: profile?.id ?? '' });
    expect(await ws.api.vault.status()).toMatchObject({ state: 'locked' });
    // What a page sends is no key, also where it is the right one.
    for (const given of [{ passphrase: ofVault }, { recoveryKey: paper }])
      expect(await codeOf(() => ws.api.vault.unlock(given))).toBe('CANCELLED');
    desk.asked.length = 0;
    desk.typing = ['not this one', ofVault];
    expect(await ws.api.vault.unlock({ by: 'passphrase' })).toMatchObject({ state: 'passphrase' });
    expect(desk.asked[1]).toContain('The passphrase does not open this vault.');
    // A key that was mistyped is shown again with the group that is wrong.
    const mistyped = paper.replace(/\S{5}$/, '00000');
    desk.typing = [mistyped, paper];
    await ws.api.vault.unlock({ by: 'recovery' });
    expect(desk.asked.at(-1)).toContain('look at group 13 again');
    const slots = await ws.api.vault.slots();
    expect(slots.find(({ kind }) => kind === 'recovery')?.openedAt).not.toBe(null);
    // Five wrong ones within a minute are the last that are looked at.
    desk.types = 'wrong';
    expect(await codeOf(() => ws.api.vault.unlock({ by: 'passphrase' }))).toBe('TOO_MANY_TRIES');
    const entries = await ws.api.audit.list({ action: 'vault.unlock', outcome: 'refused' });
    expect(entries.map(({ details }) => details)).toEqual([
      'TOO_MANY_TRIES',
      ...Array(5).fill('PASSPHRASE_WRONG'),
    ]);
    expect(ws.logs.join() + JSON.stringify(ws.events)).not.toContain('canary');
  });

  it('at a terminal is given with the call, and missed where it is not', async () => {
    await using ws = await openWorkspace({ protector: passphraseProtector(ofVault, random) });
    for (const call of [
      () => ws.api.vault.unlock({ by: 'passphrase' }),
      () => ws.api.vault.unlock({ by: 'recovery' }),
      () => ws.api.vault.addSlot({ to: 'passphrase' }),
      () => ws.api.vault.changeProtector({ to: 'passphrase' }),
    ])
      expect(await codeOf(call)).toBe('PASSPHRASE_NEEDED');
  });
});

describe('a bundle', () => {
  it('is sealed to what the person types, and opened by it; one for this Headgate opens unasked', async () => {
    const window = await atWindow();
    await using ws = window.ws;
    const { desk } = window;
    const { id } = await connect(ws);
    await setOwn(window);
    const seal = { ids: [id], reason: 'another computer' };
    const ofThePage = { ...seal, for: { passphrase: ofPage }, passphrase: own };
    desk.typing = [own, null];
    expect(await codeOf(() => ws.api.connections.seal(ofThePage))).toBe('CANCELLED');
    expect(desk.saved).toEqual([]);
    desk.typing = [own, 'too short', ofBundle];
    expect(await ws.api.connections.seal({ ...seal, for: 'passphrase' })).toMatchObject({ text: null });
    expect(desk.asked.at(-1)).toContain('at least 12 characters');
    desk.typing = [own];
    const { publicKey } = await ws.api.vault.publicKey();
    await ws.api.connections.seal({ ...seal, for: { publicKey } });
    const [sealed, forHere] = desk.saved.map(({ text }) => text) as [string, string];

    const preview = (text: string, passphrase?: string) =>
      ws.api.imports.preview({ kind: 'sealed', text, ...(passphrase === undefined ? {} : { passphrase }) });
    expect(await codeOf(() => preview(sealed, ofBundle))).toBe('CANCELLED');
    const asked = desk.asked.length;
    desk.typing = ['not of this bundle', ofBundle];
    expect((await preview(sealed)).connections).toHaveLength(1);
    expect(desk.asked.slice(asked).join()).toContain('The passphrase does not open this bundle');
    expect(desk.asked).toHaveLength(asked + 2);
    expect((await preview(forHere, ofPage)).connections).toHaveLength(1);
    expect(await codeOf(() => preview('neither nor'))).toBe('IMPORT_UNREADABLE');
    expect(await codeOf(() => preview(forHere.replace(/\n\S/, '\n!')))).toBe('IMPORT_UNREADABLE');
    expect(desk.asked).toHaveLength(asked + 2);
    expect(ws.logs.join() + JSON.stringify(ws.events)).not.toContain('canary');
  });

  it('at a terminal has its passphrase with the call', async () => {
    await using ws = await openWorkspace();
    const { id } = await connect(ws);
    await ws.api.people.setPassphrase({ id: (await ws.api.session.state()).person?.id ?? '', next: own });
    const seal = { ids: [id], reason: 'another computer', passphrase: own };
    expect(await codeOf(() => ws.api.connections.seal({ ...seal, for: 'passphrase' }))).toBe(
      'PASSPHRASE_NEEDED',
    );
  });
});
