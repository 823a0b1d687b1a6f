import { Dice, mix32 } from '../shared/random.ts';
import { NOTES, REASONS, SYMPTOMS } from '../shared/words.ts';
import { caseName, caseOwner, caseType, fillTimes, parentOf, type World } from './generated-common.ts';
import type { RowSource, RowState } from './store.ts';
import { DAY, isoDay, isoMicros } from './time.ts';
import type { Json, JsonObject } from './types.ts';

/** Cases computed from their index, in the shape of case v2 (§3.3). */
export function generatedCases(world: World): RowSource {
  const dice = new Dice(mix32(world.salt + 4));
  return {
    size: world.spec.cases,
    id: world.caseIds.id,
    indexOf: world.caseIds.indexOf,
    times: (from, to, after, columns) => fillTimes(world, from, to, after, columns),
    row: (index, state) => caseRow(world, dice, index, state),
  };
}

/** The ids of the first forms that touched a case, for case v1. */
export function formsOfCase(world: World, index: number): readonly string[] {
  const ids: string[] = [];
  for (let f = index; f < world.spec.forms && ids.length < 5; f += Math.max(1, world.spec.cases)) {
    ids.push(world.formIds.id(f));
  }
  return ids;
}

function caseRow(world: World, dice: Dice, index: number, state: RowState): JsonObject {
  const type = caseType(index);
  dice.at(index);
  const opened = Math.floor((state.created - dice.below(200) * DAY - DAY) / 1000) * 1000;
  const modified = Math.floor(state.received / 1000) * 1000;
  const closed = type !== 'village' && dice.percent(10);
  const parent = parentOf(index);
  return {
    domain: world.spec.name,
    case_id: world.caseIds.id(index),
    case_type: type,
    case_name: caseName(world, index),
    external_id: dice.percent(20) ? `EXT-${String(index).padStart(6, '0')}` : null,
    owner_id: caseOwner(world, index),
    date_opened: isoMicros(opened),
    last_modified: isoMicros(modified),
    server_last_modified: isoMicros(state.serverModified),
    indexed_on: isoMicros(state.indexedOn),
    closed,
    date_closed: closed ? isoMicros(modified) : null,
    properties: properties(world, dice, index, state, opened),
    indices: parent === undefined ? {} : indices(world, index, parent),
  };
}

function indices(world: World, index: number, parent: number): JsonObject {
  const extension = caseType(index) === 'referral';
  return {
    [extension ? 'host' : 'parent']: {
      case_id: world.caseIds.id(parent),
      case_type: caseType(parent),
      relationship: extension ? 'extension' : 'child',
    },
  };
}

function properties(world: World, dice: Dice, index: number, state: RowState, opened: number): JsonObject {
  const type = caseType(index);
  const out: Record<string, Json> = { visits: String(dice.below(12) + state.revision) };
  if (type === 'village') {
    out['population'] = String(200 + dice.below(9000));
    out['district_code'] = String(dice.below(99)).padStart(4, '0');
    out['gps'] =
      `${(dice.below(4_000_000) / 1e5 - 10).toFixed(6)} ${(dice.below(9_000_000) / 1e5).toFixed(6)} 0 0`;
  } else if (type === 'patient') {
    out['dob'] = isoDay(opened - dice.below(25_000) * DAY);
    out['sex'] = dice.percent(50) ? 'f' : 'm';
    out['phone_number'] = dice.percent(60) ? `0${600_000_000 + dice.below(99_999_999)}` : '';
    out['weight'] = dice.percent(70) ? (3 + dice.below(700) / 10).toFixed(1) : 'inconnu';
    out['symptoms'] = dice.percent(50) ? `${dice.pick(SYMPTOMS)} ${dice.pick(SYMPTOMS)}` : '';
    out['last_visit'] = isoDay(state.received);
    if (dice.percent(15)) out['note'] = dice.pick(NOTES);
  } else {
    out['reason'] = dice.pick(REASONS);
    out['due_on'] = isoDay(opened + 14 * DAY);
    out['completed_at'] = dice.percent(40) ? isoMicros(state.received) : '';
  }
  if (index >= world.spec.cases * 0.8) out['risk_score'] = (dice.below(1000) / 100).toFixed(2);
  if (state.revision > 0) out['corrected'] = `correction ${state.revision}`;
  return out;
}
