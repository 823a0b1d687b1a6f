import { NOTES, REASONS, VILLAGES } from '../shared/words.ts';
import type { ListName } from './request-kinds.ts';
import {
  day,
  iso,
  isoMicros,
  later,
  type MakeRow,
  momentOf,
  money,
  nameOf,
  usernameOf,
} from './rows-common.ts';
import { userVisit } from './rows-visits.ts';

/** Lists whose rows show their primary key; the others keep it to themselves (§4). */
const MAKERS: Readonly<Record<ListName, MakeRow>> = {
  user_data: ({ index, revision, dice }) => {
    const at = momentOf(index);
    const suspended = dice.percent(5) || revision > 0;
    return {
      username: usernameOf(index),
      name: nameOf(dice),
      phone: `+91${9_000_000_000 + dice.below(999_999_999)}`,
      date_learn_started: dice.percent(80) ? iso(at) : null,
      user_invite_status: dice.pick(['accepted', 'accepted', 'invited', 'not_found']),
      payment_accrued: dice.below(9000),
      suspended,
      suspension_date: suspended ? iso(later(at, 30)) : null,
      suspension_reason: suspended ? 'asked to stop' : null,
      invited_date: iso(later(at, -3)),
      completed_learn_date: dice.percent(60) ? isoMicros(later(at, 2)) : null,
      last_active: isoMicros(later(at, 9)),
      date_claimed: dice.percent(70) ? day(later(at, 3)) : null,
      claim_limits: Array.from({ length: dice.below(3) }, (_, n) => ({
        max_visits: 10 * (n + 1),
        payment_unit: n + 1,
        payment_unit_id: n + 1,
      })),
    };
  },
  user_visits: userVisit,
  completed_works: ({ opportunity, index, revision, dice, uuid }) => {
    const at = momentOf(index);
    const accrued = dice.below(500);
    const status = dice.pick(['pending', 'approved', 'rejected', 'over_limit', 'incomplete']);
    return {
      username: usernameOf(index % 12),
      opportunity_id: opportunity,
      payment_unit_id: 1 + (index % 3),
      status: revision > 0 ? 'approved' : status,
      last_modified: isoMicros(at + 1),
      // The database takes several rows without an entity (§4): no key there.
      entity_id: index % 25 === 7 ? null : uuid(`work/${opportunity}/${Math.floor(index / 3)}`),
      entity_name: index % 25 === 7 ? null : nameOf(dice),
      reason: null,
      status_modified_date: isoMicros(later(at, 1 + revision)),
      payment_date: null,
      date_created: isoMicros(at),
      saved_completed_count: dice.below(5),
      saved_approved_count: dice.below(3),
      saved_payment_accrued: accrued,
      saved_payment_accrued_usd: money(accrued),
      saved_org_payment_accrued: accrued * 2,
      saved_org_payment_accrued_usd: money(accrued * 2),
    };
  },
  payment: ({ opportunity, index, dice }) => {
    const toOrganization = index % 10 === 9;
    const amount = 100 + dice.below(5) * 50;
    return {
      username: toOrganization ? null : usernameOf(index % 12),
      opportunity_id: toOrganization ? null : opportunity,
      // Several payments of one day are alike in every field: nothing tells them apart but their place.
      created_at: iso(momentOf(Math.floor(index / 4) * 4)),
      amount: money(amount * 100),
      amount_usd: money(amount),
      date_paid: day(momentOf(Math.floor(index / 4) * 4)),
      payment_unit: 1,
      confirmed: dice.percent(50),
      confirmation_date: null,
      organization: toOrganization ? 'acme' : null,
      invoice_id: toOrganization ? index : null,
      payment_method: 'mobile_money',
      payment_operator: null,
    };
  },
  invoice: ({ opportunity, index, dice }) => ({
    opportunity_id: opportunity,
    amount: money(10_000 + dice.below(900_000)),
    amount_usd: money(100 + dice.below(9000)),
    date: day(momentOf(index)),
    invoice_number: `INV-${String(index).padStart(5, '0')}`,
    service_delivery: dice.percent(50),
    exchange_rate: 3,
  }),
  assessment: ({ opportunity, index, dice }) => {
    const score = dice.below(100);
    return {
      username: usernameOf(index % 12),
      app: 7,
      opportunity_id: opportunity,
      date: iso(momentOf(index)),
      score,
      passing_score: 60,
      passed: score >= 60,
    };
  },
  completed_module: ({ opportunity, index, dice }) => ({
    username: usernameOf(index % 12),
    module: 1 + dice.below(5),
    opportunity_id: opportunity,
    date: isoMicros(momentOf(index)),
    duration: `00:${String(5 + dice.below(50)).padStart(2, '0')}:00`,
  }),
  task_types: ({ pk, index, dice, uuid }) => ({
    id: pk,
    task_type_id: uuid(`task-type/${pk}`),
    name: `Task ${index + 1}`,
    slug: `task-${index + 1}`,
    description: dice.pick(NOTES),
    unit_name: null,
    case_property: index % 2 === 0 ? 'audit' : null,
    is_active: true,
    archived: false,
    duration: 3,
  }),
  assigned_tasks: ({ pk, index, revision, dice, uuid }) => ({
    id: pk,
    assigned_task_id: uuid(`task/${pk}`),
    task_type: 1 + dice.below(5),
    task_type_name: 'Task 1',
    username: usernameOf(index % 12),
    completed_at: null,
    duration: null,
    status: dice.percent(50) || revision > 0 ? 'completed' : 'assigned',
    due_date: iso(later(momentOf(index), 7)),
    date_created: isoMicros(momentOf(index)),
  }),
  audit_reports: ({ opportunity, pk, index, dice, uuid }) => ({
    id: pk,
    audit_report_id: uuid(`audit-report/${pk}`),
    opportunity,
    period_start: day(momentOf(index)),
    period_end: day(later(momentOf(index), 7)),
    status: dice.pick(['pending', 'completed']),
    completed_by_username: null,
    completed_date: null,
    date_created: isoMicros(momentOf(index)),
    date_modified: isoMicros(momentOf(index)),
  }),
  audit_report_entries: ({ pk, index, dice, uuid }) => ({
    id: pk,
    audit_report_entry_id: uuid(`audit-entry/${pk}`),
    audit_report: 1 + Math.floor(index / 10),
    audit_report_uuid: uuid(`audit-report/${1 + Math.floor(index / 10)}`),
    opportunity_access: 1 + (index % 12),
    username: usernameOf(index % 12),
    results: { duration: { flagged: dice.percent(30), value: dice.below(90) } },
    flagged: dice.percent(30),
    reviewed: false,
    review_action: dice.percent(30) ? dice.pick(REASONS) : null,
    date_created: isoMicros(momentOf(index)),
    date_modified: isoMicros(momentOf(index)),
  }),
  work_area_groups: ({ opportunity, pk, dice }) => ({
    id: pk,
    name: dice.pick(VILLAGES),
    ward: dice.pick(VILLAGES),
    opportunity,
  }),
  work_areas: ({ pk, index, dice, uuid }) => {
    const [x, y] = [dice.below(180) - 90.5, dice.below(90) + 0.25];
    return {
      id: pk,
      slug: `area-${index}`,
      ward: dice.pick(VILLAGES),
      status: dice.pick(['UNASSIGNED', 'NOT_VISITED', 'VISITED']),
      building_count: dice.below(200),
      expected_visit_count: dice.below(90),
      case_id: dice.percent(50) ? uuid(`area/${pk}`) : null,
      case_properties: { lga: dice.pick(VILLAGES), state: 'Kano' },
      work_area_group: 1 + Math.floor(index / 10),
      work_area_group_name: 'Group 1',
      centroid: { type: 'Point', coordinates: [x, y] },
      boundary: {
        type: 'Polygon',
        coordinates: [
          [
            [x, y],
            [x + 1, y],
            [x, y + 1],
            [x, y],
          ],
        ],
      },
    };
  },
  llo_entity: ({ pk, index, dice }) => ({ id: pk, name: dice.pick(VILLAGES), short_name: `LLO${index}` }),
  labs_record: ({ opportunity, pk, index, dice }) => ({
    id: pk,
    username: usernameOf(index % 12),
    experiment: 'solicitations',
    opportunity_id: opportunity,
    organization_id: null,
    program_id: null,
    labs_record_id: null,
    type: dice.pick(['review', 'response']),
    data: { score: dice.below(10), notes: [dice.pick(NOTES)], nested: { place: dice.pick(VILLAGES) } },
    public: false,
  }),
};

/** The row maker of a list. */
export function makerOf(list: ListName): MakeRow {
  return MAKERS[list];
}
