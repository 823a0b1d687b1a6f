/*
 * What is put into a page that is measured. Each function runs there by its source text, so it can use nothing from outside
 * itself.
 */

/** What a screen change took, in milliseconds since the press. */
export interface Change {
  /** The heading of the screen is on the glass. */
  readonly heading: number;
  /** The last thing that belongs to it is. */
  readonly content: number;
  /** Tasks of more than 50 ms meanwhile. */
  readonly longTasks: readonly number[];
}

export interface Frames {
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
  readonly count: number;
}

export interface Meter {
  change(hash: string): Promise<Change>;
  /** Goes there without measuring: until the heading is painted. */
  go(hash: string): Promise<void>;
  /** Tasks of more than 50 ms since it was last asked. */
  longTasks(): number[];
  /** Times between frames while a thing is scrolled for so long. */
  scroll(selector: string, milliseconds: number, perFrame: number): Promise<Frames>;
  /** Times between frames until `stop`. */
  frames(): Promise<Frames>;
  stop(): void;
  /** A piece of work that no product code has part in: what this machine takes for it. */
  calibrate(): number;
}

interface Sized {
  readonly runs: number;
  readonly entries: number;
}

/**
 * Answers that the page's core would have made in another process are made once, and what a call costs the page is then
 * what it costs in the product: taking an answer over. Runs and entries of the log are made when they are asked for.
 */
