import { engineTraits, secretOf } from '../../../preload/contract/engines.ts';
import type { Connection, Health, HealthState } from '../../../preload/contract/models.ts';
import type { IconName } from '../../components/icons.tsx';
import { Status, Tag, type Tone } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import type { ConnectionState } from './options.ts';

export const environmentTone: Record<Connection['environment'], Tone> = {
  development: 'muted',
  staging: 'info',
  production: 'warn',
};

export const healthLook: Record<HealthState, { tone: Tone; icon: IconName }> = {
  works: { tone: 'ok', icon: 'checkCircle' },
  warns: { tone: 'warn', icon: 'warning' },
  fails: { tone: 'bad', icon: 'failed' },
  unreachable: { tone: 'bad', icon: 'unplugged' },
  unknown: { tone: 'muted', icon: 'dashed' },
};

const stateLook: Record<ConnectionState, { tone: Tone; icon: IconName }> = {
  active: { tone: 'ok', icon: 'check' },
  disabled: { tone: 'muted', icon: 'pause' },
  archived: { tone: 'muted', icon: 'archive' },
};

export function EnvironmentTag({ environment }: { environment: Connection['environment'] }) {
  return <Tag tone={environmentTone[environment]}>{t(`environment.${environment}`)}</Tag>;
}

interface HealthTextProps {
  readonly connection: Pick<Connection, 'state' | 'health' | 'hasSecret' | 'engine' | 'settings'>;
  readonly testing?: boolean;
}

/** How a connection is, in one or two words; one that is turned off is that and nothing else. */
export function HealthStatus({ connection, testing }: HealthTextProps) {
  const { state, health } = connection;
  if (testing) {
    return (
      <Status tone="info" icon="spinner">
        {t('connections.testing')}
      </Status>
    );
  }
  if (state !== 'active') return <Status {...stateLook[state]}>{t(`connectionState.${state}`)}</Status>;
  if (!connection.hasSecret) {
    return (
      <Status tone="warn" icon="key">
        {needsSecret(connection)}
      </Status>
    );
  }
  return <Status {...healthLook[health.state]}>{t(`health.${health.state}`)}</Status>;
}

/** What it can't sign in without, e.g. because it was restored. */
export const needsSecret = ({ engine, settings }: Pick<Connection, 'engine' | 'settings'>): string =>
  t('health.needsSecret', { secret: secretOf(engine, settings) });

/** Why nobody looks at it in the background; null where somebody does. */
export function notChecked({ engine }: Pick<Connection, 'engine'>): string | null {
  const { asking } = engineTraits[engine];
  return asking === 'free' ? null : t(`health.notChecked.${asking}`);
}

/** How far its first test came, as long as that is not over; a connection that is turned off waits for none. */
export function FirstTest({ connection }: { connection: Pick<Connection, 'state' | 'onboarding'> }) {
  const { state, onboarding } = connection;
  if (state !== 'active' || onboarding === 'completed') return null;
  return <span className="cell-note">{t('onboarding.note', { state: t(`onboarding.${onboarding}`) })}</span>;
}

/** Since when and how fast; in full, also when it was looked at last. */
export function HealthFacts({ health, short }: { health: Health; short?: boolean }) {
  if (health.state === 'unknown' || health.since === null) return null;
  return (
    <span className="cell-note health-facts">
      <Time at={health.since} form="moment" say={(time) => t('health.since', { time })} />
      {health.latencyMs !== null && (
        <span className="number dot-before">{formatDuration(health.latencyMs)}</span>
      )}
      {health.checkedAt !== null && !short && (
        <span className="dot-before">
          <Time at={health.checkedAt} say={(time) => t('health.checked', { time })} />
        </span>
      )}
    </span>
  );
}

/** Why it may not be changed by who looks at it. */
export function manageBlocked(connection: Pick<Connection, 'may'>): string | undefined {
  return connection.may === 'manage' ? undefined : t('connections.needsManage');
}

/** Why it can not be tested now. */
export function testBlocked(connection: Pick<Connection, 'may' | 'state'>): string | undefined {
  if (connection.may === 'see') return t('connections.needsUse');
  return connection.state === 'active' ? undefined : t('connections.isOff');
}
