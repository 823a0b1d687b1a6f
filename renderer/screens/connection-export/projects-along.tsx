import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { CheckField } from '../../components/fields.tsx';
import { MultiChoice } from '../../components/multi-choice.tsx';
import { t } from '../../i18n/index.ts';

interface AlongProps {
  /** The connections that go; null for all of them. */
  readonly ids: readonly string[] | null;
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** Whether the projects' own sign-ins go too; left out where nothing secret goes. */
  readonly signIns?: { readonly taken: boolean; readonly onChange: (taken: boolean) => void };
}

/** Projects that go along with their connections; nothing where there is none, or the person may not manage them. */
export function ProjectsAlong({ ids, chosen, onChange, signIns }: AlongProps) {
  const { may } = useAccess();
  const projects = useCall('projects.list', {}).data ?? [];
  const there = projects.filter(({ connectionId }) => ids === null || ids.includes(connectionId));
  if (there.length === 0 || !may('manage_projects') || !may('manage_sources')) return null;
  return (
    <>
      <MultiChoice
        only
        label={t('along.projects')}
        help={t(signIns === undefined ? 'along.projectsHelp' : 'along.projectsSealedHelp')}
        choices={there.map(({ id, name }) => ({ value: id, label: name }))}
        chosen={chosen}
        onChange={onChange}
      />
      {signIns !== undefined && chosen.length > 0 && (
        <CheckField
          label={t('along.signIns')}
          help={t('along.signInsHelp')}
          checked={signIns.taken}
          onChange={signIns.onChange}
        />
      )}
    </>
  );
}
