/** The product's own icon set: 16 px grid, 1.5 px strokes, drawn in the colour of the text around it. */
const paths = {
  home: 'M2.5 7.2 8 2.8l5.5 4.4M4 6.4v6.8h8V6.4M6.6 13.2V9.4h2.8v3.8',
  database:
    'M3 4c0-1 2.2-1.8 5-1.8s5 .8 5 1.8-2.2 1.8-5 1.8S3 5 3 4Zm0 0v8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4M3 8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8',
  source: 'M5.5 2.2v3M10.5 2.200v3M3.8 5.200h8.400v2.300a4.2 4.2 0 0 1-8.4 0ZM8 11.700v2.1',
  project:
    'M2.3 4.300c0-.6.4-1 1-1h3l1.5 1.700h4.900c.6 0 1 .4 1 1v5.700c0 .6-.4 1-1 1H3.300c-.6 0-1-.4-1-1Z',
  sync: 'M13 6.500A5.2 5.2 0 0 0 3.5 5M3 9.500A5.2 5.2 0 0 0 12.5 11M3.3 2.400V5h2.600M12.7 13.600V11h-2.6',
  table: 'M2.5 3.500h11v9h-11ZM2.5 6.500h11M2.5 9.500h11M6.5 6.500v6',
  key: 'M7.3 8.700a3 3 0 1 1-2.1-2.800M6.9 8.100l6.3-5M11 4.900l1.5 1.800M3.9 8.700h.1',
  activity: 'M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.500M6 8h7.500M6 12h5',
  settings:
    'M2.5 4.500h6M12 4.500h1.500M2.5 11.500h1.500M7.5 11.500h6M10.3 2.800a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.400ZM5.7 9.800a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.400Z',
  check: 'm3.5 8.5 3 3 6-7',
  checkCircle: 'M8 2.200a5.8 5.8 0 1 1 0 11.600A5.8 5.8 0 0 1 8 2.200ZM5.4 8.200l1.9 1.9 3.4-4',
  warning: 'M8 2.6 14 13H2ZM8 6.500v3M8 11.300v.1',
  failed: 'M8 2.200a5.8 5.8 0 1 1 0 11.600A5.8 5.8 0 0 1 8 2.200ZM5.9 5.900l4.2 4.200M10.1 5.9 5.9 10.1',
  held: 'M8 2.300 13.700 8 8 13.700 2.300 8Z',
  info: 'M8 2.200a5.8 5.8 0 1 1 0 11.600A5.8 5.8 0 0 1 8 2.200ZM8 7.300v3.700M8 5v.1',
  clock: 'M8 2.200a5.8 5.8 0 1 1 0 11.600A5.8 5.8 0 0 1 8 2.200ZM8 4.800V8l2.2 1.6',
  hand: 'M8 2.200a5.8 5.8 0 1 1 0 11.600A5.8 5.8 0 0 1 8 2.200ZM8 4.900v3.800M8 11v.1',
  dashed:
    'M6.5 2.400a5.8 5.8 0 0 1 3 0M12 4a5.8 5.8 0 0 1 1.6 2.600M13.6 9.400A5.8 5.8 0 0 1 12 12M9.5 13.600a5.8 5.8 0 0 1-3 0M4 12a5.8 5.8 0 0 1-1.6-2.600M2.4 6.600A5.8 5.8 0 0 1 4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  minus: 'M4 8h8',
  copy: 'M5.5 5.500h7.500V13H5.500ZM3 10.500V3h7.5',
  external: 'M9.5 3H13v3.500M13 3 7.5 8.500M11 9.500V13H3V5h3.5',
  trash: 'M3 4.500h10M6 4.500V3h4v1.500M4.3 4.500l.7 9h6l.7-9M6.8 7v4M9.2 7v4',
  edit: 'm10.5 3 2.5 2.5-7.3 7.3-3.2.7.7-3.200Z',
  chevronRight: 'm6 3.5 4.5 4.500L6 12.5',
  chevronUp: 'm3.5 10 4.500-4.500 4.500 4.500',
  chevronDown: 'm3.5 6 4.5 4.500L12.5 6',
  lock: 'M4 7.500h8v6H4ZM5.5 7.500V5.300a2.5 2.5 0 0 1 5 0v2.2',
  unlock: 'M4 7.500h8v6H4ZM5.5 7.500V5.300a2.5 2.5 0 0 1 4.8-1',
  user: 'M8 2.800a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.200ZM3 13.500c.4-2.3 2.4-3.6 5-3.600s4.6 1.3 5 3.6',
  inbox: 'M2.5 9 4.300 3.300h7.400L13.500 9v3.700h-11ZM2.500 9h3.200l.8 1.700h3l.8-1.700h3.200',
  more: 'M3.5 8h.1M8 8h.1M12.5 8h.1',
  search: 'M7 2.800a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.400ZM10.2 10.200l3.3 3.3',
  stop: 'M4.5 4.500h7v7h-7Z',
  pause: 'M5.5 3.800v8.400M10.5 3.800v8.400',
  book: 'M3 3.300c1.8-.7 3.6-.5 5 .6 1.4-1.1 3.2-1.3 5-.6v9c-1.800-.7-3.600-.5-5 .6-1.400-1.100-3.200-1.300-5-.6ZM8 3.900v9',
  review:
    'M2 8c1.5-2.700 3.500-4 6-4s4.500 1.300 6 4c-1.500 2.700-3.500 4-6 4s-4.500-1.300-6-4ZM8 6.200a1.8 1.8 0 1 1 0 3.600 1.800 1.800 0 0 1 0-3.600Z',
  play: 'M5 3.3 12.5 8 5 12.700Z',
  link: 'M6.7 9.3 9.3 6.700M7 4.700l1.3-1.300a3 3 0 0 1 4.3 4.300L11.3 9M9 11.300l-1.3 1.300a3 3 0 0 1-4.3-4.300L4.7 7',
  sun: 'M8 5.300a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.400ZM8 1.800v1.400M8 12.800v1.400M1.8 8h1.400M12.8 8h1.400M3.6 3.600l1 1M11.4 11.400l1 1M12.4 3.600l-1 1M4.6 11.400l-1 1',
  moon: 'M13 9.600A5.4 5.4 0 0 1 6.4 3 5.4 5.4 0 1 0 13 9.600Z',
  monitor: 'M2.3 3.300h11.400v7.500H2.300ZM6 13.500h4M8 10.800v2.7',
  unplugged:
    'M5.8 10.200 3 13M13 3l-2.800 2.800M4.500 7l4.500 4.500-1 1a3 3 0 0 1-4.500 0 3 3 0 0 1 0-4.500ZM11.500 9 7 4.500l1-1a3 3 0 0 1 4.500 0 3 3 0 0 1 0 4.500Z',
  archive: 'M2.500 3.200h11v3h-11ZM3.500 6.200v6.600h9V6.200M6.500 9h3',
  query: 'M2.500 3.500h11v9h-11ZM4.800 6l2 2-2 2M8.300 10.300h3',
  pin: 'M6 2.500h4l-.5 4 2 2.300h-7l2-2.300ZM8 8.800v4.700',
  shield: 'M8 2.300 13 4v4c0 3-2 4.900-5 5.900C5 12.900 3 11 3 8V4Z',
  connect: 'M5 3v4.500M11 3v4.500M3 7.500h10M8 7.500v6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.4 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

export function Spinner({ size = 16 }: { size?: number }) {
  return (
    <svg
      className="icon spinner"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      aria-hidden="true"
    >
      <circle cx="8" cy="8" r="5.8" stroke="currentColor" strokeWidth="1.5" opacity=".25" />
      <path d="M8 2.200A5.8 5.8 0 0 1 13.8 8" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </svg>
  );
}

/** The mark: a sluice gate between its posts, raised, with the water running out below it. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path
        className="mark-frame"
        d="M4 3.500v11.500M20 3.500v11.500M2.5 4h19"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <path className="mark-gate" d="M7 6.500h10v5.500H7Z" />
      <path
        className="mark-water"
        d="M2.5 17.500c1.6-1.3 3.2-1.3 4.750 0s3.150 1.3 4.750 0 3.2-1.3 4.750 0 3.150 1.3 4.750 0M6 21.200c1-.8 2-.8 3 0s2 .8 3 0 2-.8 3 0 2 .8 3 0"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
    </svg>
  );
}
