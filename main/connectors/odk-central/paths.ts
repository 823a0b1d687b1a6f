import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** Where the API of the chosen project begins. Fails with INPUT_INVALID where none is chosen. */
export function projectPath(settings: Readonly<Record<string, string>>): string {
  const project = settings['project'];
  if (!project) {
    throw new AppError('INPUT_INVALID', say('odk.noProject'), { advice: say('odk.noProject.advice') });
  }
  return `/v1/projects/${encodeURIComponent(project)}`;
}
