/** For those who write a driver: the contracts, errors, and the clock. */
export { clock } from './clock/clock.ts'
export type { Code } from './errors/codes.ts'
export { DustpanError, invalidArgument, isDustpanError, messageOf } from './errors/dustpan-error.ts'
export { removeFilesOfRows, unfitForFiles } from './files/files-of-rows.ts'
export { allGone, rolledBack } from './resource/all-or-none.ts'
export type {
  ApplicationLog,
  ApplicationLogPlan,
  ApplicationLogStatus,
  CollectedSet,
  CollectRequest,
  LoggedTable,
} from './resource/application.ts'
export {
  type AskableKind,
  askKind,
  kindsNamed,
  type NamedKind,
  sparedIds,
  type UnfitKind,
  unfitKind,
} from './resource/ask-kind.ts'
export type {
  CaptureSink,
  CaptureTransaction,
  CreatedSet,
  CreatedShape,
  Instrument,
  KnownResource,
  PendingCreate,
  RowMarker,
  StoreSeen,
} from './resource/capture.ts'
export { wrongKinds } from './resource/check-kinds.ts'
export { type DeletionMode, deletionWithin, onlyMarked, onlyMarks } from './resource/deletion.ts'
export type {
  Capabilities,
  ConfigFunctions,
  ConnectContext,
  CreateDriver,
  Dependent,
  Driver,
  DriverConfig,
  DriverContext,
  RelateContext,
  Relations,
  RemovalContext,
  RemovalOutcome,
  StoreConnection,
  Target,
} from './resource/driver.ts'
export {
  type ColumnsOfKind,
  type Condition,
  conditionsOf,
  type KindOptions,
  type OwnerColumn,
  type OwnersOptions,
} from './resource/kinds.ts'
export { filesWithRows, matchedOf, moreThanAgreed } from './resource/matched.ts'
export type { MetadataColumns, MetadataMigration, TableMigration } from './resource/metadata-columns.ts'
export { isMigrationTable } from './resource/migration-tables.ts'
export {
  type Agreed,
  defaultTag,
  type Matched,
  type Matches,
  type Predicate,
  type Selection,
  type Spared,
} from './resource/predicate.ts'
export type { Profile } from './resource/profile.ts'
export type {
  Intent,
  Json,
  Proof,
  Removal,
  RemovalStep,
  ResourceId,
  ResourceSet,
  StoreRef,
} from './resource/resource.ts'
export { namesKind } from './resource/same-kind.ts'
