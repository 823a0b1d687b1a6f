export const oldestNode: number;
export function majorOf(version: string): number;
export function broughtAlong(platform: string, architecture: string, from?: string): string | null;
export function tooOld(version: string, file: string): string;
