import type { Call, Reply } from '../shared/http.ts';
import { Dice, hexId, mix32 } from '../shared/random.ts';
import { NAMES } from '../shared/words.ts';
import type { Domain } from './domain.ts';
import type { World } from './generated-common.ts';
import { byText, largestOf, listShort, type RowList, rowList } from './lists.ts';
import { locationId } from './lists-places.ts';
import type { JsonObject } from './types.ts';

const MAX = 1000;
const TRUE = new Set(['t', 'true', '1', 'y', 'yes']);

/**
 * Mobile workers `/a/D/api/user/v1/` (§3.4): ordered by username; `archived=true` shows the deactivated ones and only
 * them, `group=` those of one group; other parameters are ignored.
 */
export function listUsers(call: Call, domain: Domain): Reply {
  const archived = TRUE.has((call.query.getAll('archived').at(-1) ?? '').toLowerCase());
  return listShort(call, {
    rows: domain.lists[archived ? 'inactive_user' : 'user'].rows,
    max: largestOf(domain.spec, MAX),
    order: byText('username'),
    filter: (name, value) =>
      name === 'group' ? (row) => ((row['groups'] ?? []) as readonly string[]).includes(value) : undefined,
  });
}

/** Web users `/a/D/api/web-user/v1/` (§3.4): in no declared order. */
export function listWebUsers(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists['web-user'].rows,
    max: largestOf(domain.spec, MAX),
    shuffle: domain.nextUnordered(),
    filter: (name, value) =>
      name === 'web_username' ? (row) => row['username'] === value.toLowerCase() : undefined,
  });
}

/** Groups `/a/D/api/group/v1/` (§3.4): ordered by name. */
export function listGroups(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists.group.rows,
    max: largestOf(domain.spec, MAX),
    order: byText('name'),
  });
}

const keyOf = (world: World): string => `${world.spec.name}/${world.spec.seed}`;

/** The mobile workers of a generated domain: those who submit its forms, then as many more as asked for. */
export function generatedUsers(world: World, active: boolean): RowList {
  const count = active ? (world.spec.mobileWorkers ?? world.users.length) : (world.spec.deactivated ?? 2);
  return rowList('id', count, (index) => user(world, index, active));
}

function user(world: World, index: number, active: boolean): JsonObject {
  const dice = new Dice(mix32(world.salt + (active ? 11 : 12)));
  dice.at(index);
  const known = active ? world.users[index] : undefined;
  const name = known?.username ?? `${active ? 'worker' : 'former'}.${String(index).padStart(5, '0')}`;
  const id = known?.id ?? hexId(`${keyOf(world)}/user/${name}`);
  const [first = '', last = ''] = dice.pick(NAMES).split(/\s+(.*)/);
  const phone = dice.percent(70) ? `+91${9_000_000_000 + dice.below(999_999_999)}` : '';
  const groups = dice.percent(60) ? [hexId(`${keyOf(world)}/group/${dice.below(2)}`)] : [];
  const location = dice.percent(80)
    ? locationId(world, dice.below(Math.max(1, world.spec.locations ?? 12)))
    : null;
  return {
    id,
    username: `${name}@${world.spec.name}.commcarehq.org`,
    first_name: first,
    last_name: last,
    default_phone_number: phone === '' ? null : phone,
    email: dice.percent(20) ? `${name}@example.org` : '',
    phone_numbers:
      phone === '' ? [] : dice.percent(20) ? [phone, `0${700_000_000 + dice.below(99_999)}`] : [phone],
    groups,
    primary_location: location,
    locations: location === null ? [] : [location],
    user_data: {
      chw_id: String(dice.below(9000)).padStart(5, '0'),
      commcare_project: world.spec.name,
      ...(dice.percent(30) ? { supervisor: dice.pick(NAMES), trained: 'yes' } : {}),
    },
    eulas: '[]',
    resource_uri: `/a/${world.spec.name}/api/user/v1/${id}/`,
  };
}

/** Web users of a generated domain. */
export function generatedWebUsers(world: World): RowList {
  return rowList('id', world.spec.webUsers ?? 3, (index) => {
    const dice = new Dice(mix32(world.salt + 13));
    dice.at(index);
    const username = `web.${index}@example.com`;
    const id = hexId(`${keyOf(world)}/web/${index}`);
    const [first = '', last = ''] = dice.pick(NAMES).split(/\s+(.*)/);
    return {
      id,
      username,
      first_name: first,
      last_name: last,
      email: username,
      default_phone_number: dice.percent(50) ? `0${600_000_000 + dice.below(99_999_999)}` : null,
      phone_numbers: [],
      role: index === 0 ? 'Admin' : dice.pick(['App Editor', 'Read Only', 'Field Implementer']),
      is_admin: index === 0,
      permissions: {
        edit_data: dice.percent(60),
        edit_web_users: index === 0,
        access_api: true,
        view_report_list: dice.percent(50) ? ['corehq.reports.SubmitHistory'] : [],
      },
      primary_location_id: dice.percent(50) ? locationId(world, 0) : null,
      assigned_location_ids: dice.percent(50) ? [locationId(world, 0), locationId(world, 1)] : [],
      profile: null,
      user_data: {},
      tableau_role: null,
      is_active_in_domain: true,
      resource_uri: `/a/${world.spec.name}/api/web-user/v1/${id}/`,
    };
  });
}

/** Groups of a generated domain; the second has the name of the first. */
export function generatedGroups(world: World): RowList {
  return rowList('id', world.spec.groups ?? 3, (index) => {
    const id = hexId(`${keyOf(world)}/group/${index}`);
    return {
      id,
      domain: world.spec.name,
      name: index < 2 ? 'Équipe de terrain' : `Group ${String(index).padStart(4, '0')}`,
      users: world.users.filter((_, at) => (at + index) % 3 === 0).map((member) => member.id),
      case_sharing: index % 2 === 0,
      reporting: true,
      metadata: index % 2 === 0 ? {} : { district: `D-${index}` },
      resource_uri: `/a/${world.spec.name}/api/group/v1/${id}/`,
    };
  });
}
