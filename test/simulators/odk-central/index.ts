import { FaultList } from '../shared/faults.ts';
import { json } from '../shared/http.ts';
import { listen } from '../shared/server.ts';
import { StatsBook } from '../shared/stats.ts';
import { type KeptForm, keepForm } from './forms.ts';
import { route } from './routes.ts';
import { type OdkSimulator, type OdkSimulatorOptions, REQUEST_KINDS, type RequestKind } from './types.ts';

export type * from './types.ts';

/** A day, as ODK Central has it. */
const sessionSeconds = 86_400;

const ada = { email: 'ada@example.org', password: 'correct horse battery', id: 5, displayName: 'Ada' };

/**
 * Starts a local ODK Central on 127.0.0.1: sessions for e-mail and password, projects, forms, and the OData feed of each
 * form with its metadata, pages and repeats. It writes nothing.
 */
export async function createOdkSimulator(options: OdkSimulatorOptions): Promise<OdkSimulator> {
  const users = new Map((options.users ?? [ada]).map((user) => [user.email, { ...user }]));
  const now = options.now ?? Date.now;
  const sessions = new Map<string, { email: string; endsAt: number }>();
  const forms = new Map(
    options.projects.map(({ id, forms: specs }) => [
      id,
      new Map<string, KeptForm>(specs.map((spec) => [spec.xmlFormId, keepForm(spec)])),
    ]),
  );
  const all: string[] = [];
  let issued = 0;
  const issue = (email: string): { token: string; createdAt: string; expiresAt: string } => {
    issued += 1;
    const token = `session!${issued}$${Buffer.from(`${email} ${issued}`).toString('base64url')}`;
    const endsAt = now() + (options.sessionSeconds ?? sessionSeconds) * 1000;
    sessions.set(token, { email, endsAt });
    all.push(token);
    return { token, createdAt: new Date(now()).toISOString(), expiresAt: new Date(endsAt).toISOString() };
  };
  const isLive = (token: string): boolean => (sessions.get(token)?.endsAt ?? 0) > now();
  const formOf = (project: number, xmlFormId: string): KeptForm => {
    const form = forms.get(project)?.get(xmlFormId);
    if (form === undefined) throw new Error(`no form ${xmlFormId} in project ${project}`);
    return form;
  };
  const faults = new FaultList<RequestKind>(REQUEST_KINDS, 0);
  const stats = new StatsBook<RequestKind>(REQUEST_KINDS);
  const listening = await listen<RequestKind>({
    gzip: options.gzip,
    faults,
    stats,
    route: route({
      options,
      forms,
      userOf: (token) => (isLive(token) ? users.get(sessions.get(token)?.email ?? '') : undefined),
      open: (email, password) =>
        users.get(email.toLowerCase())?.password === password ? issue(email.toLowerCase()) : undefined,
      end: (token) => void sessions.delete(token),
    }),
    control: () => json(404, { error: 'No such control' }),
  });
  return {
    url: listening.url,
    faults,
    stats,
    form: formOf,
    removeForm: (project, xmlFormId) => void forms.get(project)?.delete(xmlFormId),
    issueSession: (email = ada.email) => issue(email).token,
    sessions: () => [...all],
    expireSession: (token) => void sessions.delete(token),
    isLive,
    setPassword(email, password) {
      const user = users.get(email);
      if (user) users.set(email, { ...user, password });
    },
    close: () => listening.close(),
    [Symbol.asyncDispose]: () => listening.close(),
  };
}
