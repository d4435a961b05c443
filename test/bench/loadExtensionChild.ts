import Module, { createRequire } from 'node:module';

/** Requires a bundle once, activates it where it is an extension, and prints both times in ms: `<file>`. */
const [file = ''] = process.argv.slice(2);

/**
 * Stands in for the API of VS Code: everything is there, can be called, made and extended, and answers with itself. It
 * measures our own work; what VS Code does on a registration is not in it.
 */
const anything: unknown = new Proxy(class {} as new () => object, {
  get: (target, key) => {
    if (key === 'prototype') return target.prototype;
    if (key === Symbol.toPrimitive) return () => '';
    if (key === Symbol.iterator) return () => [].values();
    // Neither a promise nor a folder that is open.
    return key === 'then' || key === 'workspaceFolders' ? undefined : anything;
  },
  set: () => true,
  apply: () => anything,
  construct: (target, args, made) => (made === anything ? (anything as object) : Reflect.construct(target, args, made)),
});

interface Internals {
  _load(request: string, ...rest: readonly unknown[]): unknown;
}
const internals = Module as unknown as Internals;
const load = internals._load;
internals._load = (request, ...rest) => (request === 'vscode' ? anything : load.call(Module, request, ...rest));

const require = createRequire(import.meta.url);
const from = performance.now();
const extension: unknown = require(file);
const loaded = performance.now();
const isExtension = typeof extension === 'object' && extension !== null && 'activate' in extension;
if (isExtension && typeof extension.activate === 'function') {
  const nothing = {
    get: (_key: string, otherwise: unknown) => otherwise,
    update: async () => undefined,
    keys: () => [],
  };
  extension.activate({
    subscriptions: [],
    workspaceState: nothing,
    globalState: nothing,
    globalStorageUri: { fsPath: '/user/globalStorage/holdfast' },
    extensionPath: '/extension',
  });
}
// Before `process.stdout`, which loads streams.
const activated = performance.now();
process.stdout.write(JSON.stringify({ load: loaded - from, activate: isExtension ? activated - loaded : 0 }), () =>
  // What an extension leaves running (timers, watchers) is not waited for.
  process.exit(0),
);
