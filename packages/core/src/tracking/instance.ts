/** The single instance of a process, shared by all copies of Dustpan and all realms. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { CaptureSink } from '../resource/capture.ts'
import type { TestScope } from './test-scope.ts'
import type { Tracked } from './track.ts'
import type { TrackInput } from './track-input.ts'

export interface Instance {
  readonly sink: CaptureSink
  track(input: TrackInput): Tracked
  scope(): TestScope
  temporaryFolder(name?: string): string
}

const key = Symbol.for('dustpan/1')
/** A vm context has its own global object, but shares `process`. */
const homes = (): Record<symbol, Instance | undefined>[] =>
  [globalThis, process] as unknown as Record<symbol, Instance | undefined>[]

export function findInstance(): Instance | undefined {
  return homes()
    .map((home) => home[key])
    .find((found) => found !== undefined)
}

/** @throws DustpanError `DUSTPAN_NO_SCOPE` */
export function requireInstance(call: string): Instance {
  const found = findInstance()
  if (found) return found
  throw new DustpanError('DUSTPAN_NO_SCOPE', `${call} was called outside a test, file or run.`, {
    hint: 'Call it in a test or a hook, under a test runner that has Dustpan in its configuration; for Vitest that is plugins: [dustpan()].',
  })
}

export function publishInstance(instance: Instance): Disposable {
  for (const home of homes())
    Object.defineProperty(home, key, { value: instance, configurable: true, enumerable: false })
  return {
    [Symbol.dispose]() {
      for (const home of homes()) if (home[key] === instance) delete home[key]
    },
  }
}
