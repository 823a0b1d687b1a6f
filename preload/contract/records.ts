/**
 * How many records of the source are in it. The rows of child tables, and of tables that hold the same records per form or
 * per case type, are no records of their own: only the tables that each dataset of the source has for itself count.
 */
export function recordCount(counts: Readonly<Record<string, number>>): number {
  const names = new Set(Object.keys(counts));
  const isPart = (name: string): boolean => {
    for (let at = name.indexOf('_'); at >= 0; at = name.indexOf('_', at + 1))
      if (names.has(name.slice(0, at))) return true;
    return ['form', 'case'].some((kind) => name.startsWith(`${kind}_`) && names.has(`${kind}s`));
  };
  let sum = 0;
  for (const name of names) if (!isPart(name)) sum += counts[name] ?? 0;
  return sum;
}
