import { type Call, empty, json, type Reply } from '../shared/http.ts';
import { Dice, hexId, mix32 } from '../shared/random.ts';
import { VACCINES, VILLAGES } from '../shared/words.ts';
import type { Domain } from './domain.ts';
import type { World } from './generated-common.ts';
import { largestOf, listShort, type RowList, rowList } from './lists.ts';
import type { Json, JsonObject } from './types.ts';

const MAX = 1000;

/** Lookup tables `/a/D/api/lookup_table/v1/` (§3.4). */
export function listLookupTables(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists.lookup_table.rows,
    max: largestOf(domain.spec, MAX),
    shuffle: domain.nextUnordered(),
  });
}

/** The rows of all lookup tables `/a/D/api/lookup_table_item/v1/` (§3.4): no filter, no declared order. */
export function listLookupRows(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists.lookup_table_item.rows,
    max: largestOf(domain.spec, MAX),
    shuffle: domain.nextUnordered(),
  });
}

/** The rows of one lookup table without their attributes `/a/D/api/fixture/v1/?fixture_type=<tag>` (§3.4). */
export function listFixtures(call: Call, domain: Domain): Reply {
  return listShort(call, {
    rows: domain.lists.lookup_table_item.rows.map((row) => fixture(domain, row)),
    max: largestOf(domain.spec, MAX),
    shuffle: domain.nextUnordered(),
    filter: (name, value) => (name === 'fixture_type' ? (row) => row['fixture_type'] === value : undefined),
  });
}

/** One lookup row as the fixture list shows it. */
export function getFixture(domain: Domain, id: string): Reply {
  const row = domain.lists.lookup_table_item.rows.find((candidate) => candidate['id'] === id);
  return row === undefined ? empty(404) : json(200, fixture(domain, row));
}

function fixture(domain: Domain, row: JsonObject): JsonObject {
  const table = domain.lists.lookup_table.rows.find((candidate) => candidate['id'] === row['data_type_id']);
  const fields = Object.entries((row['fields'] ?? {}) as Readonly<Record<string, FieldList>>);
  return {
    id: row['id'] ?? '',
    fixture_type: table?.['tag'] ?? null,
    fields: Object.fromEntries(
      fields.map(([name, { field_list: list }]) => [name, list[0]?.field_value ?? '']),
    ),
    resource_uri: '',
  };
}

type FieldList = {
  readonly field_list: readonly {
    readonly field_value: string;
    readonly properties: Readonly<Record<string, string>>;
  }[];
};

/** The first lookup tables of a generated domain; the names of the second's fields would collide in a careless table. */
const TABLES = [
  { tag: 'vaccines', fields: [['code'], ['name', 'lang'], ['doses']], attributes: [] },
  { tag: 'गाँव-list', fields: [['Name'], ['name'], ['name values'], ['id']], attributes: ['region'] },
  { tag: 'empty_one', fields: [['nothing']], attributes: [] },
] as const;

const tableOf = (index: number): (typeof TABLES)[number] | undefined => TABLES[index];

function tableId(world: World, index: number): string {
  return hexId(`${world.spec.name}/${world.spec.seed}/lookup/${index}`);
}

/** The lookup tables of a generated domain. */
export function generatedLookupTables(world: World): RowList {
  return rowList('id', world.spec.lookupTables ?? TABLES.length, (index) => {
    const known = tableOf(index);
    return {
      id: tableId(world, index),
      tag: known?.tag ?? `table_${index}`,
      is_global: index % 2 === 0,
      fields: (known?.fields ?? [['code'], ['name']]).map(([name, ...properties]) => ({
        field_name: name,
        properties,
      })),
      item_attributes: [...(known?.attributes ?? [])],
      description: '',
      resource_uri: '',
    };
  });
}

/** Rows of the lookup tables in turn; the third table stays empty, and one row in fifty belongs to a deleted table. */
export function generatedLookupRows(world: World): RowList {
  const tables = Math.max(1, world.spec.lookupTables ?? TABLES.length);
  return rowList('id', world.spec.lookupRows ?? 24, (index) => {
    const dice = new Dice(mix32(world.salt + 15));
    dice.at(index);
    const turn = index % tables;
    const table = index % 50 === 49 ? tables + 7 : turn === 2 ? 0 : turn;
    return {
      id: hexId(`${world.spec.name}/${world.spec.seed}/row/${index}`),
      data_type_id: tableId(world, table),
      fields: fields(table, index, dice),
      item_attributes: table === 1 ? { region: dice.pick(VILLAGES) } : {},
      sort_key: index,
      resource_uri: '',
    };
  });
}

const plain = (value: string): Json => ({ field_list: [{ field_value: value, properties: {} }] });

function fields(table: number, index: number, dice: Dice): JsonObject {
  if (table === 1) {
    return {
      Name: plain(`Upper ${index}`),
      name: plain(`lower ${index}`),
      'name values': plain(dice.pick(VILLAGES)),
      id: plain(String(1000 + index)),
    };
  }
  const code = `0${index}`;
  if (table !== 0) return { code: plain(code), name: plain(dice.pick(VILLAGES)) };
  const vaccine = dice.pick(VACCINES);
  const languages = dice.percent(50) ? ['en', 'fr'] : ['en'];
  return {
    code: plain(code),
    name: {
      field_list: languages.map((lang) => ({
        field_value: `${vaccine} (${lang})`,
        properties: { lang },
      })),
    },
    // A field without a value has an empty list.
    doses: dice.percent(80) ? plain(String(1 + dice.below(4))) : { field_list: [] },
  };
}
