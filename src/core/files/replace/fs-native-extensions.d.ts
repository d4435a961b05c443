declare module 'fs-native-extensions' {
  /** Throws an error with the system's `code`. */
  export function swapSync(from: string, to: string): void;
}
