/** Configuration of the built-in drivers: plain data, as for any other driver. */
import type { DriverConfig } from '../resource/driver.ts'
import type { HttpOptions } from '../resource/http-options.ts'

/** Tracks resources that requests create. Without options: loopback origins, and the default rules. */
export function http({ name = 'http', ...options }: HttpOptions & { name?: string } = {}): DriverConfig {
  return { use: 'http', name, options }
}

export const builtInUses = ['http', 'files', 'cleaners'] as const

/** The configured drivers, and the built-in ones that are not among them. */
export function builtInDrivers(configured: readonly DriverConfig[]): readonly DriverConfig[] {
  const missing = builtInUses.filter((use) => !configured.some((driver) => driver.use === use))
  return [...configured, ...missing.map((use) => ({ use, name: use, options: {} }))]
}
