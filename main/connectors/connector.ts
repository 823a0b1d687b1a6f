import type { CredentialKind, SourceType } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { AppError } from '../errors.ts';
import type { SourceDatabase } from './database.ts';
import type { Value } from './document.ts';
import type { SourceHttp, SourceRules } from './http.ts';
import type { Json } from './json.ts';

/** What tells one source from another at the same server. */
export interface SettingField {
  readonly name: string;
  readonly label: Said;
  /** The label as it stands in a sentence: `project space`. */
  readonly noun: Said;
  readonly help: Said;
  readonly required: boolean;
  /** It names what of its server a source reads, which is chosen from `scopes` after somebody signed in. At most one does. */
  readonly isScope?: true;
}

/** What can be chosen for each link: a switch, a list of texts, a day (`YYYY-MM-DD`) or a text. */
export interface OptionField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly kind: 'flag' | 'list' | 'date' | 'text';
  /** Names of the datasets it is about. */
  readonly datasets: readonly string[];
}

/** The chosen options of a link; one that is not there was not chosen. */
export type Options = Readonly<Record<string, boolean | string | readonly string[]>>;

/** Types that a path can be pinned to before a value was seen. `json` keeps a subtree as one jsonb column. */
export type PinnedType =
  | 'text'
  | 'boolean'
  | 'bigint'
  | 'numeric'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'json';

/** A field of a dataset's records as its source's own metadata tells of it. */
export interface KnownField {
  /** From the record down, through groups and repeats. */
  readonly path: readonly string[];
  /** `repeat`: a list of objects, which has a table of its own; it stands before what is in it. */
  readonly type: PinnedType | 'repeat';
}

/**
 * One table's share of a record. A record may be spread over several tables (a common one and one per form); all of
 * them carry the record's key.
 */
export interface Part {
  /** Stable id of the table, the same in every run: `forms`, `form/http://…`. */
  readonly table: string;
  /** What a person calls it; the table's name is made from it. */
  readonly label: string;
  /** An object, of the record's document or of one that the connector made. */
  readonly value: Value;
  /** Top-level keys of `value` that belong to another part. */
  readonly skip?: ReadonlySet<string>;
  /** More top-level fields, for where `value` itself has nothing under their names. */
  readonly extra?: Readonly<Record<string, Value | undefined>>;
  /** Lists of objects that are repeats of the part beside those in `value`, by names that `value` does not have. */
  readonly lists?: Readonly<Record<string, Value>>;
}

/** How the records of a dataset become tables. Pure functions; the sync engine does the rest. */
export interface RecordShape {
  /** Top-level field that identifies a record; where pages bring their own keys, the name of the column they go to. */
  readonly key: string;
  /** What the main table is called after, also while it has no record; the dataset's name unless given. */
  readonly title?: string;
  /** Name of the key in the tables that hang below the main one: `form_id`. */
  readonly keyName: string;
  /**
   * The main table: its id is the dataset's name. Made even when the source is empty, with these columns, whose types no
   * value changes: what does not fit is told in the column `overflow`. Times without a zone are UTC in a `timestamptz`.
   */
  readonly columns: readonly { readonly path: string; readonly type: PinnedType }[];
  /**
   * Column of the main table that says what a record was found in, such as the form of an attachment. All that is found
   * in one thing comes together, in one page; when the thing is read again, only what was found in it then stays.
   */
  readonly within?: string;
  /** Main table first. */
  parts(record: Value): Part[];
  /** Pins the type of a path in any part, e.g. ids that must join across tables. */
  pin(path: readonly string[]): PinnedType | undefined;
  /**
   * What the source's metadata says of the main part: its columns and repeats are made with these types before a record
   * was seen, also where none ever comes. A value that does not fit its type widens the column, as everywhere.
   */
  readonly fields?: readonly KnownField[];
  /** Whether what stands at a path of any part is no data, such as links of the protocol: it gets no column. */
  omits?(path: readonly string[]): boolean;
  /**
   * A field that tells something by being there, also when it is empty, in every object that has the field `beside` too,
   * at any depth: its column is true where it is.
   */
  readonly flag?: { readonly name: string; readonly beside: string };
  /** An empty text is a value, where a source tells it from none; elsewhere it is a question left blank. */
  readonly keepsEmpty?: true;
  /** Columns of the main table that get an index when they exist. */
  readonly indexes: readonly string[];
}

