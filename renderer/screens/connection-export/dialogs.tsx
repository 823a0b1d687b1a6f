export { ExportDialog } from './export-dialog.tsx';
export { SealDialog } from './seal-dialog.tsx';
