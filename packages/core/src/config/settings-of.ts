/** From a checked configuration to settings. */
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
  /** The file, or undefined when there is none. */
  file?: string
  root: string
  environment: NodeJS.ProcessEnv
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` for a variable of Dustpan's own. */
export function settingsOf(config: CheckedConfig, { file, root, environment }: ConfigSource): Settings {
  const { retry, keepFor, maxAge, timeout, ...cleanup } = config.cleanup
  const environmentName = environment.DUSTPAN_ENVIRONMENT || config.environment
  const known = environmentOf(environmentName)
  return {
    root,
    ...(file === undefined ? {} : { file }),
    dir: environment.DUSTPAN_DIR ? resolve(environment.DUSTPAN_DIR) : join(root, '.dustpan'),
    environment: known,
    environmentName,
    profile: { ...profiles[known], ...(config.profiles[known] as Partial<Profile> | undefined) },
    protect: protectOf(config.protect),
    ...accessOf(config),
    ...atStartOf(config),
    cleanup: {
      ...cleanup,
      hooks: cleanup.hooks as readonly unknown[] as Settings['cleanup']['hooks'],
      keepForMs: ms(keepFor),
      maxAgeMs: ms(maxAge),
      attempts: retry.attempts,
      retryDelayMs: ms(retry.delay),
      timeoutMs: ms(timeout),
    },
    ...keepOf(environment.DUSTPAN_KEEP),
    disabled: environment.DUSTPAN_DISABLED === '1',
    lifetime: config.lifetime,
    metadata: { ...config.metadata, columns: columnsOf(config.metadata.columns) },
    allow: config.allow,
    cleaners: Object.keys(config.cleaners),
    drivers: builtInDrivers(config.drivers),
    sourceLines: config.sourceLines,
  }
}

function atStartOf({ atStart }: CheckedConfig): Pick<Settings, 'atStart'> {
  if (!atStart) return {}
  const { owner, tag, ...others } = atStart
  return { atStart: { ...others, owners: [owner].flat(), tags: [tag].flat() } }
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

function protectOf({ types, ids, olderThan, atMost }: CheckedConfig['protect']): Settings['protect'] {
  return {
    types,
    ids,
    ...(olderThan === undefined ? {} : { olderThanMs: ms(olderThan) }),
    ...(atMost === undefined ? {} : { atMost }),
  }
}

function accessOf({ access }: CheckedConfig): Pick<Settings, 'access'> {
  if (!access) return {}
  const { url, key, scope, maxAge } = access
  return { access: { url, scope, maxAgeMs: ms(maxAge), ...(key === undefined ? {} : { key }) } }
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
