/** The two drivers that are built in: as configuration, plain data like any other. */
import type { DriverConfig } from '../resource/driver.ts'
import type { HttpOptions } from '../resource/http-options.ts'

/** Tracks what requests create. Without options: loopback origins, and the default rules. */
export function http({ name = 'http', ...options }: HttpOptions & { name?: string } = {}): DriverConfig {
  return { use: 'http', name, options }
}

export const builtInUses = ['http', 'files', 'cleaners'] as const

/** The configuration's drivers, and the built-in ones that it does not name. */
export function builtInDrivers(configured: readonly DriverConfig[]): readonly DriverConfig[] {
  const missing = builtInUses.filter((use) => !configured.some((driver) => driver.use === use))
  return [...configured, ...missing.map((use) => ({ use, name: use, options: {} }))]
}
