export { hookIo } from './hookIo.ts';
export { type HookIo, runHook, type SeenBefore } from './runHook.ts';
