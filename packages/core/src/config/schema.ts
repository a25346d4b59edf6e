/** The configuration schema. Loaded only if there is a configuration: zod costs 30 ms. */
import { z } from 'zod'
import { lifetimes } from '../resource/resource.ts'
import { strategies, whens } from './cleanup-options.ts'
import { type Environment, environments } from './config.ts'
import { defaults } from './defaults.ts'
import { longestAgeMs, milliseconds } from './duration.ts'
import { builtInUses } from './http.ts'
import { isHostPattern } from './same-everywhere.ts'

const duration = z.custom<string | number>((value) => milliseconds(value) !== undefined, {
  error: "expected a duration such as '24h', '30s', '500ms', or a number of milliseconds",
})
const fn = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'expected a function',
})

/** An object with these options and no others. */
function options<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = `no such option, expected one of ${Object.keys(shape).join(', ')}`
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

const alerts = options({
  to: z.array(hook).default([]),
  onFailure: z.boolean().default(true),
  orphans: options({ moreThan: z.number().int().min(0).default(0), olderThan: duration.default(0) }).optional(),
  fail: z.boolean().default(false),
})

const backup = options({
  types: z.array(z.string().min(1)).optional(),
  omit: z
    .array(z.string().regex(/^.+\..+$/s, { error: "expected a column with its type: 'users.password'" }))
    .default([]),
})

const cleanup = options({
  strategy: z.enum(strategies).default(defaults.cleanup.strategy),
  onSuccess: z.boolean().default(defaults.cleanup.onSuccess),
  onFailure: z.boolean().default(defaults.cleanup.onFailure),
  delay: duration.default(defaults.cleanup.delay),
  when: z.enum(whens).default(defaults.cleanup.when),
  autoCleanup: z.boolean().default(defaults.cleanup.autoCleanup),
  keepFor: duration.default(defaults.cleanup.keepFor),
  maxAge: duration
    .refine((value) => (milliseconds(value) ?? 0) <= longestAgeMs, { error: 'expected at most 24h' })
    .default(defaults.cleanup.maxAge),
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
  interruptTimeout: duration.default(defaults.cleanup.interruptTimeout),
  cascade: z.boolean().default(defaults.cleanup.cascade),
  verify: z.enum(['auto', 'read-back', 'none']).default(defaults.cleanup.verify),
  atomic: z.boolean().default(defaults.cleanup.atomic),
  backup: z
    .union([z.boolean(), backup], { error: 'expected true, false, or { types, omit }' })
    .default(defaults.cleanup.backup),
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

const column = z.string().min(1).optional()
const metadataColumns = options({ run: column, createdByTest: column, createdAt: column })

const profile = options({
  remove: z.boolean().optional(),
  deletion: z.enum(['configured', 'hard', 'soft', 'soft-only']).optional(),
  database: z.boolean().optional(),
  byPredicate: z.enum(['never', 'confirmed', 'automatic']).optional(),
  reset: z.boolean().optional(),
  limit: z.number().int().min(0).optional(),
})

const profiles = Object.fromEntries(environments.map((name) => [name, profile.optional()])) as Record<
  Environment,
  z.ZodOptional<typeof profile>
>

const protect = options({
  types: z.array(z.string().min(1)).default(defaults.protect.types),
  ids: z
    .record(z.string(), z.array(z.union([z.string(), z.number()], { error: 'expected an id: a text or a number' })))
    .default(defaults.protect.ids),
  olderThan: duration.optional(),
  youngerThan: duration.default(defaults.protect.youngerThan),
  atMost: z.number().int().min(0).optional(),
})

const access = options({
  url: z.url({ protocol: /^https?$/, error: 'expected a URL with http or https' }),
  key: z.string().min(1, { error: 'expected a key that is not empty' }).optional(),
  scope: z.string().min(1).default('ephemeral'),
  maxAge: duration.default('1h'),
})

const ids = z.union([z.string().min(1), z.number()], { error: 'expected an id: a text or a number' })
const tag = z.string().min(1)
const atStart = options({
  leftovers: z.boolean().default(false),
  reset: z
    .union([z.boolean(), z.array(z.string().min(1)).min(1)], { error: 'expected true, false or a list of kinds' })
    .default(false),
  owner: z.union([ids, z.array(ids)], { error: 'expected an id or a list of ids' }).default([]),
  tag: z.union([tag, z.array(tag)], { error: 'expected a tag or a list of tags' }).default([]),
})

const schedule = options({
  cron: z.string().regex(/^\s*\S+(\s+\S+){4,5}\s*$/, { error: "expected five fields of cron, such as '0 3 * * *'" }),
  timezone: z.string().refine(isTimezone, { error: "expected a time zone such as 'Europe/Berlin'" }).default('UTC'),
  olderThan: duration.default(0),
})

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

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
    columns: z
      .union([z.enum(['auto']), z.literal(false), metadataColumns], {
        error: "expected 'auto', false, or names of columns: run, createdByTest, createdAt",
      })
      .default('auto'),
    marks: z.record(z.string(), z.json()).default(defaults.metadata.marks),
    cookie: z.boolean().default(defaults.metadata.cookie),
  }).prefault({}),
  profiles: options(profiles).default(defaults.profiles),
  protect: protect.prefault({}),
  access: access.optional(),
  atStart: atStart.optional(),
  schedule: z.array(schedule).default(defaults.schedule),
  alerts: alerts.optional(),
  reaper: z.boolean().default(defaults.reaper),
  ledger: options({ use: z.string().min(1), options: z.record(z.string(), z.unknown()).default({}) }).optional(),
  shadow: z.boolean().optional(),
  prepare: z.string().min(1).optional(),
  allow: z.array(z.string().min(1)).default(defaults.allow),
  sameEverywhere: z
    .array(
      z.string().refine(isHostPattern, {
        error:
          "expected a host such as 'shop.internal', '10.0.0.7' or '*.internal', and none that each machine has for itself",
      }),
    )
    .default(defaults.sameEverywhere),
  cleaners: z.record(z.string(), fn).default(defaults.cleaners),
  drivers: z.array(driver).default(defaults.drivers),
  sourceLines: z.boolean().default(defaults.sourceLines),
})

export type CheckedConfig = z.output<typeof configSchema>
