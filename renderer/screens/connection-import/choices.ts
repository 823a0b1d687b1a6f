import type { ImportPlan, PlannedConnection } from '../../../preload/contract/models.ts';

/** What is decided about each planned connection, by its key. */
export interface Choice {
  readonly action: 'create' | 'replace' | 'skip';
  readonly name: string;
  readonly environment: PlannedConnection['environment'];
}
export type Choices = Readonly<Record<string, Choice>>;

/** What is new is taken; what is there is left alone; what has a taken name waits for another one. */
export function usualChoice({ status, name, environment }: PlannedConnection): Choice {
  return { action: status === 'new' || status === 'incomplete' ? 'create' : 'skip', name, environment };
}

export function usualChoices(plan: ImportPlan): Choices {
  return Object.fromEntries(plan.connections.map((each) => [each.key, usualChoice(each)]));
}

/** Which projects are taken: all that are not as they should be already. */
export function usualProjects(plan: ImportPlan): ReadonlySet<string> {
  return new Set(plan.projects.filter(({ status }) => status !== 'same').map(({ name }) => name));
}

/** A name that is taken, or given twice, in the same environment: the core would refuse it. */
export function nameTaken(plan: ImportPlan, choices: Choices, key: string): boolean {
  const mine = choices[key];
  const planned = plan.connections.find((each) => each.key === key);
  if (!mine || !planned || mine.action !== 'create') return false;
  if (planned.status === 'taken' && mine.name === planned.name && mine.environment === planned.environment)
    return true;
  return plan.connections.some((other) => {
    const choice = choices[other.key];
    return (
      other.key !== key &&
      choice?.action === 'create' &&
      choice.name.trim() === mine.name.trim() &&
      choice.environment === mine.environment
    );
  });
}
