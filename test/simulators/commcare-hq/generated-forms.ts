import { Dice, mix32 } from '../shared/random.ts';
import { NAMES, NOTES, REASONS, REFUSALS, SYMPTOMS, VACCINES, VILLAGES } from '../shared/words.ts';
import {
  caseName,
  caseOfForm,
  caseOwner,
  caseType,
  fillTimes,
  parentOf,
  type World,
} from './generated-common.ts';
import type { RowSource, RowState } from './store.ts';
import { DAY, isoDay, isoMicros, MINUTE, SECOND } from './time.ts';
import type { Json, JsonObject } from './types.ts';

type Draft = Record<string, Json>;

interface Kind {
  readonly name: string;
  readonly xmlns: string;
  readonly app: 0 | 1;
}

/** The forms of a generated domain; the first and the last have the same name and different xmlns. */
export const FORM_KINDS: readonly [Kind, Kind, Kind, Kind] = [
  {
    name: 'Household visit',
    xmlns: 'http://openrosa.org/formdesigner/1A2B77C0-4D5E-4F60-8A9B-0C1D2E3F4A5B',
    app: 0,
  },
  {
    name: 'Visite prénatale',
    xmlns: 'http://openrosa.org/formdesigner/2B3C88D1-5E6F-4071-9BAC-1D2E3F4A5B6C',
    app: 0,
  },
  {
    name: 'शिशु पंजीकरण',
    xmlns: 'http://openrosa.org/formdesigner/3c4d99e2-6f70-4182-acbd-2e3f4a5b6c7d',
    app: 1,
  },
  {
    name: 'Household visit',
    xmlns: 'http://openrosa.org/formdesigner/4D5EAAF3-7081-4293-BDCE-3F4A5B6C7D8E',
    app: 1,
  },
];

/** Which of `FORM_KINDS` the form at an index is. */
export function formKind(world: World, index: number): number {
  return mix32(world.salt ^ (index + 0x5eed)) & 3;
}

/** The indexes of the cases a form mentions, at any depth. */
export function casesOfForm(world: World, index: number): readonly number[] {
  const main = caseOfForm(world, index);
  if (main === undefined) return [];
  const second = secondCase(world, index);
  return second === undefined ? [main] : [main, second];
}

/** Every second antenatal visit also updates the parent of its case. */
function secondCase(world: World, index: number): number | undefined {
  const main = caseOfForm(world, index);
  return main !== undefined && index % 2 === 0 && formKind(world, index) === 1 ? parentOf(main) : undefined;
}

/** The app id of a form, without making the row. */
export function appOfForm(world: World, index: number): string {
  return world.apps[FORM_KINDS[formKind(world, index)]?.app ?? 0]?.id ?? '';
}

/**
 * Forms computed from their index (§3.1): about 2.3 kB each, with every shape the XML→JSON rules give.
 * The row changes with its edits only; its times come from the store.
 */
export function generatedForms(world: World): RowSource {
  const dice = new Dice(mix32(world.salt + 3));
  return {
    size: world.spec.forms,
    id: world.formIds.id,
    indexOf: world.formIds.indexOf,
    times: (from, to, after, columns) => fillTimes(world, from, to, after, columns),
    row: (index, state) => formRow(world, dice, index, state),
  };
}

function formRow(world: World, dice: Dice, index: number, state: RowState): JsonObject {
  const { spec } = world;
  const id = world.formIds.id(index);
  const which = formKind(world, index);
  const kind = FORM_KINDS[which] ?? FORM_KINDS[0];
  const app = world.apps[kind.app];
  const version = 11 + kind.app * 30 + Math.floor((index * 6) / Math.max(1, spec.forms));
  dice.at(index);
  const user = world.users[dice.below(world.users.length)];
  const userId = user?.id ?? '';
  const late = dice.percent(10) ? dice.below(5) * DAY + dice.below(7200) * SECOND : 0;
  const end = Math.floor((state.received - 2 * SECOND - dice.below(6000) * 1000 - late) / 1000) * 1000;
  const timeEnd = isoMicros(end);
  const timeStart = isoMicros(end - MINUTE - dice.below(1_200_000) * 1000);
  const gps = `${(dice.below(4_000_000) / 1e5 - 10).toFixed(7)} ${(dice.below(9_000_000) / 1e5).toFixed(7)} ${dice.below(20_000) / 10} ${(dice.below(500) / 10).toFixed(1)}`;
  const hasGps = dice.percent(70);
  const release = dice.percent(50) ? '2.54.0' : '2.53.1';
  const appVersion = `CommCare Android, version ${release.slice(0, 4)}`;
  const form: Draft = {
    '#type': 'data',
    '@name': kind.name,
    '@uiVersion': '1',
    '@version': String(version),
    '@xmlns': kind.xmlns,
  };
  answers(world, dice, index, which, form, end);
  const main = caseOfForm(world, index);
  if (main !== undefined) form['case'] = caseBlock(world, index, main, timeEnd, userId, state.revision);
  if (state.revision > 0) form['corrected'] = `correction ${state.revision}`;
  const meta: Draft = {
    '@xmlns': 'http://openrosa.org/jr/xforms',
    appVersion,
    deviceID: user?.device ?? '',
    instanceID: id,
    timeEnd,
    timeStart,
    userID: userId,
    username: user?.username ?? '',
  };
  if (hasGps) meta['location'] = { '#text': gps, '@xmlns': 'http://commcarehq.org/xforms' };
  form['meta'] = meta;
  return {
    id,
    domain: spec.name,
    app_id: app?.id ?? null,
    build_id: app?.build ?? null,
    type: 'data',
    version: String(version),
    uiversion: '1',
    submit_ip: `10.1.${dice.below(8)}.${dice.below(250) + 1}`,
    archived: state.archived,
    problem: null,
    initial_processing_complete: true,
    is_phone_submission: true,
    edited_on: state.revision > 0 ? isoMicros(state.editedAt) : null,
    edited_by_user_id: state.revision > 0 ? userId : null,
    received_on: isoMicros(state.received),
    server_modified_on: isoMicros(state.serverModified),
    indexed_on: isoMicros(state.indexedOn),
    resource_uri: '',
    metadata: {
      appVersion,
      app_build_version: version,
      commcare_version: release,
      deviceID: user?.device ?? '',
      deprecatedID: null,
      doc_type: 'Metadata',
      geo_point: null,
      instanceID: id,
      location: hasGps ? gps : null,
      timeStart,
      timeEnd,
      userID: userId,
      username: user?.username ?? '',
    },
    form,
    attachments: attachments(world, dice, id),
  };
}

