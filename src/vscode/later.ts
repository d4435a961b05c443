/**
 * What is loaded when the first of it is needed, as one file: whatever two such files share would be one more file that
 * the extension's start has to read.
 */
export { runCommand } from './commands/table.ts';
export { lookForUnprotected } from './protecting/unprotected.ts';
export { AutoSaveAll } from './session/autoSaveAll.ts';
export { restore } from './session/restore.ts';
export { tooltipOf } from './views/sessionTooltip.ts';
export { pageMarkdown } from './views/transcriptPage.ts';
