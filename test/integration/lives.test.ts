import { expect, it } from 'vitest';
import type { AppError } from '../../main/errors.ts';
import type { Link } from '../../preload/contract/models.ts';
import { createWorld, type World } from '../support/lives.ts';
import { seeded } from '../support/random.ts';

/*
 * Lives of datasets: whatever is done to one, in whatever order, and whatever ends the process meanwhile, it can be synced
 * again, nothing stays in a database that nobody knows of, and what is somebody else's stays.
 * HEADGATE_LIVES_SEEDS: other seeds, with commas; HEADGATE_LIVES_STEPS: how many steps each; HEADGATE_LIVES_TOLD: each step
 * is printed as it ends.
 */

const seeds = (process.env['HEADGATE_LIVES_SEEDS'] ?? '5').split(',').map(Number);
const stepCount = Number(process.env['HEADGATE_LIVES_STEPS'] ?? 25);

/** Fails unless it was refused with one of these codes, or done. Answers how it went. */
async function may(work: Promise<unknown>, ...codes: string[]): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    const { code, message } = error as AppError;
    if (!codes.includes(code)) throw error;
    return `${code} (${message})`;
  }
}

type Dice = () => number;
const oneOf = <T>(dice: Dice, all: readonly T[]): T => all[Math.floor(dice() * all.length)] as T;

const options = {
  ...{ datasets: ['forms'], keepRaw: false, readerRoles: [], options: {}, guards: true, shrinkPercent: 30 },
  ...{ refreshViews: false, secondColumn: false },
};

/** Unlinks, dropping or not; refused only where something of somebody else's would go. */
async function unlink(world: World, { id }: Link, dropSchemas: boolean): Promise<string> {
  const how = await may(world.ws.api.links.delete({ id, dropSchemas }), ...(dropSchemas ? ['IN_USE'] : []));
  if (how !== 'done') expect(how).toContain(world.ana.name);
  return how;
}

async function relink(world: World, dice: Dice): Promise<string> {
  const credentialMode = oneOf(dice, ['user', 'project'] as const);
  const kept = dice() < 0.6 ? oneOf(dice, await world.ws.api.kept.list()) : undefined;
  const input = { projectId: world.project.id, sourceId: world.source.id, credentialMode };
  const how = await may(
    world.ws.api.links.create({
      ...{ ...input, syncConfig: options },
      ...(kept ? { adopt: kept.id } : {}),
    }),
    ...(kept ? ['INPUT_INVALID'] : []),
  );
  return `${credentialMode}${kept ? ` adopting ${kept.schemaName}` : ''}: ${how}`;
}

/** What is linked; where nothing is, it is linked now. */
async function linked(world: World, dice: Dice): Promise<Link> {
  for (;;) {
    const link = await world.link();
    if (link) return link;
    await relink(world, dice);
  }
}

/** Somebody else puts a table into a published schema, or builds a view on one; or takes one away again. */
async function stranger(world: World, dice: Dice): Promise<string> {
  const { ana, foreign } = world;
  const old = oneOf(dice, foreign);
  if (old && dice() < 0.6) {
    foreign.splice(foreign.indexOf(old), 1);
    await old.db.query(old.drop);
    return old.drop;
  }
  const on = oneOf(
    dice,
    (await world.marked()).filter(({ role }) => role === 'live'),
  );
  const db = world.databases.find(({ database }) => database === on?.database);
  if (!on || !db) return 'nothing to build on';
  const name = `n${Math.floor(dice() * 1e9)}`;
  await db.query(`GRANT USAGE, CREATE ON SCHEMA "${on.schema}" TO ${ana.name};
    GRANT SELECT ON ALL TABLES IN SCHEMA "${on.schema}" TO ${ana.name}`);
  const view = dice() < 0.5;
  const full = view ? `mine.${name}` : `"${on.schema}".${name}`;
  const sql = view
    ? `CREATE VIEW ${full} AS SELECT id FROM "${on.schema}".forms`
    : `CREATE TABLE ${full} (t text)`;
  await db.query(`SET ROLE ${ana.name}; ${sql}; RESET ROLE`);
  foreign.push({ db, name: full, drop: `DROP ${view ? 'VIEW' : 'TABLE'} ${full}` });
  return sql;
}

async function dropKept(world: World, dice: Dice, cut: boolean): Promise<string> {
  const kept = oneOf(dice, await world.ws.api.kept.list());
  if (!kept) return 'nothing kept';
  const drop = (): Promise<unknown> => world.ws.api.kept.drop({ id: kept.id });
  if (cut) {
    await world.cutBefore('kept_schemas', drop);
    return 'cut off';
  }
  const how = await may(drop(), 'IN_USE');
  if (how !== 'done') expect(how).toContain(world.ana.name);
  return `${kept.schemaName}: ${how}`;
}