export interface DatasetSpec {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Not chosen for a new link unless somebody asks for it: it costs much, or needs rights that few accounts have. */
  readonly onRequest?: true;
  /**
   * The totals of its pages are near, for showing progress, and no count that the records could be
   * held against. A dataset that is discovered leaves its totals out instead.
   */
  readonly roughTotal?: true;
  /** Its records have questions that may be asked and left blank, which a link can keep apart from those not asked. */
  readonly hasBlanks?: true;
  /** Its changes can be found and the rest proven: the connector's `delta` has an answer for it. */
  readonly tellsChanges?: true;
  readonly shape: RecordShape;
}

/** What the source handed over in one answer. */
export interface Page {
  /** Objects; the text of each becomes its `raw`. */
  readonly records: readonly Value[];
  /** What identifies each record, where no single field of it does. */
  readonly keys?: readonly string[];
  /** Continues after this page, also in another process. */
  readonly cursor: Json;
  /** That no later page has values of the same answer: its memory may be used again once this page is written. */
  readonly spent?: boolean;
  /** How many records the source says there are in all; null when it does not say. */
  readonly total: number | null;
}

export interface ReadContext {
  /** Requests to its server; of a source that is a database none can be made. */
  readonly http: SourceHttp;
  /** Of a source that is read over a connection of the vault: the database behind it. */
  readonly database?: SourceDatabase | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly options: Options;
  /** Null at the beginning. */
  readonly cursor: Json | null;
  readonly signal: AbortSignal;
}

/**
 * Thrown by whoever reads a dataset that reading can't go on in where it was cut off: nothing of it tells what was read already.
 * Everything that is staged is thrown away, and read anew.
 */
export class ReadAnew extends AppError {}

/** What a source is asked with where nothing is gone on with. */
export type AskContext = Omit<ReadContext, 'cursor'>;
/** The same before it is known what of it is read. */
export type MeetContext = Omit<AskContext, 'settings' | 'options'>;

/**
 * A stretch of the field that records are counted by: from one instant on until before another, in UTC to the millisecond
 * without a zone, as `2025-03-02T08:11:42.530`. Null is open.
 */
export interface Slice {
  readonly from: string | null;
  readonly until: string | null;
}

/** Where a source stands: what changes from now on is found from the mark, which the connector alone understands. */
export interface Head {
  /** Null where it is known only after reading: see `markAfter`. */
  readonly mark: Json;
  /** How many records there are; null when the source does not say. */
  readonly total: number | null;
}

/** Some of what changed since a mark. */
export interface ChangePage extends Page {
  /** Keys of records that the source says are not among those of the link any more. */
  readonly gone: readonly string[];
  /** Whether any of it changed after the head was asked for, so that the total of the head may be out of date. */
  readonly beyond: boolean;
}

/** The records of a slice. */
export interface SlicePage {
  readonly records: readonly Value[];
  /** Whether these are all that are in it. */
  readonly whole: boolean;
}

/**
 * How the changes of a dataset are found without reading all of it, and how it is proven that nothing else changed: by
 * counting records in slices of a field that never changes. All of it keeps to the options of the link as `read` does.
 */
export interface Delta {
  /** A declared column of the main table, a time that no change of a record moves. */
  readonly field: string;
  /** Records of one request. */
  readonly pageSize: number;
  /** Asked before anything is read, so that what changes meanwhile is found from its mark the next time. */
  head(context: AskContext): Promise<Head>;
  /**
   * The mark after everything, or all changes since `before`, was read up to a cursor, where the head tells none: what was
   * indexed last in each series.
   */
  markAfter?(cursor: Json | null, before: Json | null): Json;
  /** What changed since `mark`, and somewhat before it: of `head` it need tell only what came after it. */
  changes(context: ReadContext, mark: Json, head: Json): AsyncGenerator<ChangePage, void>;
  /** How many records are in a slice; null when the source does not say. */
  count(context: AskContext, slice: Slice): Promise<number | null>;
  /** The records of a slice, as many as fit one request for each series. */
  slice(context: AskContext, slice: Slice): Promise<SlicePage>;
}

/** What a source says of one of its fields. */
export interface Description {
  /** Id of the part, as in `Part.table`. */
  readonly part: string;
  /** Path below the part's value; empty for what the part itself is called. */
  readonly path: readonly string[];
  /** What the source calls it; empty where it does not say. */
  readonly text: string;
  /** The language of the text as HTML names it (BCP 47), where the source says which one it is. */
  readonly lang?: string;
  /** That a record can have several entries there, however many it has: its values get a table of their own. */
  readonly repeats?: true;
}

