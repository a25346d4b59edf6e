/** The public API: configuration, and the functions that tests call. */
import './errors/node-version.ts'

export type { Alert, AlertHook, AlertOptions } from './config/alerts.ts'
export type { CleanupHook, CleanupOptions, CleanupSummary, PolicyOverride } from './config/cleanup-options.ts'
export type {
  AccessOptions,
  DustpanConfig,
  MetadataOptions,
  PrepareContext,
  ProtectOptions,
  ScheduleEntry,
} from './config/config.ts'
export { defineConfig } from './config/config.ts'
export { env } from './config/env.ts'
export { http } from './config/http.ts'
export type { Code } from './errors/codes.ts'
export { DustpanError, isDustpanError } from './errors/dustpan-error.ts'
export type { PredicateOutcome } from './predicate/outcome.ts'
export type { PredicatePlan } from './predicate/plan.ts'
export type { RemoveWhereOptions } from './predicate/remove-where.ts'
export { removeWhere } from './predicate/remove-where-facade.ts'
export type { CleanupReport, ReportedResource, ReportedScope } from './report/model.ts'
export type { Cleaner, DriverConfig } from './resource/driver.ts'
export type { HttpOptions, HttpRule } from './resource/http-options.ts'
export type { Profile } from './resource/profile.ts'
export { scope, temporaryFolder, track } from './tracking/facade.ts'
export type { TestScope } from './tracking/test-scope.ts'
export type { Tracked } from './tracking/track.ts'
export type { TrackInput } from './tracking/track-input.ts'