export function installLarge({ runs, entries }: Sized): void {
  type Envelope = { ok: boolean; data?: unknown };
  type Calls = Record<string, (input: unknown, callId: string) => Promise<Envelope>>;
  interface Run {
    readonly id: string;
    readonly datasetId: string;
    readonly queuedAt: string;
  }
  const { calls } = (window as unknown as { headgate: { calls: Calls } }).headgate;
  const started = Date.now();
  const id = (kind: number, n: number): string =>
    `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
  // Fifty days of runs.
  const between = (50 * 86_400_000) / runs;
  const people = ['Asha Rao', 'Timetable', 'Ben Okafor'];
  const actions = ['connections.test', 'syncs.start', 'token.renewed', 'links.update', 'secrets.reveal'];
  let datasets: readonly { id: string; projectName: string; sourceName: string }[] = [];
  const run = (n: number): Run => {
    const of = datasets[n % datasets.length];
    const at = started - (n + 1) * between;
    const fails = n % 41 === 0;
    return Object.assign(
      {
        id: id(77, n + 1),
        datasetId: of?.id ?? '',
        queuedAt: new Date(at).toISOString(),
      },
      {
        ...{
          projectName: of?.projectName,
          sourceName: of?.sourceName,
          status: fails ? 'failed' : 'completed',
        },
        ...{
          phase: 'done',
          trigger: 'schedule',
          tables: [],
          waitingUntil: null,
          pausedBy: null,
          runner: null,
        },
        ...{ rowCounts: { forms: 18_000, cases: 6_000 }, notice: null, records: 24_000, decided: null },
        recordsBefore: 23_900,
        error: fails
          ? { code: 'SYNC_FAILED', kind: 'system', message: 'The sync stopped.', advice: 'Start it again.' }
          : null,
        startedAt: new Date(at + 2_000).toISOString(),
        finishedAt: new Date(at + 40_000 + (n % 90) * 2_000).toISOString(),
      },
    );
  };
  const askDatasets = calls['datasets.list'];
  const ready = askDatasets?.({}, 'large').then((answer) => {
    datasets = answer.data as typeof datasets;
  });
  calls['syncs.list'] = async (input) => {
    await ready;
    await new Promise((resolve) => setTimeout(resolve, 5));
    const asked = (input ?? {}) as {
      datasetId?: string;
      datasetIds?: string[];
      since?: string;
      until?: string;
      before?: string;
      limit?: number;
    };
    const wanted = asked.datasetIds ?? (asked.datasetId === undefined ? null : [asked.datasetId]);
    const places = wanted === null ? null : new Set(wanted.map((each) => Number(each.slice(-12)) - 1));
    const found: Run[] = [];
    const from = asked.before === undefined ? 0 : Number(asked.before.slice(-12));
    const since = asked.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(asked.since);
    for (let n = from; n < runs && found.length < (asked.limit ?? 50); n += 1) {
      if (started - (n + 1) * between < since) break;
      if (places === null || places.has(n % datasets.length)) found.push(run(n));
    }
    return { ok: true, data: structuredClone(found) };
  };
  calls['audit.list'] = async (input) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { before, limit } = (input ?? {}) as { before?: number; limit?: number };
    const newest = Math.min(entries, (before ?? entries + 1) - 1);
    const data = Array.from({ length: Math.min(limit ?? 200, newest) }, (_, n) => {
      const seq = newest - n;
      return {
        ...{ seq, at: new Date(started - (entries - seq) * 60_000).toISOString() },
        ...{ person: people[seq % people.length], action: actions[seq % actions.length], outcome: 'ok' },
        ...{ subject: `id=${id(1, (seq % 9000) + 1)}`, details: '' },
      };
    });
    return { ok: true, data };
  };
  const known = new Map<string, Promise<Envelope>>();
  const kept =
    /^(connections\.(list|get|usage|history)|sources\.(list|types)|credentials\.list|projects\.list|links\.list|kept\.list|datasets\.(list|tables|dictionary|titles|history|changes|count|rows)|people\.list|syncs\.get|dictionary\.\w+)$/;
  for (const [name, call] of Object.entries(calls)) {
    if (!kept.test(name)) continue;
    calls[name] = async (input, callId) => {
      const key = `${name} ${JSON.stringify(input)}`;
      const answer = known.get(key) ?? call(input, callId);
      known.set(key, answer);
      const made = await answer;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return structuredClone(made);
    };
  }
}

export function installMeter(): void {
  const tasks: { at: number; took: number }[] = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push({ at: startTime, took: duration });
  }).observe({ type: 'longtask', buffered: true });
  const painted = (): Promise<number> =>
    new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
    });
  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));
  /** Nothing more comes when nothing came for so long, and nothing says that it is waiting. */
  const quietMs = 160;
  const patience = 20_000;
  const headings = document.getElementsByTagName('h1');

  const press = (hash: string): void => {
    const link = [...document.querySelectorAll<HTMLElement>('nav a')].find(
      (each) => each.getAttribute('href') === hash,
    );
    if (!link) {
      location.hash = hash;
      return;
    }
    link.focus();
    link.click();
  };
  const shares = (times: number[]): Frames => {
    times.sort((a, b) => a - b);
    const share = (of: number): number => Math.round((times[Math.floor(times.length * of)] ?? 0) * 10) / 10;
    return { p50: share(0.5), p95: share(0.95), most: Math.round(times.at(-1) ?? 0), count: times.length };
  };
  let stopped = false;
  let taken = 0;
  const meter: Meter = {
    async change(hash) {
      const before = new Set<Element>(headings);
      const began = performance.now();
      let [heading, content, last] = [0, 0, began];
      const seen = (): void => {
        last = performance.now();
        const first = heading === 0 && Array.from(headings).some((each) => !before.has(each));
        if (first) heading = -1;
        void painted().then((at) => {
          content = Math.max(content, at);
          if (first) heading = at;
        });
      };
      const watcher = new MutationObserver(seen);
      watcher.observe(document.body, { childList: true, characterData: true, subtree: true });
      press(hash);
      await sleep(0);
      const isDone = (): boolean =>
        heading > 0 && performance.now() - last > quietMs && !document.querySelector('[aria-busy="true"]');
      while (!isDone() && performance.now() - began < patience) await sleep(20);
      watcher.disconnect();
      const isOver = performance.now() - began >= patience;
      const longTasks = tasks.filter(({ at, took }) => at + took > began).map(({ took }) => Math.round(took));
      return {
        heading: isOver ? Number.NaN : heading - began,
        content: isOver ? Number.NaN : content - began,
        longTasks,
      };
    },
    async go(hash) {
      press(hash);
      await painted();
    },
    longTasks() {
      const found = tasks.slice(taken).map(({ took }) => Math.round(took));
      taken = tasks.length;
      return found;
    },
    async scroll(selector, milliseconds, perFrame) {
      const element = document.querySelector(selector);
      if (!element) throw new Error(`nothing to scroll: ${selector}`);
      const times: number[] = [];
      const began = performance.now();
      let last = await new Promise<number>(requestAnimationFrame);
      let way = 1;
      while (performance.now() - began < milliseconds) {
        element.scrollTop += perFrame * way;
        if (element.scrollTop + element.clientHeight >= element.scrollHeight - 1) way = -1;
        if (element.scrollTop <= 0) way = 1;
        const now = await new Promise<number>(requestAnimationFrame);
        times.push(now - last);
        last = now;
      }
      return shares(times);
    },
    async frames() {
      stopped = false;
      const times: number[] = [];
      let last = await new Promise<number>(requestAnimationFrame);
      while (!stopped) {
        const now = await new Promise<number>(requestAnimationFrame);
        times.push(now - last);
        last = now;
      }
      return shares(times);
    },
    stop() {
      stopped = true;
    },
    calibrate() {
      const began = performance.now();
      const place = document.createElement('div');
      place.style.cssText = 'position:absolute;inset-inline-start:0;inset-block-start:0;visibility:hidden';
      document.body.append(place);
      for (let round = 0; round < 10; round += 1) {
        const rows = Array.from({ length: 200 }, (_, n) => {
          const row = document.createElement('p');
          for (let cell = 0; cell < 4; cell += 1) {
            const span = document.createElement('span');
            span.textContent = `row ${n} cell ${cell} ${JSON.stringify({ n, cell, round })}`;
            row.append(span);
          }
          return row;
        });
        place.replaceChildren(...rows);
        void place.offsetHeight;
      }
      place.remove();
      return performance.now() - began;
    },
  };
  Object.assign(window, { meter });
}