/** Something that can be chosen for an option. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Identity {
  readonly externalUserId: string;
  /** How the person is known there, e.g. an e-mail address. */
  readonly account: string;
}

/** A dataset that a source has of its own, as far as it is known without looking at its fields. */
export interface FoundDataset extends Pick<DatasetSpec, 'name' | 'label' | 'description' | 'onRequest'> {
  /** How many records the source says it has; null where it does not. */
  readonly total: number | null;
  /** That this is an estimate. */
  readonly isRough?: true;
}

/** Datasets that are not the same for every source of a kind, such as the forms of a server. */
export interface Discovery {
  /** All of them, in the order in which people look for them. */
  find(context: Omit<AskContext, 'options'>): Promise<readonly FoundDataset[]>;
  /**
   * What is needed to read those, in the order of `names`, with the types of the source's metadata; asked for at the
   * beginning of every run. Fails with DATASET_GONE for one that the source does not have any more.
   */
  specs(names: readonly string[], context: AskContext): Promise<readonly DatasetSpec[]>;
}

/**
 * Reads one kind of data source, and nothing else: paging, errors and shape are its business; staging, resuming,
 * rate limits, typing and tokens are the engine's. A connector sees neither store nor vault nor tokens.
 */
export interface Connector extends SourceRules {
  readonly type: SourceType;
  /** Empty where every server is somebody's own. */
  readonly defaultBaseUrl: string;
  readonly settings: readonly SettingField[];
  readonly options: readonly OptionField[];
  /** A record is its columns and nothing else: no original is kept beside them, whatever the link says. */
  readonly hasNoOriginals?: true;
  /** What every source of the kind has. */
  readonly datasets: readonly DatasetSpec[];
  /** What a source has beside those, where that differs from source to source. */
  readonly discovery?: Discovery;
  identity(context: MeetContext): Promise<Identity>;
  /** What the account can see of what the scope can be; of a connector without a scope what it can see at all. */
  scopes(context: MeetContext): Promise<Choice[]>;
  /**
   * Whether the account can read in the scope that the settings name; true where they name none. Fails only with what says
   * nothing about the account.
   */
  reaches(context: Omit<AskContext, 'options'> & { kind: CredentialKind }): Promise<boolean>;
  /** Takes an address apart that has more in it than where the server is, as copied from a browser. */
  tidyAddress?(baseUrl: string): { baseUrl: string; settings: Readonly<Record<string, string>> };
  /** Pages in a stable order, each with the cursor after it. Returning means: everything was read. */
  read(dataset: string, context: ReadContext): AsyncGenerator<Page, void>;
  /** How changes of a dataset are found and proven, where its source lets that be done. */
  delta?(dataset: string, context: Pick<ReadContext, 'settings'>): Delta | undefined;
  /**
   * Titles of tables and labels of columns as the source has them, in the language asked for, and which of its fields
   * repeat; asked for before anything is read, nice to have, never needed. There can be hundreds of thousands: those of one part come one behind the other, made as they are asked for.
   */
  describe?(datasets: readonly string[], context: AskContext): Promise<Iterable<Description>>;
  /** What can be chosen for each option, by the option's name. */
  choices?(context: Omit<ReadContext, 'cursor' | 'options'>): Promise<Record<string, Choice[]>>;
}

/** The setting that names what of its server a source reads; undefined where all of it is. */
export const scopeOf = ({ settings }: Pick<Connector, 'settings'>): SettingField | undefined =>
  settings.find(({ isScope }) => isScope);

/** Whether a source of this kind may have a dataset of that name; of discovered ones only the source itself knows. */
export const mayHave = ({ datasets, discovery }: Connector, name: string): boolean =>
  discovery !== undefined || datasets.some((dataset) => dataset.name === name);

/**
 * How datasets of a source are read, those that every source of the kind has first. The source is asked for what is
 * needed of its own. Names that nothing has are left out where there is no discovery.
 */
export async function specsOf(
  { datasets, discovery }: Connector,
  names: readonly string[],
  context: AskContext,
): Promise<readonly DatasetSpec[]> {
  const known = datasets.filter(({ name }) => names.includes(name));
  const own = names.filter((name) => !datasets.some((dataset) => dataset.name === name));
  return discovery === undefined || own.length === 0
    ? known
    : [...known, ...(await discovery.specs(own, context))];
}

/** Declares a connector; exists so that the literal types of a definition are checked where it is written. */
export function defineConnector(definition: Connector): Connector {
  return definition;
}
