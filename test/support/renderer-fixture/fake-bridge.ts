import type {
  Credential,
  Dataset,
  DictionaryNote,
  Job,
  Link,
  Project,
  Source,
} from '../../../preload/contract/models.ts';
import type { Fake } from './fake-tools.ts';
import type { Scenario } from './scenario.ts';

/**
 * Puts a `window.headgate` into the page that answers from a scenario and changes it like the real one would.
 * Runs in the page by its source text, so it can use nothing from outside itself.
 */
export function installFake(scenario: Scenario, fakes: readonly Fake[]): void {
  type Answer = { ok: true; data: unknown } | { ok: false; error: unknown };
  type Input = Record<string, never>;
  type NoteChange = { id: string; table: string; column: string | null } & Partial<DictionaryNote>;
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  const emit = (name: string, payload: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(structuredClone(payload));
  };
  const changed = (...entities: string[]) => {
    for (const entity of entities) emit('store.changed', { entity });
  };
  const kept = sessionStorage.getItem('fixture-theme');
  if (kept) scenario.info.theme = kept as typeof scenario.info.theme;
  const cancelled = new Set<string>();
  const wait = async (milliseconds: number, callId: string) => {
    const until = performance.now() + milliseconds;
    while (performance.now() < until) {
      if (cancelled.has(callId)) throw refuse('CANCELLED', 'The call was cancelled.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const refuse = (
    code: string,
    message: string,
    advice = 'Choose again.',
    fields?: readonly (readonly [path: string, why: string])[],
  ) => ({
    code,
    kind: 'config',
    message,
    advice,
    ...(fields && {
      fields: fields.map(([path, text]) => ({ path, said: { id: 'plain', params: { text } } })),
    }),
  });
  const stamp = () => new Date().toISOString();
  const id = () => crypto.randomUUID();
  const find = <T extends { id: string }>(list: T[], wanted: string): T => {
    const found = list.find((each) => each.id === wanted);
    if (!found) throw refuse('NOT_FOUND', 'It is not there.');
    return found;
  };
  const drop = <T extends { id: string }>(list: T[], wanted: string) => {
    list.splice(list.indexOf(find(list, wanted)), 1);
    return {};
  };
  const base = () => ({ id: id(), createdAt: stamp(), updatedAt: stamp() });

  const runSync = async (job: Job, dataset: Dataset) => {
    const table = job.tables[0];
    for (let step = 1; step <= 6 && job.status === 'running' && !scenario.syncStands; step++) {
      await new Promise((resolve) => setTimeout(resolve, 120));
      if (table) table.fetched = step * 40;
      emit('sync.progressed', job);
    }
    if (job.status !== 'running' || scenario.syncStands) return;
    Object.assign(job, {
      status: 'completed',
      phase: 'done',
      finishedAt: stamp(),
      rowCounts: { forms: 240 },
    });
    Object.assign(dataset, { job: null, status: 'ready', dataAsOf: stamp(), rowCounts: { forms: 240 } });
    scenario.tables[dataset.id] = [
      {
        name: 'forms',
        comment: null,
        rows: 240,
        columns: [{ name: 'form_id', type: 'uuid', comment: 'id' }],
      },
    ];
    scenario.rows['forms'] = {
      columns: [{ name: 'form_id', type: 'uuid', comment: 'id' }],
      rows: [['5f0c9a52-0000-4000-8000-000000000001']],
      more: true,
    };
    scenario.info.firstRun = false;
    emit('sync.progressed', job);
    changed('syncs', 'datasets');
  };

  /** Puts a job into another state, also where its dataset carries it as its own. */
  const turn = (input: Input, to: Partial<Job>): Job => {
    const job = Object.assign(find(scenario.jobs, input['id'] ?? ''), to);
    for (const dataset of scenario.datasets) if (dataset.job?.id === job.id) dataset.job = job;
    changed('syncs', 'datasets');
    return job;
  };

  const handlers: Record<string, (input: Input, callId: string) => unknown> = {
    'app.info': () => scenario.info,
    'app.setTheme': (input) => {
      scenario.info.theme = input['theme'] ?? 'system';
      // The fixture's host forgets with the page; what it keeps in between stands for the settings file.
      sessionStorage.setItem('fixture-theme', scenario.info.theme);
      changed('appearance');
      return scenario.info;
    },
    // The fixture's host forgets with the page; what it keeps in between stands for the settings file.
    'app.language': () => ({ language: localStorage.getItem('fixture-language') ?? 'system' }),
    'app.setLanguage': (input) => {
      localStorage.setItem('fixture-language', input['language'] ?? 'system');
      changed('appearance');
      return input;
    },
    'app.background': () => scenario.background,
    'app.setBackground': (input) => {
      Object.assign(scenario.background, input);
      if (scenario.background.startsAtLogin) scenario.background.keepsRunning = true;
      changed('appearance');
      return scenario.background;
    },
    'vault.status': () => scenario.info.vault,
    'vault.rotate': () => {
      scenario.info.vault.keyVersion += 1;
      changed('vault');
      return scenario.info.vault;
    },
    'sources.types': () => scenario.types,
    'sources.list': () => scenario.sources,
    'sources.create': (input) => {
      const { clientSecret, ...fields } = input as Record<string, unknown>;
      const made = {
        ...{
          ...fields,
          hasClientSecret: clientSecret !== undefined,
          clientAuth: fields['clientAuth'] ?? null,
          isActive: true,
          settings: fields['settings'] ?? {},
          datasets: [],
        },
        ...{ ...base(), credential: null, usedBy: [] },
      };
      scenario.sources.push(made as unknown as Source);
      changed('sources');
      return made;
    },
    'sources.update': (input) => {
      const found = Object.assign(find(scenario.sources, input['id'] ?? ''), input);
      changed('sources');
      return found;
    },
    'sources.delete': (input) => {
      drop(scenario.sources, input['id'] ?? '');
      changed('sources');
      return {};
    },
    'sources.discover': async (_input, callId) => {
      await wait(200, callId);
      return {
        account: 'asha.rao@example.org',
        scopes: [
          { value: 'malaria-ng', label: 'Malaria Nigeria' },
          { value: 'nutrition-screening', label: 'Nutrition screening' },
          { value: 'wash-survey', label: 'wash-survey' },
        ],
        datasets: scenario.types[0]?.datasets ?? [],
      };
    },
    'sources.choices': () => scenario.choices,
    'sources.pace': () => scenario.pace,
    'credentials.list': () => scenario.credentials.map((each) => ({ isShared: false, ...each })),
    'credentials.signIn': async (input, callId) => {
      const sourceId = String(input['sourceId']);
      const found = find(scenario.sources, sourceId);
      await wait(60, callId);
      emit('signIn.opened', { sourceId, url: 'https://www.commcarehq.org/oauth/authorize/?state=fixture' });
      await wait(scenario.signInWaits ? 180_000 : 400, callId);
      const made = {
        ...base(),
        sourceId,
        sourceName: found.name,
        projectId: input['projectId'] ?? null,
        personId: null,
        projectName: null,
        account: 'asha.rao@example.org',
        scopes: [],
        kind: 'oauth',
        renewable: true,
        signedInBy: null,
        state: 'valid',
        accessExpiresAt: stamp(),
        lastUsedAt: null,
      } as unknown as Credential;
      found.credential = made;
      scenario.credentials.push(made);
      for (const dataset of scenario.datasets) if (dataset.sourceId === sourceId) dataset.signIn = 'valid';
      changed('credentials', 'sources');
      return made;
    },
    'credentials.signInWith': async (input, callId) => {
      const sourceId = String(input['sourceId']);
      const found = find(scenario.sources, sourceId);
      await wait(60, callId);
      const fields = input['fields'] as unknown as Record<string, string>;
      const { user = '', apiKey = fields['password'] } = fields;
      if (apiKey === 'wrong')
        throw refuse('KEY_REFUSED', 'CommCare HQ does not accept this user name with this API key.');
      const made = {
        ...{ ...base(), sourceId, sourceName: found.name, kind: input['kind'] },
        ...{ projectId: input['projectId'] ?? null, personId: null, projectName: null },
        ...{ account: user, scopes: [], state: 'valid', accessExpiresAt: null },
        ...{ renewable: false, signedInBy: null, lastUsedAt: null },
      } as unknown as Credential;
      found.credential = made;
      scenario.credentials.push(made);
      changed('credentials', 'sources');
      return made;
    },
    'credentials.disconnect': (input) => {
      for (const source of scenario.sources)
        if (source.credential?.id === input['id']) source.credential = null;
      drop(scenario.credentials, input['id'] ?? '');
      changed('credentials', 'sources');
      return { atSource: 'revoked' };
    },
    'projects.list': () => scenario.projects,
    'projects.create': (input) => {
      if (String(input['dbSchema']).startsWith('pg_')) {
        throw refuse(
          'INPUT_INVALID',
          'dbSchema: is reserved by PostgreSQL; moon: must be full',
          'Correct the fields named in the message and try again.',
          [
            ['dbSchema', 'is reserved by PostgreSQL'],
            ['moon', 'must be full'],
          ],
        );
      }
      const on = find(scenario.connections, input['connectionId'] ?? '');
      const made = {
        ...(input as object),
        ...base(),
        connectionName: on.name,
        environment: on.environment,
        links: 0,
      };
      scenario.projects.push(made as unknown as Project);
      changed('projects');
      return made;
    },
    'projects.update': (input) => Object.assign(find(scenario.projects, input['id'] ?? ''), input),
    'projects.delete': (input) => {
      drop(scenario.projects, input['id'] ?? '');
      changed('projects');
      return {};
    },
    'links.list': (input) =>
      scenario.links
        .filter((each) => input['projectId'] === undefined || each.projectId === input['projectId'])
        .map((link) => {
          const dataset = scenario.datasets.find((each) => each.linkId === link.id) ?? null;
          return { ...link, dataset, signIn: dataset?.signIn ?? link.signIn };
        }),
    'links.create': (input) => {
      const project = find(scenario.projects, input['projectId'] ?? '');
      const source = find(scenario.sources, input['sourceId'] ?? '');
      const made = {
        ...(input as object),
        ...base(),
        sourceName: source.name,
        sourceType: source.sourceType,
        projectName: project.name,
        isActive: true,
        people: null,
        others: null,
        signIn: source.credential ? 'valid' : 'missing',
      };
      const dataset = {
        id: id(),
        linkId: made.id,
        projectId: project.id,
        projectName: project.name,
        sourceId: source.id,
        sourceName: source.name,
        connectionId: project.connectionId,
        connectionName: project.connectionName,
        personId: null,
        schemaName: 'data_5f0c9a52_commcare',
        status: 'pending',
        dataAsOf: null,
        freshUntil: null,
        targetFails: false,
        lastTriedAt: null,
        outlook: { at: null, wait: 'not_yet', until: null, failures: 0 },
        expiresAt: null,
        rowCounts: {},
        error: null,
        held: null,
        notice: null,
        job: null,
        signIn: source.credential ? 'valid' : 'missing',
      } as Dataset;
      const kept = scenario.kept.find((each) => each.id === input['adopt']);
      if (kept) {
        const { id: keptId, schemaName, dataAsOf, rowCounts } = kept;
        Object.assign(dataset, { id: keptId, schemaName, dataAsOf, rowCounts, status: 'ready' });
        scenario.kept.splice(scenario.kept.indexOf(kept), 1);
      }
      scenario.datasets.push(dataset);
      scenario.links.push({ ...made, dataset } as unknown as Link);
      project.links += 1;
      changed('links', 'datasets', 'projects');
      return { ...made, dataset };
    },
    'links.update': (input) => {
      const { oldTables, ...change } = input as Record<string, unknown>;
      const found = Object.assign(find(scenario.links, input['id'] ?? ''), change);
      // The fake goes on with the same tables, and says of the old ones what was asked for.
      const of = scenario.datasets.find((each) => each.linkId === found.id);
      if (oldTables !== undefined && of) {
        const { schemaName, connectionId, connectionName, projectId, projectName, sourceId, sourceName } = of;
        scenario.kept.unshift({
          ...{
            id: of.id,
            schemaName,
            connectionId,
            connectionName,
            projectId,
            projectName,
            sourceId,
            sourceName,
          },
          ...{ personId: of.personId, personName: null, dataAsOf: of.dataAsOf, rowCounts: of.rowCounts },
          ...{ keptAt: stamp(), replacedBy: oldTables === 'drop' ? of.id : null },
        });
      }
      changed('links', 'datasets');
      return found;
    },
    'datasets.list': () => scenario.datasets,
    'datasets.tables': (input) => scenario.tables[input['id'] ?? ''] ?? [],
    'datasets.dictionary': (input) => {
      const { id: of, schemaName, dataAsOf } = find(scenario.datasets, input['id'] ?? '');
      const coverage = { columns: 0, described: 0, byPeople: 0 };
      return scenario.dictionaries[of] ?? { schemaName, dataAsOf, jobId: null, tables: [], coverage };
    },
    'dictionary.describe': (input) => {
      const { id: of, table: tableId, column, ...change } = input as unknown as NoteChange;
      const dictionary = scenario.dictionaries[of];
      const table = dictionary?.tables.find((each) => each.id === tableId);
      const place = column === null ? table : table?.columns.find((each) => each.name === column);
      if (!dictionary || !table || !place) throw refuse('NOT_FOUND', 'It is not there.');
      const before = place.note ?? { description: null, sensitivity: [], declined: [] };
      const note = {
        description:
          change.description === undefined ? before.description : change.description?.trim() || null,
        sensitivity: change.sensitivity ?? before.sensitivity,
        declined: change.declined ?? before.declined,
        by: scenario.info.person.name,
        at: stamp(),
      };
      const isEmpty = note.description === null && note.sensitivity.length + note.declined.length === 0;
      Object.assign(place, { note: isEmpty ? null : note });
      if ('suggested' in place) {
        const open = place.suggested.filter(
          (tag) => !note.sensitivity.includes(tag) && !note.declined.includes(tag),
        );
        Object.assign(place, { suggested: open });
      }
      // What is answered again is another object, as what comes over the bridge is.
      scenario.dictionaries[of] = structuredClone(dictionary);
      changed('datasets');
      return { note: place.note, comment: 'written' };
    },
    'dictionary.search': (input) => {
      const words = String(input['text'] ?? '')
        .toLowerCase()
        .split(' ');
      const hits = scenario.datasets.flatMap(({ id: datasetId, projectName, sourceName, schemaName }) =>
        (scenario.dictionaries[datasetId]?.tables ?? []).flatMap((table) =>
          table.columns
            .filter(({ name, label }) =>
              words.every((word) =>
                `${name} ${label ?? ''}`
                  .normalize('NFD')
                  .replace(/[\u0300-\u036f]/g, '')
                  .toLowerCase()
                  .includes(word),
              ),
            )
            .map(({ name, type, label, lang, sourcePath, note }) => ({
              ...(lang === undefined ? {} : { lang }),
              ...{
                datasetId,
                projectName,
                sourceName,
                schemaName,
                table: table.name,
                column: name,
                type,
                label,
              },
              ...{ sourcePath, description: note?.description ?? null },
            })),
        ),
      );
      return { hits: hits.slice(0, 50), more: hits.length > 50 };
    },
    'dictionary.export': (input) => {
      const { tables, coverage } = scenario.dictionaries[input['datasetId'] ?? ''] ?? {
        tables: [],
        coverage: null,
      };
      const path = `/home/ada/dictionary.${input['format'] as unknown as string}`;
      return { text: null, path, tables: tables.length, columns: coverage?.columns ?? 0 };
    },
    'datasets.changes': (input) => scenario.changes[input['id'] ?? '']?.slice(0, input['limit']) ?? [],
    'datasets.keep': (input) => {
      const dataset = find(scenario.datasets, input['id'] ?? '');
      dataset.expiresAt = new Date(Date.now() + 24 * 3_600_000).toISOString();
      changed('datasets');
      return dataset;
    },
    'syncs.start': (input) => {
      const dataset = scenario.datasets.find((each) => each.linkId === input['linkId']);
      if (!dataset) throw refuse('NOT_FOUND', 'It is not there.');
      const job: Job = {
        id: id(),
        datasetId: dataset.id,
        projectName: dataset.projectName,
        sourceName: dataset.sourceName,
        status: 'running',
        phase: 'reading',
        trigger: 'person',
        waitingUntil: null,
        pausedBy: null,
        runner: null,
        rowCounts: {},
        notice: null,
        error: null,
        records: null,
        recordsBefore: null,
        decided: null,
        queuedAt: stamp(),
        startedAt: stamp(),
        finishedAt: null,
        tables: [{ dataset: 'forms', fetched: 0, total: 240, status: 'reading' }],
      };
      dataset.job = job;
      scenario.jobs.unshift(job);
      changed('syncs', 'datasets');
      void runSync(job, dataset);
      return job;
    },
    'syncs.pause': (input) => turn(input, { status: 'paused', pausedBy: 'person' }),
    'syncs.resume': (input) => {
      const job = turn(input, { status: 'running', pausedBy: null });
      void runSync(job, find(scenario.datasets, job.datasetId));
      return job;
    },
    // A reason that is “refused” stands for whatever may keep the core from it.
    'syncs.takeOver': (input) => {
      if (input['reason'] === 'refused') throw refuse('STORE_UNAVAILABLE', 'The workspace can not be read.');
      document.documentElement.dataset['takenFor'] = input['reason'];
      const job = turn(input, { runner: { id: scenario.info.runner, host: 'desk', pid: 1 } });
      void runSync(job, find(scenario.datasets, job.datasetId));
      return job;
    },
    'syncs.cancel': (input) => {
      const job = Object.assign(find(scenario.jobs, input['id'] ?? ''), {
        status: 'cancelled',
        finishedAt: stamp(),
      });
      for (const dataset of scenario.datasets) if (dataset.job?.id === job.id) dataset.job = null;
      changed('syncs', 'datasets');
      return job;
    },
    /** Not of the contract: a job tells how far it is. */
    'fixture.progress': (input) => {
      const job = scenario.jobs[Number(input['at'])];
      for (const table of job?.tables.slice(0, 1) ?? []) table.fetched += 1000;
      emit('sync.progressed', job);
    },
  };

  const tools = { scenario, emit, changed, wait, refuse, find, drop, stamp, id, base };
  for (const fake of fakes) Object.assign(handlers, fake(tools));

  const answer = async (name: string, input: unknown, callId: string): Promise<Answer> => {
    // Who sits here is known without reading anything.
    const always = /^(session|fixture)\.|^app\.(language|setLanguage)$/.test(name);
    if (scenario.behaviour === 'never' && !always) return new Promise(() => undefined);
    if (scenario.behaviour === 'fails' && name !== 'app.info' && !always) {
      return { ok: false, error: scenario.failure };
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      if (scenario.people.seat !== 'open' && !always) throw refuse('LOCKED', 'The session is locked.');
      return { ok: true, data: structuredClone(await handlers[name]?.(input as Input, callId)) };
    } catch (error) {
      return { ok: false, error };
    }
  };
  const calls: Record<string, (input: unknown, callId: string) => Promise<Answer>> = {};
  for (const name of Object.keys(handlers)) calls[name] = (input, callId) => answer(name, input, callId);
  Object.defineProperty(window, 'headgate', {
    value: {
      calls,
      cancel: (callId: string) => void cancelled.add(callId),
      on: (name: string, listener: (payload: unknown) => void) => {
        const known = listeners.get(name) ?? new Set();
        listeners.set(name, known.add(listener));
        return () => void known.delete(listener);
      },
    },
  });
}
