/** Everything that watches what tests create. */
import { type HttpCapture, startHttpCapture } from '../http-capture/capture.ts'
import type { CaptureSink, Instrument } from '../resource/capture.ts'
import type { HttpOptions } from '../resource/http-options.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { watchModules } from './module-watch.ts'

export interface Capture extends Disposable {
  /** Undefined when nothing is tracked. */
  readonly http: HttpCapture | undefined
  /** The modules that drivers want to see. */
  readonly clients: readonly string[]
  /** A loaded module, for whoever knows it by its shape. Disposed, it is left as it was. */
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
