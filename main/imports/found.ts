import type { EngineType } from '../../preload/contract/engines.ts';
import type {
  ConnectionInput,
  Environment,
  PortableProject,
  PortableSource,
  SignInMethod,
  SshHop,
  TlsMode,
} from '../../preload/contract/models.ts';

/** A jump host as another tool has it; what is secret in it only where the tool kept it. */
export type FoundHop = Omit<SshHop, 'id' | 'agentSocket' | 'agentKey'> & {
  readonly agentSocket?: string | null;
  readonly agentKey?: string | null;
  /** Path of a public key: the one key of the agent that is tried. */
  readonly agentKeyFile?: string;
  readonly key?: string;
  readonly keyPassphrase?: string;
  readonly password?: string;
};

/** A connection as another tool has it. What is `undefined` the tool did not tell. */
export interface FoundConnection {
  readonly name: string;
  /** Undefined: taken from the name where that says so. */
  readonly environment?: Environment | undefined;
  readonly description?: string | undefined;
  readonly folder?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Undefined: PostgreSQL. */
  readonly engine?: EngineType | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Of a private key that is the secret itself. */
  readonly keyPassphrase?: string | undefined;
  readonly host: string;
  /** The address that is gone to under that name. */
  readonly hostAddress?: string | undefined;
  readonly port: number;
  readonly database: string;
  readonly signIn?: SignInMethod | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tlsMode?: TlsMode | undefined;
  /** PEM, or the path of a file with it. */
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  /** The key itself; a path of one is told in a note. */
  readonly tlsKey?: string | undefined;
  readonly tlsKeyPassphrase?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly ssh?: readonly FoundHop[] | undefined;
  /** What our own files know beyond the above. */
  readonly more?: Partial<Pick<ConnectionInput, 'state' | 'access' | 'superuserReason' | 'pool' | 'lease'>>;
  readonly notes: readonly string[];
}

/** A host of an SSH configuration with the hosts that lead to it, the host itself last. */
export interface FoundHost {
  readonly alias: string;
  readonly chain: readonly FoundHop[];
  readonly notes: readonly string[];
}

/** A project with the credentials of its database in it, as it was before connections were shared. */
export interface LegacyProject {
  readonly name: string;
  readonly schema: string;
  /** Which of `connections` it uses. */
  readonly connection: number;
}

export interface Problem {
  /** Its line, its name, or where in the file it is. */
  readonly where: string;
  readonly message: string;
}

/** A project in a file of Headgate; what it names by place is among what was found. */
export interface FoundProject extends Omit<PortableProject, 'connection'> {
  /** Which of `connections` it uses. */
  readonly connection: number;
}

/** What a file holds. Nothing that could not be understood is in it; it is in `problems`. */
export interface Found {
  readonly connections: readonly FoundConnection[];
  readonly hosts: readonly FoundHost[];
  readonly projects: readonly LegacyProject[];
  /** Of a file of Headgate: projects, and the sources that they name by place; null for one that could not be understood. */
  readonly taken?: readonly FoundProject[];
  readonly sources?: readonly (PortableSource | null)[];
  readonly problems: readonly Problem[];
  /**
   * A legacy file as it should be from now on; `names` are those the connections have got, by index. `taken`: the project
   * with this name points to that connection now. Null while a project in it keeps credentials of its own: what it
   * answers goes to the page, and the old file is still needed.
   */
  readonly clean?: (
    names: readonly string[],
    taken: (connection: number, project: string) => boolean,
  ) => string | null;
}

export const nothingFound: Found = { connections: [], hosts: [], projects: [], problems: [] };

/** Files that an import may need beside the one that was given. */
export interface Around {
  /** The text of ~/.pgpass, where passwords are that other files leave out; null without one. */
  readonly pgpass: string | null;
}

/** libpq's own default where no mode is told. */
export const usualTlsMode: TlsMode = 'prefer';

const modes: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
/** A mode of libpq by its name; undefined for what is none. */
export function tlsModeOf(text: unknown): TlsMode | undefined {
  const mode = typeof text === 'string' ? text.trim().toLowerCase().replaceAll('_', '-') : '';
  return modes.includes(mode) ? (mode as TlsMode) : undefined;
}

/** A port in the form that files have it; undefined for what is none. */
export function portOf(value: unknown): number | undefined {
  const port =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\s*\d{1,5}\s*$/.test(value)
        ? Number(value)
        : Number.NaN;
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** A text with something in it, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

type Bag = Readonly<Record<string, unknown>>;
/** The fields of an object; of anything else none. */
export function bagOf(value: unknown): Bag {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Bag) : {};
}

/** The note on keys of a file that nothing was made of; none where there are none. */
export function leftOut(names: readonly string[], of = ''): string[] {
  return names.length === 0 ? [] : [`Left out${of}: ${names.join(', ')}.`];
}

/** Whether a file tells anything by a value: editors write fields that nobody filled in, and switches that are off. */
export const isTold = (value: unknown): boolean =>
  ![undefined, null, '', false, 0].some((each) => each === value) &&
  !(
    typeof value === 'object' &&
    Object.keys(bagOf(value)).length === 0 &&
    !(Array.isArray(value) && value.length > 0)
  );

/** A value of JSON as libpq would be given it. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'boolean' ? (value ? '1' : '0') : String(value);

/** Where a name says what a database is for. */
export function environmentOf(name: string): Environment {
  if (/(^|[^a-z])(prod|production|live)([^a-z]|$)/i.test(name)) return 'production';
  if (/(^|[^a-z])(stag|staging|uat|preprod|qa)([^a-z]|$)/i.test(name)) return 'staging';
  return 'development';
}
