import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashOfToken } from '../../main/access/agent-session.ts';
import { connectionInput } from '../../preload/contract/models.ts';
import { english } from '../../preload/messages/said.ts';
import { instant, temporaryFolder } from '../support/parts.ts';
import { done, refused, type Seat, seatIn } from '../support/seat.ts';

/* How a window lets an agent in: past the page, after a yes that the page can not give. */

async function fresh(work: (seat: Seat, projectId: string) => Promise<void>): Promise<void> {
  using folder = temporaryFolder();
  await using seat = await seatIn(folder.path);
  const { id: connectionId } = seat.store.connections.create(
    {
      ...connectionInput.parse({ name: 'n', host: 'h', database: 'd', user: 'u', password: 'p' }),
      ssh: [],
      id: randomUUID(),
    },
    seat.owner.id,
    instant,
  );
  const projectId = randomUUID();
  const project = { id: projectId, name: 'Read', connectionId, dbSchema: 'public' };
  seat.store.projects.create(project, seat.owner.id, instant);
  await work(seat, projectId);
}

it('saves the token in the file that the person chose, and answers without it', () =>
  fresh(async (seat, projectId) => {
    const asked = { projectId, name: 'my helper/1', days: 7, mayRefresh: true, keep: 'file' } as const;
    const answer = await done(seat, 'agents.letIn', asked);
    const [saved] = seat.desk.saved;
    expect(saved?.name).toBe('headgate-agent-my-helper-1.token');
    expect(saved?.text).toMatch(/^headgate_agent_[\w-]{43}\n$/);
    expect(answer).toMatchObject({ path: '/saved/headgate-agent-my-helper-1.token', until: null });
    expect(answer.grant).toMatchObject({ name: 'my helper/1', projectId, mayRefresh: true });
    const token = saved?.text.trim() ?? '';
    expect(seat.store.agents.idOf(hashOfToken(token))).toBe(answer.grant?.id);
    expect(JSON.stringify(answer)).not.toContain(token);
    expect(seat.events).toContainEqual(['store.changed', { entity: 'agents' }]);
  }));

it('lends the token to the clipboard, and answers until when', () =>
  fresh(async (seat, projectId) => {
    const answer = await done(seat, 'agents.letIn', { projectId, name: 'helper', keep: 'clipboard' });
    const token = seat.desk.clipboard;
    expect(token).toMatch(/^headgate_agent_/);
    expect(answer).toMatchObject({ path: null, until: expect.any(String) });
    expect(seat.store.agents.idOf(hashOfToken(token))).toBe(answer.grant?.id);
    expect(JSON.stringify(answer)).not.toContain(token);
  }));

it('makes no grant where it was not confirmed, not saved, or not taken by the clipboard', () =>
  fresh(async (seat, projectId) => {
    const asked = { projectId, name: 'helper' };
    const confirmed = seat.desk.confirm;
    let question = '';
    seat.desk.confirm = ({ what }) => {
      question = what === null ? '' : english(what);
      return Promise.resolve(false);
    };
    for (const keep of ['file', 'clipboard'] as const)
      expect((await refused(seat, 'agents.letIn', { ...asked, keep })).code).toBe('CANCELLED');
    expect(question).toContain('“helper” may read the project “Read” in your name for 90 days.');
    expect([seat.desk.saved, seat.desk.clipboard]).toEqual([[], '']);
    seat.desk.confirm = confirmed;
    seat.desk.save = () => Promise.resolve(null);
    expect(await done(seat, 'agents.letIn', { ...asked, keep: 'file' })).toEqual({
      ...{ grant: null, path: null, until: null },
    });
    seat.desk.copy = () => Promise.reject(new Error('no clipboard'));
    await refused(seat, 'agents.letIn', { ...asked, keep: 'clipboard' });
    expect(seat.store.agents.list()).toEqual([]);
  }));
