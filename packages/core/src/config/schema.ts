/** What a configuration must look like. Loaded only where there is one: zod costs 30 ms. */
import { z } from 'zod'
import { lifetimes } from '../resource/resource.ts'
import { environments, strategies } from './config.ts'
import { defaults } from './defaults.ts'
import { milliseconds } from './duration.ts'
import { builtInUses } from './http.ts'

const duration = z.custom<string | number>((value) => milliseconds(value) !== undefined, {
  error: "expected a duration such as '24h', '30s', '500ms', or a number of milliseconds",
})
const fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'expected a function',
})

/** An object that has these options and no others. */
function options<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = `expected one of ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : undefined) })
}

const hook = options({
  name: z.string().min(1),
  url: z.url({ protocol: /^https?$/, error: 'expected a URL with http or https' }).optional(),
  method: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  run: fn.optional(),
}).refine((value) => (value.url === undefined) !== (value.run === undefined), { error: 'expected either url or run' })

const cleanup = options({
  strategy: z.enum(strategies).default(defaults.cleanup.strategy),
  onSuccess: z.boolean().default(defaults.cleanup.onSuccess),
  onFailure: z.boolean().default(defaults.cleanup.onFailure),
  autoCleanup: z.boolean().default(defaults.cleanup.autoCleanup),
  keepFor: duration.default(defaults.cleanup.keepFor),
  order: z
    .union([z.enum(['reverse', 'forward']), z.array(z.string())], {
      error: "expected 'reverse', 'forward' or a list of types",
    })
    .default(defaults.cleanup.order),
  retry: options({
    attempts: z.number().int().min(1).max(20).default(defaults.cleanup.retry.attempts),
    delay: duration.default(defaults.cleanup.retry.delay),
  }).prefault({}),
  timeout: duration.default(defaults.cleanup.timeout),
  cascade: z.boolean().default(defaults.cleanup.cascade),
  verify: z.enum(['auto', 'read-back', 'none']).default(defaults.cleanup.verify),
  onCleanupFailure: z.enum(['warn', 'fail']).default(defaults.cleanup.onCleanupFailure),
  hooks: z.array(hook).default(defaults.cleanup.hooks),
})

const driver = options({
  use: z.string().min(1),
  name: z.string().regex(/^[\w.-]+$/, { error: 'expected letters, digits, ".", "_" and "-"' }),
  options: z.record(z.string(), z.unknown()).default({}),
}).refine(({ use, name }) => use === name || !(builtInUses as readonly string[]).includes(name), {
  error: `expected a name other than ${builtInUses.join(', ')}, which are taken by the built-in drivers`,
  path: ['name'],
})

const profile = options({
  remove: z.boolean().optional(),
  deletion: z.enum(['configured', 'hard', 'soft', 'soft-only']).optional(),
  database: z.boolean().optional(),
  byPredicate: z.enum(['never', 'confirmed', 'automatic']).optional(),
  reset: z.boolean().optional(),
  limit: z.number().int().min(0).optional(),
})

export const configSchema = options({
  environment: z.string().min(1).default(defaults.environment),
  cleanup: cleanup.prefault({}),
  lifetime: z.enum(lifetimes).default(defaults.lifetime),
  metadata: options({
    headers: z.boolean().default(defaults.metadata.headers),
    headerPrefix: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: 'expected the beginning of a header name, such as "X-Test-"' })
      .default(defaults.metadata.headerPrefix),
    createdBy: z.string().min(1).default(defaults.metadata.createdBy),
  }).prefault({}),
  profiles: z.partialRecord(z.enum(environments), profile).default(defaults.profiles),
  allow: z.array(z.string().min(1)).default(defaults.allow),
  cleaners: z.record(z.string(), fn).default(defaults.cleaners),
  drivers: z.array(driver).default(defaults.drivers),
  sourceLines: z.boolean().default(defaults.sourceLines),
})

export type CheckedConfig = z.output<typeof configSchema>
