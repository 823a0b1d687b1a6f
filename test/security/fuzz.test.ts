import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { type CallName, callNames } from '../../preload/contract/channels.ts';
import { type Envelope, errorCodes } from '../../preload/contract/errors.ts';
import { methods } from '../../preload/contract/methods.ts';
import { plain } from '../../preload/contract/said.ts';
import { dispatchWith, errorOf, good, id } from '../support/dispatch.ts';
import { isTaken, type Recipe, recipes, spoiler } from '../support/malformed.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* 2,000 malformed payloads per call: no crash, nothing unhandled, always a typed error. */

const perCall = 2000;
/** Another one: HEADGATE_FUZZ_SEED=… */
const seed = Number(process.env['HEADGATE_FUZZ_SEED'] ?? 20_260_301);
/** Well-formed ones that name what is not there; some of them derive a key each time. */
const nonsense = 3;
/** So many at once; the page could not send more either. */
const atOnce = 100;

/** Some recipes leave an input that is fine. */
const cookbook = recipes(perCall * 2, seed);
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => {
  process.stdout.write(`fuzzing with the seed ${seed}\n`);
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterAll(async () => {
  await turn();
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  expect(unhandled).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

type Send = (name: CallName, payload: unknown) => Promise<Envelope<unknown>>;

/** Sends that many payloads that the contract refuses, and sees that each is. */
async function fuzz(name: CallName, count: number, send: Send): Promise<number> {
  const { input } = methods[name];
  const spoil = spoiler(input, good[name]);
  let sent = 0;
  let batch: Promise<void>[] = [];
  const one = async (recipe: Recipe, payload: unknown): Promise<void> => {
    const envelope = await send(name, payload);
    const where = `${name}, seed ${seed}, ${JSON.stringify(recipe)}`;
    if (envelope.ok) throw new Error(`answered: ${where}`);
    const error = errorOf(envelope);
    if (error.code !== 'INPUT_INVALID') throw new Error(`${error.code}: ${where}`);
    if (error.kind !== errorCodes.INPUT_INVALID.kind || error.message.length > 2000) throw new Error(where);
  };
  for (const recipe of cookbook) {
    const payload = spoil(recipe);
    if (isTaken(input, payload)) continue;
    sent += 1;
    batch.push(one(recipe, payload));
    if (batch.length === atOnce) {
      await Promise.all(batch);
      batch = [];
    }
    if (sent === count) break;
  }
  await Promise.all(batch);
  return sent;
}

it('makes payloads of many kinds, most of which the contract refuses', () => {
  const { input } = methods['connections.create'];
  const spoil = spoiler(input, good['connections.create']);
  const payloads = cookbook.map((recipe) => spoil(recipe));
  expect(new Set(payloads.map((payload) => typeof payload)).size).toBeGreaterThan(6);
  expect(payloads.filter((payload) => !isTaken(input, payload)).length).toBeGreaterThan(perCall);
});

it('dispatch refuses each one before a service sees it, and takes exactly what the contract takes', async () => {
  let reached = 0;
  using one = dispatchWith(() => () => {
    reached += 1;
    throw new AppError('NOT_FOUND', plain('reached'));
  });
  for (const name of callNames) {
    expect(await fuzz(name, 100, (call, payload) => one.call(call, payload)), name).toBe(100);
    expect(reached, name).toBe(0);
    expect(errorOf(await one.call(name, good[name])).code).toBe('NOT_FOUND');
    expect(reached).toBe(1);
    reached = 0;
  }
  expect(one.audit.firstBroken()).toBeNull();
});

describe('the whole application', () => {
  let ws: Workspace;
  beforeAll(async () => {
    ws = await openWorkspace();
  });
  afterAll(() => ws[Symbol.asyncDispose]());
  const send: Send = (name, payload) => ws.app.call(name, payload, randomUUID());

  it('answers a typed error to every malformed payload of every call', async () => {
    for (const name of callNames) expect(await fuzz(name, perCall, send), name).toBe(perCall);
    // Nothing of it had an effect, and the log tells what was tried.
    expect((await ws.api.connections.list()).total).toBe(0);
    expect(await ws.api.projects.list()).toEqual([]);
    expect(await ws.api.people.list()).toHaveLength(1);
    expect(await ws.api.audit.verify()).toMatchObject({ firstBroken: null });
    // Some 300,000 calls.
  }, 480_000);

  /** Calls that do their work with what is given here, as they should. */
  const work: readonly CallName[] = ['connections.create', 'sources.create', 'imports.preview'];
  it('answers well-formed nonsense with a typed error or an answer of the contract', async () => {
    const swap = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_, inner: unknown) => (inner === id ? randomUUID() : inner));
    for (const name of callNames) {
      if (work.includes(name)) continue;
      for (let n = 0; n < nonsense; n += 1) {
        const payload = name === 'connections.testAll' ? { ids: [randomUUID()] } : swap(good[name]);
        const envelope = await send(name, payload);
        if (envelope.ok) {
          expect(methods[name].output.safeParse(envelope.data).success, name).toBe(true);
          continue;
        }
        const error = errorOf(envelope);
        expect(error.code, `${name}: ${error.message}`).not.toBe('INTERNAL');
        expect(error.message, name).not.toBe('');
      }
    }
    expect(await ws.api.audit.verify()).toMatchObject({ firstBroken: null });
  }, 60_000);
});
