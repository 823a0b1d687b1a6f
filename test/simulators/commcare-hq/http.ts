export * from '../shared/http.ts';