function attachments(world: World, dice: Dice, id: string): JsonObject {
  const base = `${world.publicUrl}/a/${world.spec.name}/api/form_attachment/v1/${id}`;
  const xml = { content_type: 'text/xml', length: 1500 + dice.below(900), url: `${base}/form.xml` };
  return dice.percent(4)
    ? {
        'form.xml': xml,
        'photo.jpg': {
          content_type: 'image/jpeg',
          length: 40_000 + dice.below(9000),
          url: `${base}/photo.jpg`,
        },
      }
    : { 'form.xml': xml };
}

function caseBlock(
  world: World,
  form: number,
  index: number,
  modified: string,
  userId: string,
  revision: number,
): JsonObject {
  const block: Draft = {
    '@case_id': world.caseIds.id(index),
    '@date_modified': modified,
    '@user_id': userId,
    '@xmlns': 'http://commcarehq.org/case/transaction/v2',
  };
  if (form < world.spec.cases) {
    block['create'] = {
      case_name: caseName(world, index),
      case_type: caseType(index),
      owner_id: caseOwner(world, index),
    };
  }
  block['update'] = { visits: String(1 + Math.floor(form / Math.max(1, world.spec.cases)) + revision) };
  const parent = parentOf(index);
  if (parent !== undefined && form < world.spec.cases) {
    const reference = { '@case_type': caseType(parent), '#text': world.caseIds.id(parent) };
    block['index'] =
      caseType(index) === 'referral'
        ? { host: { ...reference, '@relationship': 'extension' } }
        : { parent: reference };
  }
  return block;
}

/** How many items a repeat has: 0 to 5, more often few. */
function fewer(dice: Dice): number {
  return dice.percent(50) ? dice.below(2) : dice.below(6);
}

/** A repeat as XML→JSON leaves it: nothing, one object, or an array (§3.1). */
function repeated(items: readonly JsonObject[]): Json | undefined {
  return items.length > 1 ? items : items[0];
}

function several(dice: Dice, words: readonly [string, ...string[]]): string {
  let text = '';
  for (const word of words) if (dice.percent(35)) text = text === '' ? word : `${text} ${word}`;
  return text;
}

function answers(world: World, dice: Dice, index: number, which: number, form: Draft, end: number): void {
  const forms = Math.max(1, world.spec.forms);
  form['visit_date'] = isoDay(end);
  form['respondent'] = dice.pick(NAMES);
  form['village'] = dice.pick(VILLAGES);
  form['household_id'] = String(dice.below(90_000)).padStart(6, '0');
  form['phone'] = dice.percent(60)
    ? `+91${9_000_000_000 + dice.below(999_999_999)}`
    : dice.percent(50)
      ? `0${600_000_000 + dice.below(99_999_999)}`
      : '';
  form['symptoms'] = several(dice, SYMPTOMS);
  form['consent'] = dice.percent(90) ? 'yes' : 'no';
  const note = dice.pick(NOTES);
  form['note'] = dice.percent(40) ? '' : dice.percent(15) ? { '#text': note, '@lang': 'fr' } : note;
  form['muac'] = index < forms * 0.6 ? (8 + dice.below(120) / 10).toFixed(1) : dice.pick(REFUSALS);
  if (dice.percent(3)) form['photo'] = `${1_600_000_000_000 + dice.below(99_999_999)}.jpg`;
  if (dice.percent(2)) form['supervisor_comment'] = dice.pick(NOTES);
  if (index >= forms * 0.8) {
    form['referral_reason'] = dice.percent(50) ? dice.pick(REASONS) : '';
    form['app_feedback'] = {
      rating: String(1 + dice.below(5)),
      comment: dice.percent(20) ? dice.pick(NOTES) : '',
    };
  }
  if (which === 0 || which === 3) household(dice, form, which, end);
  else if (which === 1) antenatal(world, dice, index, form, end);
  else infant(dice, form, end);
}

