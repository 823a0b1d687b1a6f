import type { Call, Reply } from '../shared/http.ts';
import { Dice, hexId, mix32 } from '../shared/random.ts';
import { VILLAGES } from '../shared/words.ts';
import type { Domain } from './domain.ts';
import type { World } from './generated-common.ts';
import { largestOf, listShort, type RowList, rowList } from './lists.ts';
import { DAY, isoMicros, parseV2Date } from './time.ts';
import type { JsonObject } from './types.ts';

const MAX_LOCATIONS = 5000;
const MAX_TYPES = 1000;
/** Filters of locations that compare one field exactly. */
const EXACT = new Set(['domain', 'name', 'site_code', 'location_type_code', 'parent_location_id']);
/** Fields that exist but can not be filtered by; a name that is no field is ignored, as tastypie does. */
const UNFILTERABLE = new Set(['location_id', 'latitude', 'longitude', 'location_data', 'location_type_name']);

/**
 * Locations `/a/D/api/location/v2/` (§3.4): most 5000 a page, `order_by=[-]last_modified`, dates compared with
 * `last_modified.{gt,gte,lt,lte}`, in no order unless one is asked for.
 */
export function listLocations(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists.location.rows,
    max: largestOf(domain.spec, MAX_LOCATIONS),
    sortable: ['last_modified'],
    shuffle: domain.nextUnordered(),
    filter: locationFilter,
  });
}

function locationFilter(name: string, value: string): ((row: JsonObject) => boolean) | string | undefined {
  if (EXACT.has(name)) return (row) => row[name] === value;
  const [field = '', comparison = ''] = name.split(/\.|__/);
  if (field !== 'last_modified')
    return UNFILTERABLE.has(field) ? `The '${field}' field does not allow filtering.` : undefined;
  const at = parseV2Date(value);
  if (at === undefined) return `Invalid resource lookup data provided (mismatched type).`;
  const time = (row: JsonObject): number => parseV2Date(String(row['last_modified'])) ?? 0;
  switch (comparison) {
    case 'gt':
      return (row) => time(row) > at;
    case 'gte':
      return (row) => time(row) >= at;
    case 'lt':
      return (row) => time(row) < at;
    case 'lte':
      return (row) => time(row) <= at;
    default:
      return `'${comparison}' is not an allowed filter on the 'last_modified' field.`;
  }
}

/** Location types `/a/D/api/location_type/v1/` (§3.4). */
export function listLocationTypes(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists.location_type.rows,
    max: largestOf(domain.spec, MAX_TYPES),
    shuffle: domain.nextUnordered(),
  });
}

/** The levels of a generated domain, from the top. */
const LEVELS = [
  { code: 'district', name: 'District' },
  { code: 'block', name: 'Bloc sanitaire' },
  { code: 'village', name: 'गाँव' },
] as const;

/** The id of a generated location. */
export function locationId(world: World, index: number): string {
  return hexId(`${world.spec.name}/${world.spec.seed}/location/${index}`);
}

/** Every twelfth location is a district, the second and third of twelve are its blocks, the others their villages. */
function levelOf(index: number): number {
  const place = index % 12;
  return place === 0 ? 0 : place < 3 ? 1 : 2;
}

function parentOf(index: number): number | undefined {
  const place = index % 12;
  const district = index - place;
  if (place === 0) return undefined;
  return place < 3 ? district : district + 1 + (place % 2);
}

const START = Date.UTC(2024, 2, 11, 19, 29, 16) * 1000 + 845_849;

/** Locations of a generated domain; every sixth was saved in the same moment as its neighbour. */
export function generatedLocations(world: World): RowList {
  return rowList('location_id', world.spec.locations ?? 12, (index) => {
    const dice = new Dice(mix32(world.salt + 14));
    dice.at(index);
    const level = LEVELS[levelOf(index)] ?? LEVELS[0];
    const parent = parentOf(index);
    const moment = START + (index - (index % 6 === 5 ? 1 : 0)) * (DAY / 50);
    const surveyed = dice.percent(60);
    return {
      domain: world.spec.name,
      location_id: locationId(world, index),
      name: `${dice.pick(VILLAGES)} ${index}`,
      site_code: `${level.code}_${index}`,
      last_modified: isoMicros(moment).replace(/Z$/, ''),
      latitude: surveyed ? (dice.below(4_000_000_000) / 1e8 - 10).toFixed(10) : null,
      longitude: surveyed ? (dice.below(9_000_000_000) / 1e8).toFixed(10) : null,
      location_data: dice.percent(70)
        ? { pop: String(dice.below(20_000)), catchment_code: `0${dice.below(999)}` }
        : {},
      location_type_code: level.code,
      location_type_name: level.name,
      parent_location_id: parent === undefined ? '' : locationId(world, parent),
    };
  });
}

/** The location types of a generated domain. */
export function generatedLocationTypes(world: World): RowList {
  return rowList('id', LEVELS.length, (index) => {
    const uri = (at: number): string => `/a/${world.spec.name}/api/location_type/v1/${100 + at}/`;
    return {
      id: 100 + index,
      domain: world.spec.name,
      name: LEVELS[index]?.name ?? `Level ${index}`,
      code: LEVELS[index]?.code ?? `level_${index}`,
      parent: index === 0 ? null : uri(index - 1),
      administrative: index < 2,
      shares_cases: index === 2,
      view_descendants: index === 0,
      resource_uri: uri(index),
    };
  });
}
