/** Made when the window is built, from the catalogues in `i18n`; see `messages.config.ts`. */
declare module 'virtual:messages/*' {
  export const catalogue: import('./i18n/index.ts').Catalogue;
}
declare module 'virtual:sentences/*' {
  export const sentences: import('./i18n/sentence.ts').Sentences;
}
