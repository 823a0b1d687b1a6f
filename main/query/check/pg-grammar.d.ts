/** The parser of PostgreSQL as it comes from the package: a module of WebAssembly, made anew with each call. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface PgGrammar {
    _malloc(bytes: number): number;
    _free(at: number): void;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, at: number, bytes: number): void;
    UTF8ToString(at: number): string;
    getValue(at: number, type: 'i32'): number;
    _wasm_parse_query_raw(text: number): number;
    _wasm_free_parse_result(result: number): void;
    _wasm_normalize_query(text: number): number;
    _wasm_scan(text: number): number;
    _wasm_free_string(text: number): void;
  }
  const create: () => Promise<PgGrammar>;
  // biome-ignore lint/style/noDefaultExport: it is how the package hands it over.
  export default create;
}