function household(dice: Dice, form: Draft, which: number, end: number): void {
  const count = fewer(dice);
  const members: JsonObject[] = [];
  for (let m = 0; m < count; m += 1) {
    const member: Draft = {
      '@index': String(m),
      name: dice.pick(NAMES),
      age: String(dice.below(90)),
      sex: dice.percent(50) ? 'f' : 'm',
    };
    if (which === 0 && dice.percent(50)) {
      const doses: JsonObject[] = [];
      for (let d = dice.below(4); d > 0; d -= 1)
        doses.push({ vaccine: dice.pick(VACCINES), given_on: isoDay(end - dice.below(900) * DAY) });
      const value = repeated(doses);
      member['doses'] = value === undefined ? '' : { '@count': String(doses.length), dose: value };
    }
    members.push(member);
  }
  const value = repeated(members);
  form['members'] = value === undefined ? '' : { '@count': String(count), item: value };
  form['member_count'] = String(count);
  form['water'] = {
    source: dice.percent(50) ? 'river well' : 'tap',
    treated: dice.percent(50) ? 'yes' : 'no',
    litres_per_day: String(dice.below(200)),
    distance_km: (dice.below(500) / 100).toFixed(2),
  };
  form['sanitation'] = dice.percent(30)
    ? ''
    : { latrine: 'pit', soap: dice.percent(60) ? 'water soap' : '', shared_with: String(dice.below(5)) };
  form['income'] = String(dice.below(90_000));
  form['next_visit'] = `${isoDay(end + 30 * DAY)}`;
}

function antenatal(world: World, dice: Dice, index: number, form: Draft, end: number): void {
  form['grossesse'] = {
    semaines: String(4 + dice.below(37)),
    date_prevue: isoDay(end + dice.below(250) * DAY),
    derniere_consultation: dice.percent(50) ? `${isoMicros(end - 20 * DAY).slice(0, 23)}+05:30` : '',
    heure_du_rappel: `${String(dice.below(24)).padStart(2, '0')}:30:00.000Z`,
    groupe: { sanguin: dice.pick(['A+', 'O-', 'AB+']), 'facteur-rh': '' },
  };
  form['tension'] = `${90 + dice.below(60)}/${50 + dice.below(45)}`;
  form['poids'] = (40 + dice.below(500) / 10).toFixed(1);
  form['temperature'] = dice.percent(50) ? (35 + dice.below(50) / 10).toFixed(1) : '';
  form['signes_de_danger'] = several(dice, SYMPTOMS);
  const visits: JsonObject[] = [];
  for (let v = fewer(dice); v > 0; v -= 1) {
    visits.push({
      le: isoDay(end - v * 28 * DAY),
      lieu: dice.pick(VILLAGES),
      remarque: dice.percent(70) ? '' : dice.pick(NOTES),
    });
  }
  const value = repeated(visits);
  if (value !== undefined) form['consultations'] = value;
  const parent = secondCase(world, index);
  if (parent !== undefined) {
    form['subcase_0'] = {
      case: {
        '@case_id': world.caseIds.id(parent),
        '@date_modified': isoMicros(end),
        '@user_id': caseOwner(world, parent),
        '@xmlns': 'http://commcarehq.org/case/transaction/v2',
        update: { last_antenatal_visit: isoDay(end) },
      },
    };
  }
}

function infant(dice: Dice, form: Draft, end: number): void {
  form['शिशु'] = {
    नाम: dice.pick(NAMES),
    जन्म_तिथि: isoDay(end - dice.below(400) * DAY),
    वजन: (2 + dice.below(300) / 100).toFixed(2),
    लिंग: dice.percent(50) ? 'लड़की' : 'लड़का',
  };
  form['mother_name'] = dice.pick(NAMES);
  form['birth_order'] = String(1 + dice.below(6));
  form['registered_at'] = dice.percent(50) ? isoMicros(end) : isoMicros(end).slice(0, 16).replace('T', ' ');
  form['breastfed'] = dice.percent(80) ? 'yes' : dice.percent(50) ? 'no' : '';
  form['bank_account'] = `00${100_000_000 + dice.below(899_999_999)}`;
  const shots: JsonObject[] = [];
  for (let v = fewer(dice); v > 0; v -= 1) {
    shots.push({
      vaccine: dice.pick(VACCINES),
      date: isoDay(end - v * DAY),
      batch: `B${dice.below(9999)}`,
      reaction: dice.percent(85) ? '' : several(dice, SYMPTOMS),
    });
  }
  const value = repeated(shots);
  form['immunisation'] = value === undefined ? '' : { shot: value };
  form['growth'] = {
    height_cm: (45 + dice.below(300) / 10).toFixed(1),
    head_cm: (30 + dice.below(150) / 10).toFixed(1),
    percentile: String(dice.below(100)),
  };
}
