/** Starts capturing what tests create: HTTP and client libraries. */
import { type HttpCapture, startHttpCapture } from '../http-capture/capture.ts'
import type { CaptureSink, Instrument } from '../resource/capture.ts'
import type { HttpOptions } from '../resource/http-options.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { watchModules } from './module-watch.ts'

export interface Capture extends Disposable {
  /** Undefined if tracking is disabled. */
  readonly http: HttpCapture | undefined
  /** The names of modules that drivers instrument. */
  readonly clients: readonly string[]
  /** Instruments a loaded module if a driver recognises it. Disposing restores the module. */
  deliver(exports: unknown): Disposable
}

export function startCapture({ settings, drivers }: Tracking, sink: CaptureSink, moduleHooks: boolean): Capture {
  const instruments = settings.disabled ? [] : [...drivers.values()].flatMap((driver) => driver.instruments ?? [])
  const http = settings.disabled ? undefined : startHttpCapture(sink, httpInstances(settings))
  const parts = new Set<Disposable>(http ? [http] : [])
  if (!settings.disabled && moduleHooks) parts.add(watchModules(instruments, sink))
  return {
    http,
    clients: [...new Set(instruments.map(({ module }) => module))],
    deliver(exports) {
      const installed = instruments.flatMap((instrument) => install(instrument, exports, sink))
      for (const part of installed) parts.add(part)
      return { [Symbol.dispose]: () => disposeOf(parts, installed) }
    },
    [Symbol.dispose]: () => disposeOf(parts, [...parts]),
  }
}

function disposeOf(parts: Set<Disposable>, some: readonly Disposable[]): void {
  for (const part of some) if (parts.delete(part)) part[Symbol.dispose]()
}

const httpInstances = ({ drivers, profile: { deletion } }: Tracking['settings']) =>
  drivers
    .filter(({ use }) => use === 'http')
    .map(({ name, options }) => ({ name, options: options as HttpOptions, deletion }))

const install = (instrument: Instrument, exports: unknown, sink: CaptureSink): Disposable[] =>
  instrument.accepts(exports) ? [instrument.install(exports, sink)] : []
