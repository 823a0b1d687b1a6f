export * from '../sample/embedded-postgres.ts';
