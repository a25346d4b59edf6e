/** Turns a validated configuration into settings. */
import { join, resolve } from 'node:path'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Profile } from '../resource/profile.ts'
import { environmentOf } from './config.ts'
import { milliseconds } from './duration.ts'
import { builtInDrivers } from './http.ts'
import { profiles } from './profiles.ts'
import type { CheckedConfig } from './schema.ts'
import type { Settings } from './settings.ts'

export interface ConfigSource {
  /** The configuration file; undefined if there is none. */
  file?: string
  root: string
  environment: NodeJS.ProcessEnv
}

/** Node fires a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` when one of Dustpan's own environment variables is invalid */
export function settingsOf(config: CheckedConfig, { file, root, environment }: ConfigSource): Settings {
  const { retry, delay, keepFor, maxAge, timeout, interruptTimeout, backup, ...cleanup } = config.cleanup
  const environmentName = environment.DUSTPAN_ENVIRONMENT || config.environment
  const known = environmentOf(environmentName)
  const profile = { ...profiles[known], ...(config.profiles[known] as Partial<Profile> | undefined) }
  return {
    root,
    ...(file === undefined ? {} : { file }),
    dir: environment.DUSTPAN_DIR ? resolve(environment.DUSTPAN_DIR) : join(root, '.dustpan'),
    environment: known,
    environmentName,
    profile,
    protect: protectOf(config.protect),
    ...accessOf(config),
    ...atStartOf(config),
    ...alertsOf(config),
    schedule: config.schedule.map(scheduleOf),
    reaper: config.reaper && environment.DUSTPAN_REAPER !== '0',
    ...ledgerOf(config),
    shadow: readFlag('DUSTPAN_SHADOW', environment) ?? config.shadow ?? (known === 'production' && !profile.remove),
    ...(config.prepare === undefined ? {} : { prepare: resolve(root, config.prepare) }),
    cleanup: {
      ...cleanup,
      ...backupOf(backup),
      hooks: cleanup.hooks as readonly unknown[] as Settings['cleanup']['hooks'],
      delayMs: ms(delay),
      keepForMs: ms(keepFor),
      maxAgeMs: ms(maxAge),
      attempts: retry.attempts,
      retryDelayMs: ms(retry.delay),
      timeoutMs: ms(timeout),
      interruptTimeoutMs: Math.min(ms(interruptTimeout), longestTimerMs),
    },
    ...keepOf(environment.DUSTPAN_KEEP),
    disabled: readFlag('DUSTPAN_DISABLED', environment) ?? false,
    lifetime: config.lifetime,
    metadata: { ...config.metadata, columns: columnsOf(config.metadata.columns) },
    allow: config.allow,
    sameEverywhere: config.sameEverywhere,
    cleaners: Object.keys(config.cleaners),
    drivers: builtInDrivers(config.drivers),
    sourceLines: config.sourceLines,
  }
}

function scheduleOf(
  { cron, timezone, olderThan }: CheckedConfig['schedule'][number],
  i: number,
): Settings['schedule'][number] {
  return { name: `schedule.${i}`, cron, timezone, olderThanMs: ms(olderThan) }
}

function backupOf(backup: CheckedConfig['cleanup']['backup']): Pick<Settings['cleanup'], 'backup'> {
  if (backup === false) return {}
  if (backup === true) return { backup: { omit: [] } }
  const { types, omit } = backup
  return { backup: { omit, ...(types === undefined ? {} : { types }) } }
}

function atStartOf({ atStart }: CheckedConfig): Pick<Settings, 'atStart'> {
  if (!atStart) return {}
  const { owner, tag, ...others } = atStart
  return { atStart: { ...others, owners: [owner].flat(), tags: [tag].flat() } }
}

function alertsOf({ alerts }: CheckedConfig): Pick<Settings, 'alerts'> {
  if (!alerts) return {}
  const { orphans, to, ...others } = alerts
  const limit = orphans && { moreThan: orphans.moreThan, olderThanMs: ms(orphans.olderThan) }
  const recipients = to as readonly unknown[] as NonNullable<Settings['alerts']>['to']
  return { alerts: { ...others, to: recipients, ...(limit ? { orphans: limit } : {}) } }
}

/** An empty URL means that this machine has no shared ledger: `env('DUSTPAN_LEDGER_URL', '')`. */
function ledgerOf({ ledger }: CheckedConfig): Pick<Settings, 'ledger'> {
  return ledger === undefined || ledger.options.url === '' ? {} : { ledger }
}

function columnsOf(columns: CheckedConfig['metadata']['columns']): Settings['metadata']['columns'] {
  if (columns === false) return false
  const { run, createdByTest, createdAt } = columns === 'auto' ? {} : columns
  return {
    run: run ?? 'test_run_id',
    createdByTest: createdByTest ?? 'created_by_test',
    createdAt: createdAt ?? 'test_created_at',
  }
}

const ms = (duration: string | number): number => milliseconds(duration) as number

function protectOf({ types, ids, olderThan, youngerThan, atMost }: CheckedConfig['protect']): Settings['protect'] {
  return {
    types,
    ids,
    youngerThanMs: ms(youngerThan),
    ...(olderThan === undefined ? {} : { olderThanMs: ms(olderThan) }),
    ...(atMost === undefined ? {} : { atMost }),
  }
}

function accessOf({ access }: CheckedConfig): Pick<Settings, 'access'> {
  if (!access) return {}
  const { url, key, scope, maxAge } = access
  return { access: { url, scope, maxAgeMs: ms(maxAge), ...(key === undefined ? {} : { key }) } }
}

/** The value of a variable; undefined if it is unset or empty. */
function readFlag(name: 'DUSTPAN_SHADOW' | 'DUSTPAN_DISABLED', environment: NodeJS.ProcessEnv): boolean | undefined {
  const value = environment[name]
  if (value === undefined || value === '') return undefined
  if (value === '1' || value === '0') return value === '1'
  throw new DustpanError('DUSTPAN_CONFIG_INVALID', `${name} is ${JSON.stringify(value)}; expected 1 or 0.`, {
    hint: 'Set it to one of these, or unset it.',
  })
}

function keepOf(keep: string | undefined): Pick<Settings, 'keep'> {
  if (keep === undefined || keep === '') return {}
  if (keep === 'failed' || keep === 'all' || keep === 'none') return { keep }
  throw new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `DUSTPAN_KEEP is ${JSON.stringify(keep)}; expected failed, all or none.`,
    {
      hint: 'Set it to one of these, or unset it.',
    },
  )
}
