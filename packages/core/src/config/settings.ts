/** The validated configuration with all defaults filled in: plain data, sent to the workers. */
import type { DriverConfig } from '../resource/driver.ts'
import type { LedgerConfig } from '../resource/ledger-config.ts'
import type { MetadataColumns } from '../resource/metadata-columns.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json, Lifetime } from '../resource/resource.ts'
import type { AlertSettings } from './alerts.ts'
import type { CleanupHook, Strategy, When } from './cleanup-options.ts'
import type { Environment } from './config.ts'

export interface CleanupSettings {
  readonly strategy: Strategy
  readonly onSuccess: boolean
  readonly onFailure: boolean
  readonly delayMs: number
  readonly when: When
  readonly autoCleanup: boolean
  readonly keepForMs: number
  readonly maxAgeMs: number
  readonly order: 'reverse' | 'forward' | readonly string[]
  readonly attempts: number
  readonly retryDelayMs: number
  readonly timeoutMs: number
  readonly interruptTimeoutMs: number
  readonly cascade: boolean
  readonly verify: 'auto' | 'read-back' | 'none'
  readonly atomic: boolean
  /** Undefined: no backups. */
  readonly backup?: BackupSettings
  readonly onCleanupFailure: 'warn' | 'fail'
  readonly hooks: readonly CleanupHook[]
}

export interface BackupSettings {
  readonly types?: readonly string[]
  readonly omit: readonly string[]
}

export interface ProtectSettings {
  readonly types: readonly string[]
  readonly ids: { readonly [type: string]: readonly (string | number)[] }
  readonly olderThanMs?: number
  readonly youngerThanMs: number
  readonly atMost?: number
}

export interface AccessSettings {
  readonly url: string
  readonly key?: string
  readonly scope: string
  readonly maxAgeMs: number
}

export interface AtStartSettings {
  readonly leftovers: boolean
  readonly reset: boolean | readonly string[]
  readonly owners: readonly (string | number)[]
  readonly tags: readonly string[]
}

export interface ScheduleSettings {
  /** Unique within the configuration. */
  readonly name: string
  readonly cron: string
  readonly timezone: string
  readonly olderThanMs: number
}

export interface Settings {
  /** The folder of the configuration file, or the working directory. */
  readonly root: string
  /** The configuration file, if there is one. */
  readonly file?: string
  /** Where the ledger is. */
  readonly dir: string
  readonly environment: Environment
  /** The name as given; it differs from `environment` if it is not a known name. */
  readonly environmentName: string
  /** What the environment allows. */
  readonly profile: Profile
  readonly protect: ProtectSettings
  /** Only in the process that begins the run: it holds a secret. */
  readonly access?: AccessSettings
  readonly atStart?: AtStartSettings
  readonly schedule: readonly ScheduleSettings[]
  /** Only in the process that begins the run: a webhook's address may be a secret. */
  readonly alerts?: AlertSettings
  readonly reaper: boolean
  /** The shared ledger. */
  readonly ledger?: LedgerConfig
  /** Shadow mode: report what would be removed, remove nothing. */
  readonly shadow: boolean
  /** The module that `dustpan ci prepare` runs. */
  readonly prepare?: string
  readonly cleanup: CleanupSettings
  /** `DUSTPAN_KEEP` */
  readonly keep?: 'failed' | 'all' | 'none'
  readonly disabled: boolean
  readonly lifetime: Lifetime
  readonly metadata: {
    readonly marks: { readonly [field: string]: Json }
    readonly headers: boolean
    readonly headerPrefix: string
    readonly cookie: boolean
    readonly createdBy: string
    readonly columns: MetadataColumns | false
  }
  readonly allow: readonly string[]
  readonly sameEverywhere: readonly string[]
  /** Names of the configuration's cleaners. */
  readonly cleaners: readonly string[]
  readonly drivers: readonly DriverConfig[]
  readonly sourceLines: boolean
}
