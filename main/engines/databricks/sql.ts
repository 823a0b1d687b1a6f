/** A name as Databricks quotes it. */
export const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
