/** PostgreSQL's own parser, compiled to WebAssembly. It loads asynchronously, in about 10 ms. */
import { loadModule, parseSync, scanSync } from 'libpg-query'

let state: 'unloaded' | 'loading' | 'loaded' = 'unloaded'
let loading: Promise<void> = Promise.resolve()

export const parser = {
  get loaded(): boolean {
    return state === 'loaded'
  },
  /** Loads once; later calls wait for the same. */
  load(): Promise<void> {
    if (state === 'unloaded') {
      state = 'loading'
      loading = loadModule().then(() => {
        state = 'loaded'
      })
    }
    return loading
  },
  parse: parseSync,
  scan: scanSync,
}
