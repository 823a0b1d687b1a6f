/** How close together things stand. */
export const density = {
  'density.label': 'Density',
  'density.comfortable': 'Comfortable',
  'density.comfortableHelp': 'More room around each line.',
  'density.normal': 'Normal',
  'density.normalHelp': 'As Headgate is made.',
  'density.compact': 'Compact',
  'density.compactHelp': 'More lines at once; everything stays large enough to be pressed.',
} as const;
