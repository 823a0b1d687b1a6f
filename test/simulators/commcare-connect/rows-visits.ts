import type { Dice } from '../shared/random.ts';
import { NOTES, VACCINES, VILLAGES } from '../shared/words.ts';
import { type Draft, iso, isoMicros, type MakeRow, momentOf, nameOf, usernameOf } from './rows-common.ts';
import type { Json, JsonObject } from './types.ts';

/** The forms of a delivery app; two share a name and differ in their xmlns. */
export const VISIT_FORMS = [
  { name: 'Home visit', xmlns: 'http://openrosa.org/formdesigner/7A1C2B3D-0001-4C5D-8E9F-A0B1C2D3E4F5' },
  { name: 'पोषण जाँच', xmlns: 'http://openrosa.org/formdesigner/7A1C2B3D-0002-4C5D-8E9F-A0B1C2D3E4F5' },
  { name: 'Home visit', xmlns: 'http://openrosa.org/formdesigner/7a1c2b3d-0003-4c5d-8e9f-a0b1c2d3e4f5' },
] as const;

const STATUSES: readonly [string, ...string[]] = [
  'approved',
  'approved',
  'pending',
  'rejected',
  'over_limit',
  'duplicate',
  'trial',
];

/** A repeat as XML→JSON leaves it: nothing, one object, or an array (§3.1). */
function repeated(items: readonly JsonObject[]): Json {
  return items.length > 1 ? items : (items[0] ?? '');
}

function answers(dice: Dice, which: number): Draft {
  const form: Draft = {};
  const children: JsonObject[] = [];
  const count = dice.below(4);
  for (let n = 0; n < count; n += 1) {
    children.push({
      '@index': String(n),
      name: nameOf(dice),
      age_months: String(dice.below(60)),
      doses: repeated(
        Array.from({ length: dice.below(3) }, () => ({
          vaccine: dice.pick(VACCINES),
          on: `2025-0${1 + dice.below(9)}-11`,
        })),
      ),
    });
  }
  form['village'] = dice.pick(VILLAGES);
  form['children'] = { '@count': String(count), item: repeated(children) };
  form['note'] = dice.percent(30)
    ? ''
    : dice.percent(20)
      ? { '#text': dice.pick(NOTES), '@lang': 'fr' }
      : dice.pick(NOTES);
  if (which === 1) {
    form['वजन'] = (2 + dice.below(300) / 100).toFixed(2);
    form['muac'] = (8 + dice.below(120) / 10).toFixed(1);
    form['referred'] = dice.percent(20) ? 'yes' : 'no';
  } else {
    form['household'] = {
      head: nameOf(dice),
      size: String(1 + dice.below(11)),
      phone: `0${600_000_000 + dice.below(99_999_999)}`,
    };
    form['kmc_hours'] = which === 0 ? String(dice.below(24)) : dice.percent(50) ? 'unknown' : '12';
  }
  return form;
}

/** One visit with the form HQ forwarded for it (§4). */
export const userVisit: MakeRow = ({ opportunity, pk, index, revision, dice, uuid }) => {
  const which = dice.below(VISIT_FORMS.length);
  const kind = VISIT_FORMS[which] ?? VISIT_FORMS[0];
  const at = momentOf(index);
  const formId = uuid(`visit/${pk}`);
  const entity = uuid(`entity/${opportunity}/${dice.below(1 + Math.floor(index / 3))}`);
  const username = usernameOf(dice.below(12));
  const userId = uuid(`user/${username}`);
  const location = `${(dice.below(4_000_000) / 1e5).toFixed(5)} ${(dice.below(9_000_000) / 1e5).toFixed(5)} 550.0 12.0`;
  const times = { timeStart: isoMicros(at - 300_000), timeEnd: isoMicros(at) };
  const flagged = dice.percent(15);
  // Drawn in any case: an edit changes nothing else of the row.
  const first = dice.pick(STATUSES);
  const why = dice.pick(NOTES);
  const status = revision > 0 ? 'approved' : first;
  return {
    id: pk,
    opportunity_id: opportunity,
    username,
    user_id: userId,
    user_visit_id: uuid(`visit-id/${pk}`),
    deliver_unit: 4 + which,
    deliver_unit_id: 4 + which,
    entity_id: entity,
    entity_name: nameOf(dice),
    visit_date: iso(at - 300_000),
    status,
    reason: status === 'rejected' ? why : null,
    location,
    flagged,
    flag_reason: flagged ? { flags: [['duration', 'Completed too quickly']] } : null,
    form_json: {
      domain: 'demo',
      id: formId,
      app_id: uuid(`app/${opportunity}`).replaceAll('-', ''),
      build_id: uuid(`build/${opportunity}`).replaceAll('-', ''),
      received_on: isoMicros(at + 2_000),
      form: {
        '#type': 'data',
        '@name': kind.name,
        '@uiVersion': '1',
        '@version': '18',
        '@xmlns': kind.xmlns,
        ...answers(dice, which),
        case: {
          '@case_id': entity,
          '@date_modified': isoMicros(at),
          '@user_id': userId,
          '@xmlns': 'http://commcarehq.org/case/transaction/v2',
          update: { visits: String(1 + dice.below(9)) },
        },
        meta: {
          '@xmlns': 'http://openrosa.org/jr/xforms',
          instanceID: formId,
          userID: userId,
          username,
          deviceID: uuid(`device/${username}`).slice(0, 8),
          ...times,
        },
      },
      metadata: { ...times, username, location, app_build_version: 18 },
    },
    completed_work: dice.percent(90) ? 1 + Math.floor(pk / 2) : null,
    completed_work_id: null,
    status_modified_date: isoMicros(at + 3_600_000 + revision * 86_400_000),
    review_status: revision > 0 ? 'agree' : 'pending',
    review_created_on: revision > 0 ? iso(at + revision * 86_400_000) : null,
    justification: null,
    date_created: isoMicros(at + 3_120),
  };
};
