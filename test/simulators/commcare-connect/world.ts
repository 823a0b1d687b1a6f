import { OPPORTUNITY_LISTS } from './request-kinds.ts';
import { Table } from './table.ts';
import type {
  ConnectSimulatorOptions,
  ConnectUser,
  JsonObject,
  ListName,
  OpportunityHandle,
  OpportunitySpec,
  OrganizationSpec,
  ProgramSpec,
} from './types.ts';

/** An opportunity with its rows. */
export interface Opportunity {
  readonly spec: OpportunitySpec;
  readonly organization: string;
  readonly tables: ReadonlyMap<ListName, Table>;
}

/** Everything the server knows; opportunities may be removed. */
export interface World {
  readonly opportunities: Map<number, Opportunity>;
  readonly organizations: readonly OrganizationSpec[];
  readonly programs: readonly ProgramSpec[];
  readonly lloEntities: Table;
}

export function makeWorld(options: ConnectSimulatorOptions): World {
  const organizations = options.organizations ?? [{ slug: 'acme', name: 'Acme' }];
  const seed = options.seed ?? 1;
  const of = options.opportunities.length;
  const opportunities = new Map<number, Opportunity>();
  options.opportunities.forEach((spec, nth) => {
    const tables = new Map<ListName, Table>();
    for (const list of [...OPPORTUNITY_LISTS, 'labs_record'] as const) {
      tables.set(list, new Table(list, spec.rows?.[list] ?? 0, { seed, opportunity: spec.id, nth, of }));
    }
    const organization = spec.organization ?? organizations[0]?.slug ?? 'acme';
    opportunities.set(spec.id, { spec, organization, tables });
  });
  return {
    opportunities,
    organizations,
    programs: options.programs ?? [],
    lloEntities: new Table('llo_entity', options.lloEntities ?? 0, {
      seed,
      opportunity: null,
      nth: 0,
      of: 1,
    }),
  };
}

export const isMember = (user: ConnectUser, slug: string | undefined): boolean =>
  slug !== undefined && (user.organizations === undefined || user.organizations.includes(slug));

/** Members of its organisation see an opportunity, and those of its program's organisation (§4). */
export function mayRead(world: World, user: ConnectUser, opportunity: Opportunity): boolean {
  const program = world.programs.find((each) => each.id === opportunity.spec.program);
  return isMember(user, opportunity.organization) || isMember(user, program?.organization);
}

const nameOfOpportunity = ({ spec }: Opportunity): string => spec.name ?? `Opportunity ${spec.id}`;

/** An opportunity as `opp_org_program_list/` shows it. */
export function listed(world: World, opportunity: Opportunity): JsonObject {
  const { spec, organization, tables } = opportunity;
  const program = world.programs.find((each) => each.id === spec.program);
  return {
    id: spec.id,
    name: nameOfOpportunity(opportunity),
    date_created: `2025-01-${String(1 + (spec.id % 28)).padStart(2, '0')}T09:00:00.250000Z`,
    organization,
    supervising_organization: program?.organization ?? null,
    end_date: '2026-12-31',
    is_active: spec.active ?? true,
    program: spec.program ?? null,
    visit_count: tables.get('user_visits')?.count ?? 0,
  };
}

const app = (id: number, kind: string, organization: string): JsonObject => ({
  cc_domain: 'demo',
  cc_app_id: `0123456789abcdef0123456789ab${String(id).padStart(4, '0')}`,
  name: `${kind} app ${id}`,
  description: '',
  organization,
  learn_modules:
    kind === 'Learn'
      ? [{ slug: 'm1', name: 'Module 1', description: '', time_estimate: 2, id: id * 10 }]
      : [],
  passing_score: kind === 'Learn' ? 60 : -1,
  install_url: `https://www.commcarehq.org/a/demo/apps/install/${id}/`,
  id: id * 2 + (kind === 'Learn' ? 0 : 1),
});

/** An opportunity as `opportunity/<id>/` shows it; `payment_units` is always empty there (§4). */
export function detailed(opportunity: Opportunity): JsonObject {
  const { spec, organization } = opportunity;
  return {
    id: spec.id,
    name: nameOfOpportunity(opportunity),
    description: 'Home visits for newborns\nand their mothers',
    short_description: '',
    date_created: '2025-01-02T09:00:00.250000Z',
    date_modified: '2025-06-02T10:30:00Z',
    organization,
    learn_app: app(spec.id, 'Learn', organization),
    deliver_app: app(spec.id, 'Deliver', organization),
    start_date: '2025-01-06',
    end_date: '2026-12-31',
    max_visits_per_user: 100,
    daily_max_visits_per_user: 10,
    budget_per_user: 5000,
    budget_per_visit: 50,
    total_budget: 500_000,
    currency: 'INR',
    is_active: spec.active ?? true,
    payment_units: [],
    verification_flags: {
      duplicate: true,
      gps: true,
      catchment_areas: false,
      form_submission_start: '06:00:00',
    },
  };
}

export const programRow = (program: ProgramSpec): JsonObject => ({
  id: program.id,
  name: program.name ?? `Program ${program.id}`,
  delivery_type: 'kmc',
  currency: 'INR',
  organization: program.organization,
  funder: null,
  watchers: [],
});

/** Changes an opportunity from outside. */
export function makeHandle(world: World, id: number): OpportunityHandle {
  const found = world.opportunities.get(id);
  if (found === undefined) throw new Error(`No opportunity ${id}`);
  const table = (list: ListName): Table => {
    const rows = list === 'llo_entity' ? world.lloEntities : found.tables.get(list);
    if (rows === undefined) throw new Error(`No list ${list}`);
    return rows;
  };
  return {
    id,
    count: (list) => table(list).count,
    ids: (list) => [...table(list).all()].map((index) => table(list).pk(index)),
    row: (list, index) => table(list).row(index),
    add: (list, count) => table(list).add(count),
    edit: (list, indexes) => table(list).edit(indexes),
    vanish: (list, indexes) => table(list).vanish(indexes),
    remove: () => void world.opportunities.delete(id),
  };
}
