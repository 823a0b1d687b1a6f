import { useId, useRef, useState } from 'react';
import type { Profile } from '../../../preload/contract/models.ts';
import { roles as allRoles, type Role } from '../../../preload/contract/permissions.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { CheckField, TextField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { useSeat } from '../../components/session/lock-session.tsx';
import { TypedOutside } from '../../components/session/reauth.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';

type Problems = Partial<Record<'name' | 'roles', string>>;
/** The contract's fields and those of the form. */
const fieldNames = { name: 'name', roles: 'roles' } as const;

interface PersonFormProps {
  /** Without one somebody is added. */
  readonly profile?: Profile;
  readonly onClose: () => void;
}

/** Adds somebody, or changes a name and roles. */
export function PersonForm({ profile, onClose }: PersonFormProps) {
  const notify = useNotify();
  const { session } = useSeat();
  const [name, setName] = useState(profile?.name ?? '');
  const [roles, setRoles] = useState<readonly Role[]>(profile?.roles ?? []);
  const [problems, setProblems] = useState<Problems>({});
  const form = useRef<HTMLDivElement>(null);
  const save = useAction((client, signal) => {
    const input = { name: name.trim(), roles: [...roles] };
    return profile
      ? client.people.update({ id: profile.id, ...input }, { signal })
      : client.people.create(input, { signal });
  });
  const rest = useRefusal(save.error, fieldNames, setProblems, form);
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const found: Problems = {
      ...(name.trim() === '' ? { name: t('field.required') } : {}),
      ...(roles.length === 0 ? { roles: t('people.rolesMissing') } : {}),
    };
    setProblems(found);
    if (Object.keys(found).length > 0) {
      focusFirstInvalid(form.current);
      return;
    }
    const saved = await save.run();
    if (!saved) return;
    done();
    notify.done(t(profile ? 'people.savedToast' : 'people.addedToast', { name: saved.name }));
  };
  const losesDba =
    profile !== undefined &&
    profile.id === session?.person?.id &&
    profile.roles.includes('dba') &&
    !roles.includes('dba');
  return (
    <Panel
      open
      title={profile ? t('people.editTitle', { name: profile.name }) : t('people.addTitle')}
      lead={t(profile ? 'people.editLead' : 'people.addLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={save.busy ? save.cancel : onClose}>{t('action.cancel')}</Button>
          <Button tone="primary" type="submit" busy={save.busy}>
            {t(profile ? 'action.save' : 'people.add')}
          </Button>
        </>
      }
    >
      <div className="form" ref={form}>
        {rest && <ErrorNotice error={rest} stillWorks={t('people.unchanged')} urgent />}
        <TextField
          label={t('people.name')}
          help={t('people.nameHelp')}
          maxLength={200}
          value={name}
          onChange={setName}
          error={problems.name}
        />
        <RoleChoice chosen={roles} onChange={setRoles} error={problems.roles} />
        {losesDba && (
          <Note tone="warn">
            <p>{t('people.losesDba')}</p>
          </Note>
        )}
        {!profile && <TypedOutside>{t('people.passphraseHelp')}</TypedOutside>}
      </div>
    </Panel>
  );
}

interface RoleChoiceProps {
  readonly chosen: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
  readonly error: string | undefined;
}

function RoleChoice({ chosen, onChange, error }: RoleChoiceProps) {
  const id = useId();
  return (
    <fieldset
      className="group"
      // What leads to the first wrong field finds it, as it finds inputs.
      tabIndex={error === undefined ? undefined : -1}
      aria-invalid={error === undefined ? undefined : true}
      aria-describedby={error === undefined ? undefined : id}
    >
      <legend>{t('people.roles')}</legend>
      {allRoles.map((role) => (
        <CheckField
          key={role}
          label={t(`role.${role}`)}
          help={t(`role.explain.${role}`)}
          checked={chosen.includes(role)}
          onChange={(on) =>
            // In the order of the contract, whichever was pressed first.
            onChange(allRoles.filter((each) => (each === role ? on : chosen.includes(each))))
          }
        />
      ))}
      {error !== undefined && (
        <p className="field-error" id={id}>
          <Icon name="failed" size={14} />
          {error}
        </p>
      )}
    </fieldset>
  );
}
