import type { Faults, Json, JsonObject, Stats } from '../shared/types.ts';

/** What the simulator tells requests apart by. */
export const REQUEST_KINDS = [
  'sessions',
  'current_user',
  'projects',
  'forms',
  'metadata',
  'fields',
  'submissions',
  'other',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A question, a group or a repeat of a form. Types are those of XForms, with `group` and `repeat` beside them. */
export interface Question {
  readonly name: string;
  readonly type:
    | 'string'
    | 'int'
    | 'decimal'
    | 'date'
    | 'dateTime'
    | 'geopoint'
    | 'binary'
    | 'group'
    | 'repeat';
  readonly below?: readonly Question[];
}

export interface FormSpec {
  readonly xmlFormId: string;
  readonly name: string;
  readonly version?: string;
  /** Default: a household with members. */
  readonly questions?: readonly Question[];
  readonly submissions: number;
  /** Never published: it is in the list, and has no feed. */
  readonly isDraft?: boolean;
}

export interface ProjectSpec {
  readonly id: number;
  readonly name: string;
  readonly forms: readonly FormSpec[];
  /** E-mail addresses of those who may see it and not read its submissions. */
  readonly onlyLooking?: readonly string[];
}

export interface OdkUser {
  readonly email: string;
  readonly password: string;
  readonly id?: number;
  readonly displayName?: string;
}

export interface OdkSimulatorOptions {
  readonly projects: readonly ProjectSpec[];
  /** Default: `ada@example.org`, who may read everything. */
  readonly users?: readonly OdkUser[];
  /** Pages as of before version 2023.5: placed by `$skip` instead of a `$skiptoken`. */
  readonly pagesBySkip?: boolean;
  readonly gzip?: boolean;
  readonly sessionSeconds?: number;
  readonly now?: () => number;
}

/** A form while clients read it. */
export interface FormHandle {
  /** Every submission as the feed has it with its repeats, newest first. */
  records(): Json[];
  /** New submissions, before all others. */
  add(count: number): void;
  /** Changes a submission in its place, counted from the newest. */
  edit(index: number, change: JsonObject): void;
  remove(index: number): void;
  /** Deleted for good: pages that begin behind it are refused from then on. */
  purge(index: number): void;
}

export interface OdkSimulator extends AsyncDisposable {
  readonly url: string;
  readonly faults: Faults<RequestKind>;
  readonly stats: Stats<RequestKind>;
  form(project: number, xmlFormId: string): FormHandle;
  removeForm(project: number, xmlFormId: string): void;
  /** A session without a request for one. */
  issueSession(email?: string): string;
  /** Every session that was handed out. */
  sessions(): string[];
  expireSession(token: string): void;
  isLive(token: string): boolean;
  setPassword(email: string, password: string): void;
  close(): Promise<void>;
}
