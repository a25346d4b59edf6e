/** Everything that watches what tests create. */
import { startHttpCapture } from '../http/capture.ts'
import type { CaptureSink } from '../resource/capture.ts'
import type { HttpOptions } from '../resource/http-options.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { watchModules } from './module-watch.ts'

export function startCapture({ settings, drivers }: Tracking, sink: CaptureSink, moduleHooks: boolean): Disposable {
  if (settings.disabled) return { [Symbol.dispose]() {} }
  const instruments = [...drivers.values()].flatMap((driver) => driver.instruments ?? [])
  const http = settings.drivers
    .filter(({ use }) => use === 'http')
    .map(({ name, options }) => ({ name, options: options as HttpOptions }))
  const parts = [startHttpCapture(sink, http), ...(moduleHooks ? [watchModules(instruments, sink)] : [])]
  return {
    [Symbol.dispose]() {
      for (const part of parts) part[Symbol.dispose]()
    },
  }
}
