import type { Link, Project } from '../../../preload/contract/models.ts';
import type { Watched } from '../../watch/dataset-state.ts';

/** What a tab of a project is given. */
export interface TabProps {
  readonly project: Project;
  /** Its links, by the name of the source: one that somebody works on does not move when its state changes. */
  readonly links: readonly Watched[];
  readonly onEdit: (link: Link) => void;
}