/** What befalls a dataset, by name. Each gets along with whatever state there is. */
const events: Readonly<Record<string, (world: World, dice: Dice) => Promise<string>>> = {
  async sync(world, dice) {
    const link = await linked(world, dice);
    world.sim.domain('demo').edit('form', [Math.floor(dice() * 12)]);
    return (await world.syncs(link)).status;
  },
  async unlink(world, dice) {
    const link = await linked(world, dice);
    return unlink(world, link, dice() < 0.4);
  },
  async relink(world, dice) {
    const link = await world.link();
    const first = link ? `unlinked ${await unlink(world, link, dice() < 0.3)}, ` : '';
    return (await world.link()) ? first : first + (await relink(world, dice));
  },
  async 'unlink while reading'(world, dice) {
    const link = await linked(world, dice);
    await world.reads(link);
    return unlink(world, link, dice() < 0.5);
  },
  async 'unlink cut off'(world, dice) {
    const link = await linked(world, dice);
    await world.cutBefore('project_data_sources', () =>
      world.ws.api.links.delete({ id: link.id, dropSchemas: dice() < 0.7 }),
    );
    return 'cut off';
  },
  async 'unlink, no database'(world, dice) {
    const link = await linked(world, dice);
    if (dice() < 0.5) await world.ws.api.syncs.pause({ id: (await world.reads(link)).id });
    await world.home.query(`ALTER ROLE ${world.sync.name} NOLOGIN`);
    try {
      return await unlink(world, link, false);
    } finally {
      await world.home.query(`ALTER ROLE ${world.sync.name} LOGIN`);
    }
  },
  'drop what is kept': (world, dice) => dropKept(world, dice, false),
  'drop what is kept, cut off': (world, dice) => dropKept(world, dice, true),
  async move(world, dice) {
    const connectionId = oneOf(dice, world.connections);
    const how = may(world.ws.api.projects.update({ id: world.project.id, connectionId }), 'IN_USE');
    return `to ${world.connections.indexOf(connectionId)}: ${await how}`;
  },
  async 'other person'(world, dice) {
    if (!world.second) await world.addPerson();
    else if (dice() < 0.4) await world.removePerson();
    else await world.as(oneOf(dice, [world.owner, world.second]));
    return world.second ? 'two people' : 'one person';
  },
  async 'person removed while reading'(world, dice) {
    const link = await linked(world, dice);
    if (!world.second) await world.addPerson();
    else await world.as(world.second);
    if (dice() < 0.5) await world.syncs(link);
    await world.reads(link);
    await world.removePerson();
    return 'removed';
  },
  async 'killed while reading'(world, dice) {
    const link = await linked(world, dice);
    await world.as(world.owner);
    await world.syncs(link);
    const before = world.sim.stats.requests['form'] ?? 0;
    world.sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
    const child = world.child('sync', 'Project');
    const asked = (): string =>
      (world.sim.stats.requests['form'] ?? 0) > before ? 'asked' : `not yet: ${child.said()}`;
    await Promise.race([
      expect.poll(asked, { timeout: 30_000 }).toBe('asked'),
      child.ended.then((said) => Promise.reject(new Error(`ended early: ${said}`))),
    ]);
    child.kill('SIGKILL');
    await child.ended;
    return 'killed';
  },
  async 'pid given out anew'(world, dice) {
    const link = await linked(world, dice);
    await world.reusePid(await world.reads(link));
    return 'in another’s name';
  },
  async 'dropped while reading'(world) {
    const link = await world.link();
    if (link) await world.reads(link);
    await world.reopen(false);
    return 'opened anew';
  },
  async 'closed while reading'(world, dice) {
    const link = await world.link();
    if (link && dice() < 0.7) await world.reads(link);
    await world.reopen(true);
    return 'opened anew';
  },
  async clock(world, dice) {
    const hours = oneOf(dice, [-48, -2, -0.1, 0.1, 3, 50]);
    await world.setClock(hours * 3_600_000);
    return `${hours} h`;
  },
  async 'two processes'(world, dice) {
    const link = await linked(world, dice);
    await world.as(world.owner);
    await world.syncs(link);
    const child = world.child('sync', 'Project');
    await Promise.all([world.syncs(link), child.ended]);
    expect(await child.ended).toBe('');
    return 'both ended well';
  },
  'somebody else': stranger,
};

/** Each starts a process, which takes seconds. */
const once = new Set(['killed while reading', 'two processes']);

it.each(seeds)(
  'seed %i: never stuck, nothing left that nobody knows of, nothing dropped that is not ours',
  async (seed) => {
    await using world = await createWorld();
    const dice = seeded(seed);
    const told: string[] = [];
    const did = new Set<string>();
    const step = async (name: string, work: () => Promise<string>): Promise<void> => {
      told.push(name);
      const began = Date.now();
      told[told.length - 1] = `${name}: ${await work()} [${Date.now() - began} ms]`;
      if (process.env['HEADGATE_LIVES_TOLD']) process.stdout.write(`${seed} ${told.at(-1)}\n`);
      world.sim.faults.clear();
      await world.insist();
    };
    /** Whatever is linked can be brought to its end, by each of the people. */
    const goesOn = async (): Promise<string> => {
      const link = await world.link();
      if (!link) return 'nothing linked';
      for (const who of [world.owner, world.second]) {
        if (!who) continue;
        await world.as(who);
        await world.syncs(link);
      }
      return 'all completed';
    };
    try {
      await step('link', () => relink(world, dice));
      await step('sync', goesOn);
      for (let n = 0; n < stepCount; n += 1) {
        const names = Object.keys(events).filter((each) => !once.has(each) || !did.has(each));
        const name = oneOf(dice, names);
        did.add(name);
        await step(name, () => (events[name] as (typeof events)[string])(world, dice));
        if (dice() < 0.2) await step('goes on', goesOn);
      }
      await step('at the end', goesOn);
      const link = await world.link();
      for (const { db, drop } of world.foreign.splice(0)) await db.query(drop);
      await step('unlinked', async () => (link ? unlink(world, link, true) : 'nothing linked'));
      for (const who of [world.owner, world.second]) {
        if (who) await world.as(who);
        for (const { id } of await world.ws.api.kept.list()) await world.ws.api.kept.drop({ id });
      }
      expect(await world.marked()).toEqual([]);
    } catch (error) {
      throw new Error(`seed ${seed} after\n  ${told.join('\n  ')}\n${(error as Error).stack}`, {
        cause: error,
      });
    }
  },
  240_000,
);
