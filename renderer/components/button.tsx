import { type ComponentProps, cloneElement, type ReactElement, type ReactNode } from 'react';
import { Icon, type IconName, Spinner } from './icons.tsx';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  readonly tone?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: IconName;
  readonly busy?: boolean;
  readonly small?: boolean;
  /** Why it can not be used now. The button stays reachable by keyboard so that the reason can be read. */
  readonly blocked?: string | undefined;
  /** Null where the icon says it, which needs an `aria-label` then. */
  readonly children: ReactNode;
}

export function Button({
  tone = 'plain',
  icon,
  busy,
  small,
  blocked,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const inert = busy === true || blocked !== undefined;
  const button = (
    <button
      type="button"
      {...rest}
      className={`button button-${tone}${small ? ' button-small' : ''}`}
      aria-disabled={inert || undefined}
      aria-busy={busy || undefined}
      onClick={inert ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children !== null && <span>{children}</span>}
    </button>
  );
  // Always within a hint: a button that becomes blocked stays the same element, and keeps the focus.
  return <Hint text={blocked}>{button}</Hint>;
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'children'> {
  readonly icon: IconName;
  /** The accessible name, also shown as a tooltip. */
  readonly label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <Hint text={label} described={false}>
      <button type="button" {...rest} className="icon-button" aria-label={label}>
        <Icon name={icon} />
      </button>
    </Hint>
  );
}

interface HintProps {
  /** Undefined where there is nothing to say now. */
  readonly text: string | undefined;
  readonly children: ReactElement<Record<string, unknown>>;
  readonly side?: 'top' | 'right' | 'bottom';
  /** Whether the text is also said as a description; not when it is the name already. */
  readonly described?: boolean;
}

/** What it surrounds gets a hint, which `HintLayer` shows; by itself it costs nothing. */
export function Hint({ text, children, side = 'top', described = true }: HintProps) {
  if (text === undefined) return children;
  return cloneElement(children, {
    'data-hint': text,
    ...(side === 'top' ? {} : { 'data-hint-side': side }),
    ...(described ? { 'aria-description': text } : {}),
  });
}
