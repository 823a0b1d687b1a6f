import type { FieldPacket } from 'mysql2';

export type MysqlField = FieldPacket;

/** Numbers of types as the protocol has them (MySQL source documentation, "field_types.h"). */
const typeNames: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  6: 'null',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  15: 'varchar',
  16: 'bit',
  242: 'vector',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  249: 'tinyblob',
  250: 'mediumblob',
  251: 'longblob',
  252: 'blob',
  253: 'varchar',
  254: 'char',
  255: 'geometry',
};
const unsignedFlag = 32;
const enumFlag = 256;
const setFlag = 2048;
/** The "character set" of bytes. */
const binary = 63;

interface Described {
  readonly columnType: number;
  readonly flags: number;
  readonly characterSet: number;
  readonly columnLength: number;
  readonly decimals: number;
  readonly extendedTypeName?: string;
  readonly extendedFormat?: string;
}

/** The type of a column of an answer, as the server would write it in a table: `decimal(10,2)`, `bigint unsigned`. */
export function typeOf(field: MysqlField): string {
  const { columnType, flags, characterSet, columnLength, decimals, extendedTypeName, extendedFormat } =
    field as unknown as Described;
  if (extendedTypeName !== undefined) return extendedTypeName;
  if (extendedFormat === 'json') return 'json';
  const name = typeNames[columnType] ?? `type ${columnType}`;
  if (flags & enumFlag) return 'enum';
  if (flags & setFlag) return 'set';
  if (name === 'decimal') {
    // The length counts the point and the sign.
    const digits = columnLength - (decimals > 0 ? 1 : 0) - (flags & unsignedFlag ? 0 : 1);
    return `decimal(${digits},${decimals})${flags & unsignedFlag ? ' unsigned' : ''}`;
  }
  if (name === 'bit') return `bit(${columnLength})`;
  if (columnType >= 249 && columnType <= 252)
    return characterSet === binary ? name : name.replace('blob', 'text');
  if (name === 'varchar' || name === 'char')
    return characterSet === binary ? name.replace('char', 'binary') : name;
  if (/int$/.test(name)) return `${name}${flags & unsignedFlag ? ' unsigned' : ''}`;
  return name;
}

/**
 * A value as the server prints it: no number is rounded and no day is moved. Bytes become `\x` and hexadecimal digits, as
 * PostgreSQL prints its own; a BIT its digits. Texts come in UTF-8, whatever the column keeps them in.
 */
export function textOf(field: MysqlField, bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const { columnType, flags, characterSet, columnLength } = field as unknown as Described;
  if (columnType === 16) {
    const digits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    return digits.slice(-columnLength).padStart(columnLength, '0');
  }
  const isText = (flags & (enumFlag | setFlag)) !== 0 || characterSet !== binary;
  const holdsBytes =
    columnType === 255 || columnType === 242 || (columnType >= 249 && columnType <= 254) || columnType === 15;
  return holdsBytes && !isText ? `\\x${bytes.toString('hex')}` : bytes.toString('utf8');
}
