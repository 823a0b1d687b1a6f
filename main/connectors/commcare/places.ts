import type { RecordShape } from '../connector.ts';
import { pinIds } from '../pins.ts';

/** CommCare HQ's largest page of locations. */
export const largestLocationPage = 5000;

/** Names and codes are texts, also in a project space where all of them are digits. */
const textName = /^(?:name|code|site_code|location_type_code|location_type_name)$/;

/** Locations that are not archived; `parent_location_id` is null at the top. */
export const locationsShape: RecordShape = {
  key: 'location_id',
  keyName: 'location_id',
  columns: [
    { path: 'name', type: 'text' },
    { path: 'site_code', type: 'text' },
    { path: 'location_type_code', type: 'text' },
    { path: 'location_type_name', type: 'text' },
    { path: 'parent_location_id', type: 'text' },
  ],
  parts: (record) => [{ table: 'locations', label: 'locations', value: record }],
  pin: (path) => (textName.test(path.join('.')) ? 'text' : pinIds(path)),
  indexes: ['parent_location_id', 'location_type_code'],
};

/** The levels of the organisation; `parent` is the address of the level above. */
export const locationTypesShape: RecordShape = {
  key: 'id',
  keyName: 'location_type_id',
  columns: [
    { path: 'name', type: 'text' },
    { path: 'code', type: 'text' },
    { path: 'parent', type: 'text' },
    { path: 'administrative', type: 'boolean' },
    { path: 'shares_cases', type: 'boolean' },
  ],
  parts: (record) => [{ table: 'location_types', label: 'location types', value: record }],
  pin: (path) => (textName.test(path.join('.')) ? 'text' : pinIds(path)),
  indexes: [],
};
