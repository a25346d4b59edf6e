/** The configuration, checked, with every default filled in: plain data that goes to the workers. */
import type { DriverConfig } from '../resource/driver.ts'
import type { Profile } from '../resource/profile.ts'
import type { Lifetime } from '../resource/resource.ts'
import type { CleanupHook, Environment, Strategy } from './config.ts'

export interface CleanupSettings {
  readonly strategy: Strategy
  readonly onSuccess: boolean
  readonly onFailure: boolean
  readonly autoCleanup: boolean
  readonly keepForMs: number
  readonly order: 'reverse' | 'forward' | readonly string[]
  readonly attempts: number
  readonly retryDelayMs: number
  readonly timeoutMs: number
  readonly cascade: boolean
  readonly verify: 'auto' | 'read-back' | 'none'
  readonly onCleanupFailure: 'warn' | 'fail'
  readonly hooks: readonly CleanupHook[]
}

export interface Settings {
  /** The configuration file's folder, else the working directory. */
  readonly root: string
  /** The configuration file, when there is one. */
  readonly file?: string
  /** Where the ledger is. */
  readonly dir: string
  readonly environment: Environment
  /** What the environment was called, when that is not a known name. */
  readonly environmentName: string
  /** What that environment allows. */
  readonly profile: Profile
  readonly cleanup: CleanupSettings
  /** `DUSTPAN_KEEP` */
  readonly keep?: 'failed' | 'all' | 'none'
  readonly disabled: boolean
  readonly lifetime: Lifetime
  readonly metadata: { readonly headers: boolean; readonly headerPrefix: string; readonly createdBy: string }
  readonly allow: readonly string[]
  /** Names of the configuration's cleaners. */
  readonly cleaners: readonly string[]
  readonly drivers: readonly DriverConfig[]
  readonly sourceLines: boolean
}
