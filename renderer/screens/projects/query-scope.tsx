import { useRef, useState } from 'react';
import type { Project, QueryScope } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { TextArea } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';

const called = ({ schema, name }: QueryScope['functions'][number]): string => `${schema}.${name}`;
const linesOf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || []);

/** What queries of a project may read and call besides its own tables; nothing where that is nothing. */
export function QueryScopeFact({ scope }: { readonly scope: QueryScope | undefined }) {
  const names = scope ? [...scope.schemas, ...scope.functions.map((one) => `${called(one)}()`)] : [];
  if (names.length === 0) return null;
  return (
    <div>
      <dt>{t('scope.also')}</dt>
      <dd className="code" translate="no">
        {names.join(', ')}
      </dd>
    </div>
  );
}

interface ScopeFormProps {
  readonly project: Project;
  readonly scope: QueryScope;
  readonly onClose: () => void;
}

export function ScopeForm({ project, scope, onClose }: ScopeFormProps) {
  const notify = useNotify();
  const [schemas, setSchemas] = useState(scope.schemas.join('\n'));
  const [functions, setFunctions] = useState(scope.functions.map(called).join('\n'));
  const [problems, setProblems] = useState<{ schemas?: string; functions?: string }>({});
  const body = useRef<HTMLDivElement>(null);
  const save = useAction((client, _signal, typed: QueryScope) =>
    client.query.setScope({ projectId: project.id, ...typed }),
  );
  const submit = async (): Promise<void> => {
    const wanted = linesOf(functions).map((line) => {
      const dot = line.indexOf('.');
      return { schema: line.slice(0, Math.max(dot, 0)), name: line.slice(dot + 1).replace(/\(\)$/, '') };
    });
    const odd = wanted.find(({ schema, name }) => schema === '' || name === '');
    setProblems(odd ? { functions: t('scope.functionForm') } : {});
    if (odd) return;
    if ((await save.run({ schemas: linesOf(schemas), functions: wanted })) === undefined) return;
    notify.done(t('scope.saved', { name: project.name }));
    onClose();
  };
  const refused = useRefusal(save.error, { schemas: 'schemas', functions: 'functions' }, setProblems, body);
  return (
    <Panel
      open
      title={t('scope.title', { name: project.name })}
      lead={t('scope.lead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={save.busy}>
            {t('action.save')}
          </Button>
        </>
      }
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} urgent />}
        <TextArea
          label={t('scope.schemas')}
          help={t('scope.schemasHelp')}
          error={problems.schemas}
          value={schemas}
          onChange={setSchemas}
          translate="no"
          optional
        />
        <TextArea
          label={t('scope.functions')}
          help={t('scope.functionsHelp')}
          error={problems.functions}
          value={functions}
          onChange={setFunctions}
          translate="no"
          optional
        />
        <Note tone="info">{t('scope.note')}</Note>
      </div>
    </Panel>
  );
}
