export * from '../sample/consent.ts';
