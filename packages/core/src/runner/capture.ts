/** Everything that watches what tests create. */
import { startHttpCapture } from '../http/capture.ts'
import type { CaptureSink, Instrument } from '../resource/capture.ts'
import type { HttpOptions } from '../resource/http-options.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { watchModules } from './module-watch.ts'

export interface Capture extends Disposable {
  /** The modules that drivers want to see. */
  readonly clients: readonly string[]
  /** A loaded module, for whoever knows it by its shape. */
  deliver(exports: unknown): void
}

export function startCapture({ settings, drivers }: Tracking, sink: CaptureSink, moduleHooks: boolean): Capture {
  const instruments = settings.disabled ? [] : [...drivers.values()].flatMap((driver) => driver.instruments ?? [])
  const parts: Disposable[] = []
  if (!settings.disabled) parts.push(startHttpCapture(sink, httpInstances(settings)))
  if (!settings.disabled && moduleHooks) parts.push(watchModules(instruments, sink))
  return {
    clients: [...new Set(instruments.map(({ module }) => module))],
    deliver(exports) {
      for (const instrument of instruments) parts.push(...install(instrument, exports, sink))
    },
    [Symbol.dispose]() {
      for (const part of parts) part[Symbol.dispose]()
    },
  }
}

const httpInstances = ({ drivers }: Tracking['settings']) =>
  drivers.filter(({ use }) => use === 'http').map(({ name, options }) => ({ name, options: options as HttpOptions }))

const install = (instrument: Instrument, exports: unknown, sink: CaptureSink): Disposable[] =>
  instrument.accepts(exports) ? [instrument.install(exports, sink)] : []
