import { mix32 } from '../shared/random.ts';
import { generatedApplications } from './generated-applications.ts';
import { formsOfCase, generatedCases } from './generated-cases.ts';
import { caseOwner, makeWorld } from './generated-common.ts';
import { appOfForm, casesOfForm, FORM_KINDS, formKind, generatedForms } from './generated-forms.ts';
import type { RowList, RowLists } from './lists.ts';
import { generatedLookupRows, generatedLookupTables } from './lists-lookup.ts';
import { generatedGroups, generatedUsers, generatedWebUsers } from './lists-people.ts';
import { generatedLocations, generatedLocationTypes } from './lists-places.ts';
import { realDomain } from './real-domain.ts';
import { type RowSource, RowStore } from './store.ts';
import type { DomainHandle, DomainSpec, JsonObject, Refusal, Resource } from './types.ts';

/** What filters need to know of a row without making it. */
export interface Facts {
  xmlnsOf(form: number): string;
  appOf(form: number): string | null;
  /** Ids of the cases a form mentions at any depth. */
  casesOf(form: number): readonly string[];
  /** Ids of forms that touched a case. */
  formsOf(caseIndex: number): readonly string[];
  caseUser(caseIndex: number): string | undefined;
}

export interface DomainData {
  readonly forms: RowSource;
  readonly cases: RowSource;
  readonly facts: Facts;
  readonly applications: readonly JsonObject[];
  readonly lists: RowLists;
}

export interface Domain extends Omit<DomainData, 'forms' | 'cases'> {
  readonly spec: DomainSpec;
  readonly forms: RowStore;
  readonly cases: RowStore;
  refusal: Refusal | null;
  /** A new number for every list request where ties are unstable. */
  nextShuffle(): { readonly shuffle?: number };
  /** The same for lists without an order; undefined where they keep one. */
  nextUnordered(): number | undefined;
}

function generated(spec: Exclude<DomainSpec, { real: string }>, publicUrl: string): DomainData {
  const world = makeWorld(spec, publicUrl);
  return {
    forms: generatedForms(world),
    cases: generatedCases(world),
    applications: generatedApplications(world),
    lists: {
      user: generatedUsers(world, true),
      inactive_user: generatedUsers(world, false),
      'web-user': generatedWebUsers(world),
      group: generatedGroups(world),
      location: generatedLocations(world),
      location_type: generatedLocationTypes(world),
      lookup_table: generatedLookupTables(world),
      lookup_table_item: generatedLookupRows(world),
    },
    facts: {
      xmlnsOf: (form) => (FORM_KINDS[formKind(world, form)] ?? FORM_KINDS[0]).xmlns,
      appOf: (form) => appOfForm(world, form),
      casesOf: (form) => casesOfForm(world, form).map(world.caseIds.id),
      formsOf: (index) => formsOfCase(world, index),
      caseUser: (index) => caseOwner(world, index),
    },
  };
}

/** Builds a domain from its specification; reads the folder of a real one. */
export function makeDomain(spec: DomainSpec, options: { preserialise: boolean; publicUrl: string }): Domain {
  const data = 'real' in spec ? realDomain(spec, options.publicUrl) : generated(spec, options.publicUrl);
  const { preserialise } = options;
  const unstable = 'unstableTies' in spec && spec.unstableTies === true;
  let requests = 0;
  return {
    spec,
    facts: data.facts,
    applications: data.applications,
    lists: data.lists,
    forms: new RowStore(data.forms, { kind: 'form', preserialise }),
    cases: new RowStore(data.cases, { kind: 'case', preserialise }),
    refusal: spec.refuse ?? null,
    nextShuffle: () => {
      requests += 1;
      return unstable ? { shuffle: mix32(requests) } : {};
    },
    nextUnordered: () => {
      requests += 1;
      return spec.unorderedLists === true ? mix32(requests) : undefined;
    },
  };
}

/** Appends rows that are not there yet; a row that was removed does not come back. */
function addRows(list: RowList, count: number): void {
  const known = new Set(list.rows.map((row) => row[list.key]));
  for (let index = 0, left = count; left > 0; index += 1) {
    const row = list.make(index);
    if (known.has(row[list.key] ?? null)) continue;
    list.rows.push(row);
    left -= 1;
  }
}

function removeRows(list: RowList, ids: readonly string[]): JsonObject[] {
  return ids.map((id) => {
    const at = list.rows.findIndex((row) => String(row[list.key]) === id);
    const [removed] = at < 0 ? [] : list.rows.splice(at, 1);
    if (removed === undefined) throw new RangeError(`No row ${id}`);
    return removed;
  });
}

/** The part of a domain tests and benches hold on to. */
export function makeHandle(domain: Domain): DomainHandle {
  const store = (resource: Resource): RowStore => (resource === 'form' ? domain.forms : domain.cases);
  const list = (indexes: readonly number[] | number): readonly number[] =>
    typeof indexes === 'number' ? [indexes] : indexes;
  return {
    name: domain.spec.name,
    count: (resource) => store(resource).size,
    id: (resource, index) => store(resource).source.id(index),
    row: (resource, index) => store(resource).row(index),
    touch: (resource, indexes) => store(resource).touch(list(indexes), false),
    edit: (resource, indexes) => store(resource).touch(list(indexes), true),
    archive: (ids) => domain.forms.hide(ids, 'archive'),
    vanish: (resource, ids) => store(resource).hide(ids, 'vanish'),
    add: (resource, count) => store(resource).add(count),
    reindex: (resource) => {
      if (resource !== 'case') domain.forms.reindex();
      if (resource !== 'form') domain.cases.reindex();
    },
    rows: (name) => domain.lists[name].rows,
    addRows: (name, count) => addRows(domain.lists[name], count),
    removeRows: (name, ids) => void removeRows(domain.lists[name], ids),
    deactivate: (ids) => {
      domain.lists.inactive_user.rows.push(...removeRows(domain.lists.user, ids));
    },
    activate: (ids) => {
      domain.lists.user.rows.push(...removeRows(domain.lists.inactive_user, ids));
    },
    refuse: (refusal) => {
      domain.refusal = refusal;
    },
    warm: (resource) =>
      store(resource).warm(store(resource).view({ order: 'indexedOn', archived: false, key: '' })),
  };
}
