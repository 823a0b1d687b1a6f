import { type ReactNode, useId } from 'react';
import { Icon } from '../../../components/icons.tsx';

interface SectionProps {
  readonly title: string;
  /** What it is found by. */
  readonly name: string;
  /** What is set in it, said while it is closed. */
  readonly summary: string;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
}

/** A part of a long form that is only open where it is needed. */
export function Section({ title, name, summary, open, onToggle, children }: SectionProps) {
  const id = useId();
  return (
    <div className="form-section">
      <h3 className="form-section-title">
        <button
          type="button"
          id={`${id}-title`}
          aria-expanded={open}
          aria-controls={`${id}-body`}
          onClick={onToggle}
        >
          <Icon name={open ? 'chevronDown' : 'chevronRight'} size={14} />
          <span>{title}</span>
          {!open && <span className="form-section-summary">{summary}</span>}
        </button>
      </h3>
      {/* Closed ones keep their fields: what was typed stays. */}
      <div className="form" id={`${id}-body`} data-section={name} hidden={!open}>
        {children}
      </div>
    </div>
  );
}
